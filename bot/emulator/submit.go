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
func (s *Server) Submit(ctx context.Context, user, viewID string, values map[string]any) (invalid map[string]string, err error) {
	payload, v, invalid, err := s.submission(s.UserID(user), viewID, values)
	if err != nil || len(invalid) > 0 {
		return invalid, err
	}
	ack, err := s.gate.deliver(ctx, envelope{kind: "interactive", payload: payload, answers: true})
	if err != nil {
		s.viewTrouble(v)
		return nil, err
	}
	return s.viewAnswer(v, ack)
}

// submission fills the form in and refuses what Slack's client would not send.
func (s *Server) submission(userID, viewID string, values obj) (json.RawMessage, *view, map[string]string, error) {
	s.ws.mu.Lock()
	u := s.ws.user(userID)
	s.ws.mu.Unlock()
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	v := s.views.find(viewID)
	if v == nil || u == nil || v.user != userID {
		return nil, nil, nil, Refusal("This form is not open any more.")
	}
	blockkit.Overlay(v.state, values)
	if invalid := blockkit.Missing(v.blocks(), v.state); len(invalid) > 0 {
		return nil, nil, invalid, nil
	}
	p := s.interaction("view_submission", u, trigger{user: u.ID, channel: v.channel, viewID: v.id})
	p["view"], p["response_urls"] = s.render(v), s.responseURLs(v)
	return jsonvalue.Encode(p), v, nil, nil
}

// responseURLs are the addresses for answers into the conversations that a form's menus ask for, where they want one.
func (s *Server) responseURLs(v *view) []any {
	out := []any{}
	for _, e := range blockkit.Elements(v.blocks()) {
		if e.Body["response_url_enabled"] != true {
			continue
		}
		channel := jsonvalue.AsString(e.Chosen(v.state))
		if channel != "" {
			out = append(out, obj{"block_id": e.BlockID(), "action_id": e.ID(), "channel_id": channel,
				"response_url": s.responseURL(responseURL{user: v.user, channel: channel})})
		}
	}
	return out
}

// viewAnswer does what the acknowledgement of a submission asks for. An empty one closes the modal.
func (s *Server) viewAnswer(v *view, ack json.RawMessage) (map[string]string, error) {
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(ack) > 0 && json.Unmarshal(ack, &a) != nil {
		s.viewTrouble(v)
		return nil, ErrTrouble
	}
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	switch a.Action {
	case "", "clear":
		for _, c := range s.views.close(v, a.Action == "clear") {
			s.viewEvent("view_closed", c)
		}
		return nil, nil
	case "errors":
		if s.fieldErrors(v, a.Errors) {
			return a.Errors, nil
		}
	case "update", "push":
		body, ref := s.readView(a.View, true, "modal")
		if ref != nil || s.views.taken(body, v) {
			break
		}
		if a.Action == "push" && len(s.views.stacks[v.user]) < maxStack {
			s.show(v.user, v.channel, body, true)
			return nil, nil
		}
		if a.Action == "update" {
			v.replace(body)
			s.viewEvent("view_updated", v)
			return nil, nil
		}
	}
	s.hub.toUser(v.user, obj{"type": "view_errors", "view_id": v.id, "view": s.render(v), "error": string(ErrTrouble)})
	return nil, ErrTrouble
}

// fieldErrors shows errors under their inputs; false when one of them names no input, which Slack does not forgive.
func (s *Server) fieldErrors(v *view, errs map[string]string) bool {
	for id := range errs {
		if !slices.ContainsFunc(v.blocks(), func(b any) bool {
			block := jsonvalue.AsObject(b)
			return jsonvalue.AsString(block["type"]) == "input" && jsonvalue.AsString(block["block_id"]) == id
		}) {
			return false
		}
	}
	s.hub.toUser(v.user, obj{"type": "view_errors", "view_id": v.id, "view": s.render(v), "errors": errs})
	return len(errs) > 0
}

func (s *Server) viewTrouble(v *view) {
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	s.hub.toUser(v.user, obj{"type": "view_errors", "view_id": v.id, "view": s.render(v), "error": string(ErrTrouble)})
}

// CloseView closes a modal as its cancel button does; all closes the whole stack. The app hears of it where the view
// asks for notify_on_close; nobody waits for its acknowledgement.
func (s *Server) CloseView(user, viewID string, all bool) error {
	userID := s.UserID(user)
	s.ws.mu.Lock()
	u := s.ws.user(userID)
	s.ws.mu.Unlock()
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	v := s.views.find(viewID)
	if v == nil || u == nil || v.user != userID {
		return Refusal("This form is not open any more.")
	}
	all = all || v.body["clear_on_close"] == true
	for _, c := range slices.Backward(s.views.close(v, all)) {
		s.viewEvent("view_closed", c)
		if c.body["notify_on_close"] != true {
			continue
		}
		p := s.interaction("view_closed", u, trigger{user: u.ID})
		delete(p, "trigger_id")
		p["view"], p["is_cleared"] = s.render(c), all
		payload := jsonvalue.Encode(p)
		s.work.Go(func() {
			// Slack shows nobody whether the app took this.
			_, _ = s.gate.deliver(s.ctx, envelope{kind: "interactive", payload: payload})
		})
	}
	return nil
}

// viewAction is the payload for the use of an element in a view.
func (s *Server) viewAction(a *Action) (obj, error) {
	s.ws.mu.Lock()
	u := s.ws.user(a.User)
	ts := s.ws.nextTS()
	s.ws.mu.Unlock()
	s.views.mu.Lock()
	defer s.views.mu.Unlock()
	v := s.views.find(a.ViewID)
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
	p := s.interaction("block_actions", u, trigger{user: u.ID, channel: v.channel, viewID: v.id})
	p["container"] = obj{"type": "view", "view_id": v.id}
	p["view"] = s.render(v)
	p["actions"] = []any{e.Use(a.Choice, ts)}
	return p, nil
}
