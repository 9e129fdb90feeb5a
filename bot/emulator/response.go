package emulator

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// maxResponses is how often one response_url works.
const maxResponses = 5

// responseURLs are the addresses that interactions carry for answers.
type responseURLs struct {
	life time.Duration

	mu   sync.Mutex
	base string // the address that the app used last
	byID map[string]*responseURL
}

type responseURL struct {
	user, channel string
	thread        string
	ts            string // of the message that was clicked on, "" for a command
	ephemeral     bool   // that message is ephemeral
	made          time.Time
	uses          int
}

// issue makes an address for answers to one interaction.
func (u *responseURLs) issue(r responseURL) string {
	r.made = time.Now()
	id := rand.Text()
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.byID) > 1000 {
		for k, old := range u.byID {
			if time.Since(old.made) > 2*u.life {
				delete(u.byID, k)
			}
		}
	}
	u.byID[id] = &r
	return u.base + "/response/" + id
}

// setBase says under which address the app reaches this server.
func (u *responseURLs) setBase(base string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.base = base
}

// take counts one use of an address.
func (u *responseURLs) take(id string) (responseURL, string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := u.byID[id]
	switch {
	case r == nil || time.Since(r.made) > u.life:
		return responseURL{}, "expired_url"
	case r.uses >= maxResponses:
		return responseURL{}, "used_url"
	}
	r.uses++
	return *r, ""
}

func (s *API) serveResponse(w http.ResponseWriter, r *http.Request) {
	a, err := readArgs(r)
	done := s.calls.begin("response_url", a)
	f := s.fault.take("response_url")
	if !f.before(s.ws.work.ctx) {
		done("cut")
		panic(http.ErrAbortHandler)
	}
	word, status := "", http.StatusOK
	switch {
	case f.refuses():
		word, status = f.word(), f.status()
	case err != nil:
		word, status = "invalid_payload", http.StatusBadRequest
	default:
		u, gone := s.ws.urls.take(r.PathValue("id"))
		if word = gone; gone != "" {
			status = http.StatusNotFound
		} else if ref := s.respond(u, a); ref != nil {
			word, status = ref.word, http.StatusOK
		}
	}
	done(word)
	f.write(w, status, jsonvalue.Encode(answerBody(word)))
}

func answerBody(word string) obj {
	if word == "" {
		return obj{"ok": true}
	}
	return obj{"ok": false, "error": word}
}

// respond does what an answer to an interaction asks for.
func (s *API) respond(u responseURL, a args) *refusal {
	if a.bool("delete_original") {
		return s.original(u, nil)
	}
	d, ref := s.readDraft(a, maxPost)
	if ref != nil {
		return ref
	}
	if d.empty() {
		return refuse("no_text")
	}
	if a.bool("replace_original") && u.ts != "" {
		return s.original(u, d)
	}
	if d.thread == "" {
		d.thread = u.thread
	}
	w := s.ws
	w.Lock()
	defer w.Unlock()
	ch := w.channel(u.channel)
	if ch == nil {
		return refuse("channel_not_found")
	}
	s.say(ch, u.user, d, a.str("response_type"))
	return nil
}

// say posts an answer where everybody sees it, or only the person. The caller holds the workspace's lock.
func (s *API) say(ch *channel, userID string, d *draft, kind string) {
	m := s.message(d)
	if kind == "in_channel" {
		s.ws.events.tellApp(ch, s.ws.add(ch, m, false))
		return
	}
	m.Metadata = nil
	s.ws.whisper(ch, userID, m)
}

// original replaces the message that was clicked on, or takes it away.
func (s *API) original(u responseURL, d *draft) *refusal {
	w := s.ws
	w.Lock()
	defer w.Unlock()
	ch := w.channel(u.channel)
	if ch == nil || u.ts == "" {
		return refuse("message_not_found")
	}
	edit := func(m *Message) {
		next := s.message(d)
		m.Text, m.Blocks, m.Attachments = next.Text, next.Blocks, next.Attachments
	}
	if u.ephemeral {
		if d == nil {
			edit = nil
		}
		if !w.editWhisper(u.user, u.ts, edit) {
			return refuse("message_not_found")
		}
		return nil
	}
	m := ch.message(u.ts)
	switch {
	case m == nil:
		return refuse("message_not_found")
	case d == nil:
		w.remove(ch, m)
		s.ws.events.tellDeleted(ch, m)
	default:
		s.ws.events.tellChanged(ch, m, w.change(ch, m, edit))
	}
	return nil
}
