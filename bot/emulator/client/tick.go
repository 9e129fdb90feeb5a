package client

import (
	"context"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// ErrNoForm is what Tick says where no form is open, or what is ticked was not taken.
const ErrNoForm = workspace.Refusal("There is no form here that can be ticked.")

// Tick ticks every box of the form that somebody has in front and sends it, as [Client.Submit] does. Then none is left
// open, whatever came of it. One that has other fields stays open, for whoever fills it in.
func (c *Client) Tick(ctx context.Context, user string) error {
	id, values := c.boxes(c.ws.UserID(user))
	if id == "" {
		return ErrNoForm
	}
	if len(values) == 0 {
		return nil
	}
	defer func() { _ = c.CloseView(user, id, true) }() // it may have closed by itself
	invalid, err := c.Submit(ctx, user, id, values)
	if err == nil && len(invalid) > 0 {
		err = ErrNoForm
	}
	return err
}

// boxes are those of the form in front with all of them ticked; none where it has other fields.
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
		default:
			return top.ID, nil
		}
	}
	return top.ID, values
}
