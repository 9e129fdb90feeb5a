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
func (c *Client) Shortcut(ctx context.Context, use ShortcutUse) error {
	payload, err := c.shortcutPayload(use)
	if err != nil {
		return err
	}
	_, err = c.gate.deliver(ctx, envelope{kind: "interactive", payload: jsonvalue.Encode(payload), answers: false})
	return err
}

func (c *Client) shortcutPayload(use ShortcutUse) (obj, error) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	u := w.user(use.User)
	if u == nil {
		return nil, Refusal("There is no user " + use.User + ".")
	}
	for _, sc := range c.cfg.App.Shortcuts {
		switch {
		case sc.CallbackID != use.CallbackID:
		case sc.Message:
			return c.messageShortcut(u, use)
		default:
			return c.shortcut("shortcut", u, use, ""), nil
		}
	}
	return nil, Refusal("The app has no shortcut " + use.CallbackID + ".")
}

// shortcut is what the payloads of both kinds share. The caller holds the workspace's lock.
func (c *Client) shortcut(kind string, u *user, use ShortcutUse, channel string) obj {
	p := c.interaction(kind, u, trigger{user: u.ID, channel: channel})
	delete(p, "api_app_id") // the one interactive payload without it
	p["callback_id"], p["action_ts"] = use.CallbackID, c.ws.nextTS()
	return p
}

// messageShortcut is the payload for a shortcut from a message's menu. Ephemeral messages have no such menu.
func (c *Client) messageShortcut(u *user, use ShortcutUse) (obj, error) {
	ch := c.ws.channel(use.Channel)
	if ch == nil || !ch.visible(u.ID) {
		return nil, Refusal("There is no channel " + use.Channel + ".")
	}
	m := ch.message(use.MessageTS)
	if m == nil || m.Subtype == "tombstone" {
		return nil, Refusal("There is no such message any more.")
	}
	p := c.shortcut("message_action", u, use, ch.id)
	p["channel"] = obj{"id": ch.id, "name": ch.label()}
	shown := *m
	shown.Metadata = nil // Slack leaves it out for apps that do not subscribe to it (python-slack-sdk 1501)
	p["message"], p["message_ts"] = &shown, m.TS
	p["response_url"] = c.ws.urls.issue(responseURL{user: u.ID, channel: ch.id})
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

func (p *Page) pageShortcut(w http.ResponseWriter, r *http.Request) {
	var use ShortcutUse
	if !readJSON(w, r, &use) {
		return
	}
	writeJSON(w, outcome(p.client.Shortcut(staying(r), use)))
}

// shortcuts lists the app's shortcuts for the page.
func (p *Page) shortcuts() []obj {
	out := []obj{}
	for _, sc := range p.cfg.App.Shortcuts {
		out = append(out, obj{"name": sc.Name, "callback_id": sc.CallbackID, "description": sc.Description,
			"message": sc.Message})
	}
	return out
}
