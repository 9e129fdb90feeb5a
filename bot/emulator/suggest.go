package emulator

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// Suggest asks the app for the choices of an external menu, as typing into it does. The answer is the app's: its
// options or option_groups.
func (c *Client) Suggest(ctx context.Context, a Action, typed string) (json.RawMessage, error) {
	a.User = c.ws.userID(a.User)
	p, err := c.actionPayload(&a)
	if err != nil {
		return nil, err
	}
	delete(p, "actions")
	delete(p, "trigger_id")
	delete(p, "response_url")
	p["type"], p["value"], p["block_id"], p["action_id"] = "block_suggestion", typed, a.BlockID, a.ActionID
	ack, err := c.gate.deliver(ctx, envelope{kind: "interactive", payload: jsonvalue.Encode(p), answers: true})
	if err == nil && !offers(ack) {
		return nil, ErrNoOptions
	}
	return ack, err
}

// ErrNoOptions is what a menu says when the app's choices for it were missing or made no sense.
const ErrNoOptions = Refusal("There was a problem loading the options.")

// offers says whether an acknowledgement holds choices as a menu takes them: up to 100 options or option_groups.
// An empty object offers none.
func offers(ack json.RawMessage) bool {
	var found obj
	if json.Unmarshal(ack, &found) != nil || found == nil {
		return false
	}
	return len(blockkit.CheckChoices(found).Problems) == 0 && (found["options"] == nil || found["option_groups"] == nil)
}

func (p *Page) pageSuggest(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Action
		Typed string
	}
	if r.Method == http.MethodGet {
		q := r.URL.Query()
		in.Action = Action{User: q.Get("user"), Channel: q.Get("channel"), MessageTS: q.Get("message_ts"),
			ViewID: q.Get("view_id"), BlockID: q.Get("block_id"), ActionID: q.Get("action_id")}
		in.Typed = q.Get("value")
	} else {
		var body json.RawMessage
		if !readJSON(w, r, &body) {
			return
		}
		var v struct {
			Value string `json:"value"`
		}
		if json.Unmarshal(body, &in.Action) != nil || json.Unmarshal(body, &v) != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		in.Typed = v.Value
	}
	ack, err := p.client.Suggest(r.Context(), in.Action, in.Typed)
	out := outcome(err)
	var found obj
	if err == nil && json.Unmarshal(ack, &found) == nil {
		for _, k := range []string{"options", "option_groups"} {
			if v, ok := found[k]; ok {
				out[k] = v
			}
		}
	}
	writeJSON(w, out)
}
