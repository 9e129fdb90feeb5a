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

// ErrTrouble is what a modal says when the app's answer to a submission was missing or made no sense.
const ErrTrouble = workspace.Refusal("We had some trouble connecting. Try again?")

// Submit presses a modal's submit button. values are laid over what the modal holds, as block id, action id and
// {"value": …} or {"selected_option": …} and so on. invalid are the texts shown under fields, by block id; with
// any, the modal stays open. The error is a Refusal, ErrTimeout or ErrNoSocket.
func (c *Client) Submit(ctx context.Context, user, viewID string, values map[string]any) (invalid map[string]string, err error) {
	payload, v, invalid, err := c.submission(c.ws.UserID(user), viewID, values)
	if err != nil || len(invalid) > 0 {
		return invalid, err
	}
	ack, err := c.gateway.Deliver(ctx, socket.Envelope{Kind: "interactive", App: v.App, Payload: payload, Answers: true})
	if err != nil {
		c.showTrouble(v)
		return nil, err
	}
	return c.viewAnswer(v, ack)
}

// submission fills the form in and refuses what Slack's client would not send.
func (c *Client) submission(userID, viewID string, values obj) (json.RawMessage, *workspace.OpenView, map[string]string, error) {
	c.ws.Lock()
	u := c.ws.User(userID)
	c.ws.Unlock()
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	v := c.ws.Views.Find(viewID)
	if v == nil || u == nil || v.User != userID {
		return nil, nil, nil, workspace.Refusal("This form is not open any more.")
	}
	blockkit.Overlay(v.State, values)
	if invalid := blockkit.Missing(v.Blocks(), v.State); len(invalid) > 0 {
		return nil, nil, invalid, nil
	}
	p := c.interaction("view_submission", v.App, u, workspace.Trigger{User: u.ID, Channel: v.Channel, ViewID: v.ID})
	p["view"], p["response_urls"] = c.ws.Views.Render(v), c.responseURLs(v)
	return jsonvalue.Encode(p), v, nil, nil
}

// responseURLs are the addresses for answers into the conversations that a form's menus ask for, where they want one.
func (c *Client) responseURLs(v *workspace.OpenView) []any {
	out := []any{}
	for _, e := range blockkit.Elements(v.Blocks()) {
		if e.Body["response_url_enabled"] != true {
			continue
		}
		channel := jsonvalue.AsString(e.Chosen(v.State))
		if channel != "" {
			out = append(out, obj{"block_id": e.BlockID(), "action_id": e.ID(), "channel_id": channel,
				"response_url": c.ws.ResponseURLs.Issue(workspace.ResponseURL{User: v.User, Channel: channel})})
		}
	}
	return out
}

// viewAnswer does what the acknowledgement of a submission asks for. An empty one closes the modal.
func (c *Client) viewAnswer(v *workspace.OpenView, ack json.RawMessage) (map[string]string, error) {
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(ack) > 0 && json.Unmarshal(ack, &a) != nil {
		c.showTrouble(v)
		return nil, ErrTrouble
	}
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	switch a.Action {
	case "", "clear":
		for _, closed := range c.ws.Views.Close(v, a.Action == "clear") {
			c.ws.Views.Announce("view_closed", closed)
		}
		return nil, nil
	case "errors":
		if c.fieldErrors(v, a.Errors) {
			return a.Errors, nil
		}
	case "update", "push":
		body, ref := c.api.ReadView(a.View, true, "modal")
		if ref != nil || c.ws.Views.ExternalIDTaken(body, v) {
			break
		}
		if a.Action == "push" && len(c.ws.Views.Stacks[v.User]) < workspace.StackMax {
			c.ws.Views.Show(v.User, v.App, v.Channel, body, true)
			return nil, nil
		}
		if a.Action == "update" {
			v.Replace(body)
			c.ws.Views.Announce("view_updated", v)
			return nil, nil
		}
	}
	c.ws.Feed.ToUser(v.User, obj{"type": "view_errors", "view_id": v.ID, "view": c.ws.Views.Render(v), "error": string(ErrTrouble)})
	return nil, ErrTrouble
}

// fieldErrors shows errors under their inputs; false when one of them names no input, which Slack does not forgive.
func (c *Client) fieldErrors(v *workspace.OpenView, errs map[string]string) bool {
	for id := range errs {
		if !slices.ContainsFunc(v.Blocks(), func(b any) bool {
			block := jsonvalue.AsObject(b)
			return jsonvalue.AsString(block["type"]) == "input" && jsonvalue.AsString(block["block_id"]) == id
		}) {
			return false
		}
	}
	c.ws.Feed.ToUser(v.User, obj{"type": "view_errors", "view_id": v.ID, "view": c.ws.Views.Render(v), "errors": errs})
	return len(errs) > 0
}

func (c *Client) showTrouble(v *workspace.OpenView) {
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	c.ws.Feed.ToUser(v.User, obj{"type": "view_errors", "view_id": v.ID, "view": c.ws.Views.Render(v), "error": string(ErrTrouble)})
}

// CloseView closes a modal as its cancel button does; all closes the whole stack. The app hears of it where the view
// asks for notify_on_close; nobody waits for its acknowledgement.
func (c *Client) CloseView(user, viewID string, all bool) error {
	userID := c.ws.UserID(user)
	c.ws.Lock()
	u := c.ws.User(userID)
	c.ws.Unlock()
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	v := c.ws.Views.Find(viewID)
	if v == nil || u == nil || v.User != userID {
		return workspace.Refusal("This form is not open any more.")
	}
	all = all || v.Body["clear_on_close"] == true
	for _, closed := range slices.Backward(c.ws.Views.Close(v, all)) {
		c.ws.Views.Announce("view_closed", closed)
		if closed.Body["notify_on_close"] != true {
			continue
		}
		p := c.interaction("view_closed", closed.App, u, workspace.Trigger{User: u.ID})
		delete(p, "trigger_id")
		p["view"], p["is_cleared"] = c.ws.Views.Render(closed), all
		payload := jsonvalue.Encode(p)
		c.ws.Background.Go(func() {
			// Slack shows nobody whether the app took this.
			_, _ = c.gateway.Deliver(c.ws.Background.Context(), socket.Envelope{Kind: "interactive", App: closed.App, Payload: payload})
		})
	}
	return nil
}

// viewAction is the payload for the use of an element in a view.
func (c *Client) viewAction(a *Action) (p obj, app string, err error) {
	c.ws.Lock()
	u := c.ws.User(a.User)
	ts := c.ws.NextTS()
	c.ws.Unlock()
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	v := c.ws.Views.Find(a.ViewID)
	if v == nil || u == nil || v.User != u.ID {
		return nil, "", ErrNoElement
	}
	e := a.find(v.Blocks())
	if e == nil {
		return nil, "", ErrNoElement
	}
	a.BlockID, a.ActionID = e.BlockID(), e.ID()
	blockkit.Overlay(v.State, a.State)
	given := obj{}
	e.Choose(given, a.Choice)
	blockkit.Overlay(v.State, given)
	p = c.interaction("block_actions", v.App, u, workspace.Trigger{User: u.ID, Channel: v.Channel, ViewID: v.ID})
	p["container"] = obj{"type": "view", "view_id": v.ID}
	p["view"] = c.ws.Views.Render(v)
	p["actions"] = []any{e.Use(a.Choice, ts)}
	return p, v.App, nil
}
