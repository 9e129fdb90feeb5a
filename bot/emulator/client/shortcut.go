package client

import (
	"context"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/socket"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

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
	_, err = c.gateway.Deliver(ctx, socket.Envelope{Kind: "interactive", Payload: jsonvalue.Encode(payload), Answers: false})
	return err
}

func (c *Client) shortcutPayload(use ShortcutUse) (obj, error) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	u := w.User(use.User)
	if u == nil {
		return nil, workspace.Refusal("There is no user " + use.User + ".")
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
	return nil, workspace.Refusal("The app has no shortcut " + use.CallbackID + ".")
}

// shortcut is what the payloads of both kinds share. The caller holds the workspace's lock.
func (c *Client) shortcut(kind string, u *workspace.Account, use ShortcutUse, channel string) obj {
	p := c.interaction(kind, "", u, workspace.Trigger{User: u.ID, Channel: channel})
	delete(p, "api_app_id") // the one interactive payload without it
	p["callback_id"], p["action_ts"] = use.CallbackID, c.ws.NextTS()
	return p
}

// messageShortcut is the payload for a shortcut from a message's menu. Ephemeral messages have no such menu.
func (c *Client) messageShortcut(u *workspace.Account, use ShortcutUse) (obj, error) {
	ch := c.ws.Channel(use.Channel)
	if ch == nil || !ch.Visible(u.ID) {
		return nil, workspace.Refusal("There is no channel " + use.Channel + ".")
	}
	m := ch.Message(use.MessageTS)
	if m == nil || m.Subtype == "tombstone" {
		return nil, workspace.Refusal("There is no such message any more.")
	}
	p := c.shortcut("message_action", u, use, ch.ID)
	p["channel"] = obj{"id": ch.ID, "name": ch.PayloadName()}
	shown := *m
	shown.Metadata = nil // Slack leaves it out for apps that do not subscribe to it (python-slack-sdk 1501)
	p["message"], p["message_ts"] = &shown, m.TS
	p["response_url"] = c.ws.ResponseURLs.Issue(workspace.ResponseURL{User: u.ID, Channel: ch.ID})
	return p, nil
}
