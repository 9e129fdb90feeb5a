package emulator

import (
	"context"
	"net/http"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// Shortcut is one that the app registered (features.shortcuts in a manifest).
type Shortcut struct {
	Name, CallbackID, Description string
	// Message shortcuts are in the ⋮ menu of every message; the others, global ones, are in the ⚡ menu.
	Message bool
}

// ShortcutUse is a person's choice of a shortcut. Channel and MessageTS name the message for a message shortcut and
// mean nothing for a global one.
type ShortcutUse struct {
	User       string `json:"user"`
	CallbackID string `json:"callback_id"`
	Channel    string `json:"channel,omitempty"`
	MessageTS  string `json:"message_ts,omitempty"`
}

// Shortcut does what happens when a person chooses one of the app's shortcuts, and waits for the acknowledgement.
// The error is a Refusal, ErrTimeout or ErrNoSocket.
func (s *Server) Shortcut(ctx context.Context, use ShortcutUse) error {
	payload, err := s.shortcutPayload(use)
	if err != nil {
		return err
	}
	_, err = s.gate.deliver(ctx, envelope{kind: "interactive", payload: jsonvalue.Encode(payload), answers: false})
	return err
}

func (s *Server) shortcutPayload(use ShortcutUse) (obj, error) {
	w := s.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.user(use.User)
	if u == nil {
		return nil, Refusal("There is no user " + use.User + ".")
	}
	for _, sc := range s.cfg.App.Shortcuts {
		switch {
		case sc.CallbackID != use.CallbackID:
		case sc.Message:
			return s.messageShortcut(u, use)
		default:
			return s.shortcut("shortcut", u, use, ""), nil
		}
	}
	return nil, Refusal("The app has no shortcut " + use.CallbackID + ".")
}

// shortcut is what the payloads of both kinds share. The caller holds the workspace's lock.
func (s *Server) shortcut(kind string, u *user, use ShortcutUse, channel string) obj {
	p := s.interaction(kind, u, trigger{user: u.ID, channel: channel})
	delete(p, "api_app_id") // the one interactive payload without it
	p["callback_id"], p["action_ts"] = use.CallbackID, s.ws.nextTS()
	return p
}

// messageShortcut is the payload for a shortcut from a message's menu. Ephemeral messages have no such menu.
func (s *Server) messageShortcut(u *user, use ShortcutUse) (obj, error) {
	ch := s.ws.channel(use.Channel)
	if ch == nil || !ch.visible(u.ID) {
		return nil, Refusal("There is no channel " + use.Channel + ".")
	}
	m := ch.message(use.MessageTS)
	if m == nil || m.Subtype == "tombstone" {
		return nil, Refusal("There is no such message any more.")
	}
	p := s.shortcut("message_action", u, use, ch.id)
	p["channel"] = obj{"id": ch.id, "name": ch.label()}
	shown := *m
	shown.Metadata = nil // Slack leaves it out for apps that do not subscribe to it (python-slack-sdk 1501)
	p["message"], p["message_ts"] = &shown, m.TS
	p["response_url"] = s.responseURL(responseURL{user: u.ID, channel: ch.id})
	return p, nil
}

// label is how payloads name a conversation to an app.
func (c *channel) label() string {
	switch {
	case c.kind() == directIM:
		return "directmessage"
	case c.private:
		return "privategroup"
	}
	return c.name
}

func (s *Server) pageShortcut(w http.ResponseWriter, r *http.Request) {
	var use ShortcutUse
	if !readJSON(w, r, &use) {
		return
	}
	writeJSON(w, outcome(s.Shortcut(staying(r), use)))
}

// shortcuts lists the app's shortcuts for the page.
func (s *Server) shortcuts() []obj {
	out := []obj{}
	for _, sc := range s.cfg.App.Shortcuts {
		out = append(out, obj{"name": sc.Name, "callback_id": sc.CallbackID, "description": sc.Description,
			"message": sc.Message})
	}
	return out
}
