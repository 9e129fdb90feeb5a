package client

import (
	"context"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// Tick ticks every box of the form that somebody has in front and sends it, as [Client.Submit] does. False: none is
// there that has boxes, or it wants something else filled in, and nothing was done; or it was not taken.
func (c *Client) Tick(ctx context.Context, user string) (bool, error) {
	id, values := c.boxes(c.ws.UserID(user))
	if len(values) == 0 {
		return false, nil
	}
	invalid, err := c.Submit(ctx, user, id, values)
	return err == nil && len(invalid) == 0, err
}

// boxes are those of the form in front with all of them ticked; none where something else has to be filled in.
func (c *Client) boxes(userID string) (viewID string, values obj) {
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	stack := c.ws.Views.Stacks[userID]
	if len(stack) == 0 {
		return "", nil
	}
	top := stack[len(stack)-1]
	values = obj{}
	for _, b := range top.Blocks() {
		block := jsonvalue.AsObject(b)
		element := jsonvalue.AsObject(block["element"])
		switch {
		case jsonvalue.AsString(block["type"]) != "input":
		case jsonvalue.AsString(element["type"]) == "checkboxes":
			values[jsonvalue.AsString(block["block_id"])] = obj{jsonvalue.AsString(element["action_id"]): obj{"selected_options": element["options"]}}
		case block["optional"] != true:
			return "", nil
		}
	}
	return top.ID, values
}
