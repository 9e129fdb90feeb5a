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
	if !before(s.ws.Background.Context(), f) {
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
		u, gone := s.ws.ResponseURLs.Take(r.PathValue("id"))
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
func (s *API) respond(u workspace.ResponseURL, a Args) *Failure {
	if a.bool("delete_original") {
		return s.changeOriginal(u, nil)
	}
	d, ref := s.ReadDraft(a, PostMax)
	if ref != nil {
		return ref
	}
	if d.Empty() {
		return refuse("no_text")
	}
	if a.bool("replace_original") && u.TS != "" {
		return s.changeOriginal(u, d)
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
	s.PostResponse(ch, s.cfg.AppOf(u.App), u.User, d, a.Str("response_type"))
	return nil
}

// PostResponse posts an answer where everybody sees it, or only the person. The caller holds the workspace's lock.
func (s *API) PostResponse(ch *workspace.Conversation, app workspace.App, userID string, d *Draft, kind string) {
	m := s.messageOf(app, d)
	if kind == "in_channel" {
		s.ws.Events.TellPosted(ch, s.ws.AddMessage(ch, m, false))
		return
	}
	m.Metadata = nil
	s.ws.PostEphemeral(ch, userID, m)
}

// changeOriginal replaces the message that was clicked on, or takes it away.
func (s *API) changeOriginal(u workspace.ResponseURL, d *Draft) *Failure {
	w := s.ws
	w.Lock()
	defer w.Unlock()
	ch := w.Channel(u.Channel)
	if ch == nil || u.TS == "" {
		return refuse("message_not_found")
	}
	edit := func(m *workspace.Message) {
		next := s.messageOf(s.cfg.AppOf(u.App), d)
		m.Text, m.Blocks, m.Attachments = next.Text, next.Blocks, next.Attachments
	}
	if u.Ephemeral {
		if d == nil {
			edit = nil
		}
		if !w.EditEphemeral(u.User, u.TS, edit) {
			return refuse("message_not_found")
		}
		return nil
	}
	m := ch.Message(u.TS)
	switch {
	case m == nil:
		return refuse("message_not_found")
	case d == nil:
		w.RemoveMessage(ch, m)
		s.ws.Events.TellDeleted(ch, m)
	default:
		s.ws.Events.TellChanged(ch, m, w.ChangeMessage(ch, m, edit))
	}
	return nil
}
