package webapi

import (
	"net/http"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

func (s *API) serveResponse(w http.ResponseWriter, r *http.Request) {
	a, err := readArgs(r)
	done := s.calls.begin("response_url", a)
	f := s.fault.Take("response_url")
	if !before(s.ws.Work.Context(), f) {
		done("cut")
		panic(http.ErrAbortHandler)
	}
	word, status := "", http.StatusOK
	switch {
	case refuses(f):
		word, status = faultWord(f), faultStatus(f)
	case err != nil:
		word, status = "invalid_payload", http.StatusBadRequest
	default:
		u, gone := s.ws.Urls.Take(r.PathValue("id"))
		if word = gone; gone != "" {
			status = http.StatusNotFound
		} else if ref := s.respond(u, a); ref != nil {
			word, status = ref.word, http.StatusOK
		}
	}
	done(word)
	send(w, f, status, jsonvalue.Encode(answerBody(word)))
}

func answerBody(word string) obj {
	if word == "" {
		return obj{"ok": true}
	}
	return obj{"ok": false, "error": word}
}

// respond does what an answer to an interaction asks for.
func (s *API) respond(u workspace.ResponseURL, a Args) *refusal {
	if a.bool("delete_original") {
		return s.original(u, nil)
	}
	d, ref := s.ReadDraft(a, MaxPost)
	if ref != nil {
		return ref
	}
	if d.Empty() {
		return refuse("no_text")
	}
	if a.bool("replace_original") && u.TS != "" {
		return s.original(u, d)
	}
	if d.Thread == "" {
		d.Thread = u.Thread
	}
	w := s.ws
	w.Lock()
	defer w.Unlock()
	ch := w.Channel(u.Channel)
	if ch == nil {
		return refuse("channel_not_found")
	}
	s.Say(ch, u.User, d, a.Str("response_type"))
	return nil
}

// Say posts an answer where everybody sees it, or only the person. The caller holds the workspace's lock.
func (s *API) Say(ch *workspace.Conversation, userID string, d *draft, kind string) {
	m := s.message(d)
	if kind == "in_channel" {
		s.ws.Events.TellApp(ch, s.ws.Add(ch, m, false))
		return
	}
	m.Metadata = nil
	s.ws.Whisper(ch, userID, m)
}

// original replaces the message that was clicked on, or takes it away.
func (s *API) original(u workspace.ResponseURL, d *draft) *refusal {
	w := s.ws
	w.Lock()
	defer w.Unlock()
	ch := w.Channel(u.Channel)
	if ch == nil || u.TS == "" {
		return refuse("message_not_found")
	}
	edit := func(m *workspace.Message) {
		next := s.message(d)
		m.Text, m.Blocks, m.Attachments = next.Text, next.Blocks, next.Attachments
	}
	if u.Ephemeral {
		if d == nil {
			edit = nil
		}
		if !w.EditWhisper(u.User, u.TS, edit) {
			return refuse("message_not_found")
		}
		return nil
	}
	m := ch.Message(u.TS)
	switch {
	case m == nil:
		return refuse("message_not_found")
	case d == nil:
		w.Remove(ch, m)
		s.ws.Events.TellDeleted(ch, m)
	default:
		s.ws.Events.TellChanged(ch, m, w.Change(ch, m, edit))
	}
	return nil
}
