package client

import (
	"context"
	"encoding/json"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/socket"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Suggest asks the app for the choices of an external menu, as typing into it does. The answer is the app's: its
// options or option_groups.
func (c *Client) Suggest(ctx context.Context, a Action, typed string) (json.RawMessage, error) {
	a.User = c.ws.UserID(a.User)
	p, app, err := c.actionPayload(&a)
	if err != nil {
		return nil, err
	}
	delete(p, "actions")
	delete(p, "trigger_id")
	delete(p, "response_url")
	p["type"], p["value"], p["block_id"], p["action_id"] = "block_suggestion", typed, a.BlockID, a.ActionID
	ack, err := c.gateway.Deliver(ctx, socket.Envelope{Kind: "interactive", App: app, Payload: jsonvalue.Encode(p), Answers: true})
	if err == nil && !offersChoices(ack) {
		return nil, ErrNoOptions
	}
	return ack, err
}

// ErrNoOptions is what a menu says when the app's choices for it were missing or made no sense.
const ErrNoOptions = workspace.Refusal("There was a problem loading the options.")

// offersChoices says whether an acknowledgement holds choices as a menu takes them: up to 100 options or option_groups.
// An empty object offers none.
func offersChoices(ack json.RawMessage) bool {
	var found obj
	if json.Unmarshal(ack, &found) != nil || found == nil {
		return false
	}
	return len(blockkit.CheckChoices(found).Problems) == 0 && (found["options"] == nil || found["option_groups"] == nil)
}
