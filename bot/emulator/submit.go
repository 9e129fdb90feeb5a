package emulator

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// ErrTrouble is what a modal says when the app's answer to a submission was missing or made no sense.
const ErrTrouble = Refusal("We had some trouble connecting. Try again?")

// Submit presses a modal's submit button. values are laid over what the modal holds, as block id, action id and
// {"value": …} or {"selected_option": …} and so on. invalid are the texts shown under fields, by block id; with
// any, the modal stays open. The error is a Refusal, ErrTimeout or ErrNoSocket.
func (c *Client) Submit(ctx context.Context, user, viewID string, values map[string]any) (invalid map[string]string, err error) {
	payload, v, invalid, err := c.submission(c.ws.userID(user), viewID, values)
	if err != nil || len(invalid) > 0 {
		return invalid, err
	}
	ack, err := c.gate.deliver(ctx, envelope{kind: "interactive", payload: payload, answers: true})
	if err != nil {
		c.viewTrouble(v)
		return nil, err
	}
	return c.viewAnswer(v, ack)
}

// submission fills the form in and refuses what Slack's client would not send.
func (c *Client) submission(userID, viewID string, values obj) (json.RawMessage, *view, map[string]string, error) {
	c.ws.Lock()
	u := c.ws.user(userID)
	c.ws.Unlock()
	c.ws.views.Lock()
	defer c.ws.views.Unlock()
	v := c.ws.views.find(viewID)
	if v == nil || u == nil || v.user != userID {
		return nil, nil, nil, Refusal("This form is not open any more.")
	}
	blockkit.Overlay(v.state, values)
	if invalid := blockkit.Missing(v.blocks(), v.state); len(invalid) > 0 {
		return nil, nil, invalid, nil
	}
	p := c.interaction("view_submission", u, trigger{user: u.ID, channel: v.channel, viewID: v.id})
	p["view"], p["response_urls"] = c.ws.views.render(v), c.responseURLs(v)
	return jsonvalue.Encode(p), v, nil, nil
}

// responseURLs are the addresses for answers into the conversations that a form's menus ask for, where they want one.
func (c *Client) responseURLs(v *view) []any {
	out := []any{}
	for _, e := range blockkit.Elements(v.blocks()) {
		if e.Body["response_url_enabled"] != true {
			continue
		}
		channel := jsonvalue.AsString(e.Chosen(v.state))
		if channel != "" {
			out = append(out, obj{"block_id": e.BlockID(), "action_id": e.ID(), "channel_id": channel,
				"response_url": c.ws.urls.issue(responseURL{user: v.user, channel: channel})})
		}
	}
	return out
}

// viewAnswer does what the acknowledgement of a submission asks for. An empty one closes the modal.
func (c *Client) viewAnswer(v *view, ack json.RawMessage) (map[string]string, error) {
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(ack) > 0 && json.Unmarshal(ack, &a) != nil {
		c.viewTrouble(v)
		return nil, ErrTrouble
	}
	c.ws.views.Lock()
	defer c.ws.views.Unlock()
	switch a.Action {
	case "", "clear":
		for _, closed := range c.ws.views.close(v, a.Action == "clear") {
			c.ws.views.viewEvent("view_closed", closed)
		}
		return nil, nil
	case "errors":
		if c.fieldErrors(v, a.Errors) {
			return a.Errors, nil
		}
	case "update", "push":
		body, ref := c.api.readView(a.View, true, "modal")
		if ref != nil || c.ws.views.taken(body, v) {
			break
		}
		if a.Action == "push" && len(c.ws.views.stacks[v.user]) < maxStack {
			c.ws.views.show(v.user, v.channel, body, true)
			return nil, nil
		}
		if a.Action == "update" {
			v.replace(body)
			c.ws.views.viewEvent("view_updated", v)
			return nil, nil
		}
	}
	c.ws.hub.toUser(v.user, obj{"type": "view_errors", "view_id": v.id, "view": c.ws.views.render(v), "error": string(ErrTrouble)})
	return nil, ErrTrouble
}

// fieldErrors shows errors under their inputs; false when one of them names no input, which Slack does not forgive.
func (c *Client) fieldErrors(v *view, errs map[string]string) bool {
	for id := range errs {
		if !slices.ContainsFunc(v.blocks(), func(b any) bool {
			block := jsonvalue.AsObject(b)
			return jsonvalue.AsString(block["type"]) == "input" && jsonvalue.AsString(block["block_id"]) == id
		}) {
			return false
		}
	}
	c.ws.hub.toUser(v.user, obj{"type": "view_errors", "view_id": v.id, "view": c.ws.views.render(v), "errors": errs})
	return len(errs) > 0
}

func (c *Client) viewTrouble(v *view) {
	c.ws.views.Lock()
	defer c.ws.views.Unlock()
	c.ws.hub.toUser(v.user, obj{"type": "view_errors", "view_id": v.id, "view": c.ws.views.render(v), "error": string(ErrTrouble)})
}

// CloseView closes a modal as its cancel button does; all closes the whole stack. The app hears of it where the view
// asks for notify_on_close; nobody waits for its acknowledgement.
func (c *Client) CloseView(user, viewID string, all bool) error {
	userID := c.ws.userID(user)
	c.ws.Lock()
	u := c.ws.user(userID)
	c.ws.Unlock()
	c.ws.views.Lock()
	defer c.ws.views.Unlock()
	v := c.ws.views.find(viewID)
	if v == nil || u == nil || v.user != userID {
		return Refusal("This form is not open any more.")
	}
	all = all || v.body["clear_on_close"] == true
	for _, closed := range slices.Backward(c.ws.views.close(v, all)) {
		c.ws.views.viewEvent("view_closed", closed)
		if closed.body["notify_on_close"] != true {
			continue
		}
		p := c.interaction("view_closed", u, trigger{user: u.ID})
		delete(p, "trigger_id")
		p["view"], p["is_cleared"] = c.ws.views.render(closed), all
		payload := jsonvalue.Encode(p)
		c.ws.work.Go(func() {
			// Slack shows nobody whether the app took this.
			_, _ = c.gate.deliver(c.ws.work.ctx, envelope{kind: "interactive", payload: payload})
		})
	}
	return nil
}

// viewAction is the payload for the use of an element in a view.
func (c *Client) viewAction(a *Action) (obj, error) {
	c.ws.Lock()
	u := c.ws.user(a.User)
	ts := c.ws.nextTS()
	c.ws.Unlock()
	c.ws.views.Lock()
	defer c.ws.views.Unlock()
	v := c.ws.views.find(a.ViewID)
	if v == nil || u == nil || v.user != u.ID {
		return nil, ErrNoElement
	}
	e := a.find(v.blocks())
	if e == nil {
		return nil, ErrNoElement
	}
	a.BlockID, a.ActionID = e.BlockID(), e.ID()
	blockkit.Overlay(v.state, a.State)
	given := obj{}
	e.Choose(given, a.Choice)
	blockkit.Overlay(v.state, given)
	p := c.interaction("block_actions", u, trigger{user: u.ID, channel: v.channel, viewID: v.id})
	p["container"] = obj{"type": "view", "view_id": v.id}
	p["view"] = c.ws.views.render(v)
	p["actions"] = []any{e.Use(a.Choice, ts)}
	return p, nil
}
