package client

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/socket"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Action is a person's use of one element of a message or a view: a click on a button, a choice in a menu.
type Action struct {
	User string `json:"user"`
	// A message's element: its channel and timestamp. Without MessageTS the newest message in the channel, for that
	// person, that has the element.
	Channel   string `json:"channel,omitempty"`
	MessageTS string `json:"message_ts,omitempty"`
	// A view's element.
	ViewID string `json:"view_id,omitempty"`

	// The element: by ActionID, and BlockID where that is not enough, or by the text on the button.
	BlockID  string `json:"block_id,omitempty"`
	ActionID string `json:"action_id,omitempty"`
	Button   string `json:"button,omitempty"`

	// Choice is what was chosen, under the name that Slack's payload uses:
	// value, selected_option, selected_options, selected_user, selected_date and so on. Buttons need none.
	Choice map[string]any `json:"-"`

	// State is what stands in the other fields of the message or view, as block id, action id and {"value": …} or
	// {"selected_option": …} and so on. Slack sends it along with every use of an element.
	State map[string]any `json:"state_values,omitempty"`

	// Stale uses the element even if it is gone from the message meanwhile: a click on a screen that is behind.
	Stale bool `json:"stale,omitempty"`
}

// ErrNoElement means that the message or view has no such element, or is gone.
const ErrNoElement = workspace.Refusal("There is no such button or field any more.")

// Act does what happens when a person uses an element, and waits for the app's acknowledgement.
// The error is a Refusal, ErrTimeout or ErrNoSocket.
func (c *Client) Act(ctx context.Context, a Action) error {
	a.User = c.ws.UserID(a.User)
	payload, app, err := c.actionPayload(&a)
	if err != nil {
		return err
	}
	_, err = c.gateway.Deliver(ctx, socket.Envelope{Kind: "interactive", App: app, Payload: jsonvalue.Encode(payload), Answers: false})
	done := obj{"type": "action_done", "channel": a.Channel, "message_ts": a.MessageTS, "view_id": a.ViewID,
		"block_id": a.BlockID, "action_id": a.ActionID, "ok": err == nil}
	if err != nil {
		done["error"] = err.Error()
	}
	c.ws.Feed.ToUser(a.User, done)
	return err
}

// actionPayload is what the app is told, and which one.
func (c *Client) actionPayload(a *Action) (p obj, app string, err error) {
	if a.ViewID != "" {
		return c.viewAction(a)
	}
	return c.messageAction(a)
}

func (c *Client) messageAction(a *Action) (p obj, app string, err error) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	u, ch := w.User(a.User), w.Channel(a.Channel)
	if u == nil || ch == nil || !ch.Visible(u.ID) {
		return nil, "", ErrNoElement
	}
	m, e := c.target(ch, a)
	if m == nil {
		return nil, "", ErrNoElement
	}
	a.Channel, a.MessageTS, a.BlockID, a.ActionID = ch.ID, m.TS, e.BlockID(), e.ID()
	container := obj{"type": "message", "message_ts": m.TS, "channel_id": ch.ID, "is_ephemeral": m.Ephemeral}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	p = c.interaction("block_actions", m.AppID, u, workspace.Trigger{User: u.ID, Channel: ch.ID})
	p["container"] = container
	p["channel"] = obj{"id": ch.ID, "name": ch.PayloadName()}
	p["actions"] = []any{e.Use(a.Choice, w.NextTS())}
	p["response_url"] = c.ws.ResponseURLs.Issue(workspace.ResponseURL{User: u.ID, App: m.AppID, Channel: ch.ID, TS: m.TS, Ephemeral: m.Ephemeral,
		Thread: m.ThreadTS})
	p["state"] = obj{"values": c.messageState(u.ID, m, e, a)}
	if !m.Ephemeral {
		p["message"] = m
	}
	return p, m.AppID, nil
}

// target finds the message and element that an action means. The caller holds the workspace's lock.
func (c *Client) target(ch *workspace.Conversation, a *Action) (*workspace.Message, *blockkit.Element) {
	var list []*workspace.Message
	for _, m := range c.ws.Ephemerals[a.User] {
		if m.Channel == ch.ID {
			list = append(list, m)
		}
	}
	if a.MessageTS != "" {
		if m := ch.Message(a.MessageTS); m != nil {
			list = append(list, m)
		}
	} else {
		list = append(list, ch.Messages...)
	}
	for _, m := range slices.Backward(list) {
		if a.MessageTS != "" && m.TS != a.MessageTS {
			continue
		}
		if e := a.find(blockkit.Parse(m.Blocks)); e != nil {
			return m, e
		}
		if !a.Stale {
			continue
		}
		for _, old := range slices.Backward(m.Replaced()) {
			if e := a.find(blockkit.Parse(old)); e != nil {
				return m, e
			}
		}
	}
	return nil, nil
}

// find gives the element that an action means; nil when it is not among blocks.
func (a *Action) find(blocks []any) *blockkit.Element {
	if a.ActionID == "" && a.Button == "" {
		return nil
	}
	for _, e := range blockkit.Elements(blocks) {
		if (a.ActionID == "" || a.ActionID == e.ID()) && (a.BlockID == "" || a.BlockID == e.BlockID()) &&
			(a.Button == "" || a.Button == e.Label()) {
			return &e
		}
	}
	return nil
}

// interaction is what every interactive payload for an app begins with.
func (c *Client) interaction(kind, app string, u *workspace.Account, tr workspace.Trigger) obj {
	t := c.cfg.Team
	return obj{"type": kind, "user": obj{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID(c.cfg)},
		"api_app_id": c.cfg.AppOf(app).ID, "token": "local", "team": obj{"id": t.ID, "domain": t.Domain},
		"enterprise": nil, "is_enterprise_install": false, "trigger_id": c.ws.Triggers.Issue(tr)}
}

// messageState remembers what a person chose in a message's fields and gives all of it.
func (c *Client) messageState(userID string, m *workspace.Message, e *blockkit.Element, a *Action) obj {
	key := userID + " " + m.TS
	values := blockkit.InitialState(blockkit.Parse(m.Blocks), a.Channel)
	if len(values) == 0 {
		return values
	}
	given := c.ws.Chosen[key]
	if given == nil {
		given = obj{}
		c.ws.Chosen[key] = given
	}
	e.Choose(given, a.Choice)
	blockkit.Overlay(values, jsonvalue.Clone(given))
	blockkit.Overlay(values, a.State)
	return values
}

// UnmarshalJSON reads the choice from the fields beside the others.
func (a *Action) UnmarshalJSON(b []byte) error {
	type plain Action
	if err := json.Unmarshal(b, (*plain)(a)); err != nil {
		return err
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	a.Choice = map[string]any{}
	for k, v := range all {
		if blockkit.IsChoice(k) {
			a.Choice[k] = v
		}
	}
	return nil
}
