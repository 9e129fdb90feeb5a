package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/socket"
	"github.com/stationmaster/stationmaster/bot/emulator/webapi"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Type does what happens when a person types text into a channel and presses Enter: a slash command goes to the app,
// anything else is posted. thread may be empty.
//
// The error is a Refusal, ErrTimeout or ErrNoSocket; the last two the person also sees as a note by Slackbot.
func (c *Client) Type(ctx context.Context, user, channel, text, thread string) error {
	u, ch, err := c.ws.Writer(user, channel)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(text, "/") {
		_, err := c.people.Post(user, channel, text, thread)
		return err
	}
	name, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	if cmd, ok := registered(c.cfg, name); ok {
		return c.command(ctx, u, ch, cmd, rest, thread)
	}
	for _, own := range ownCommands() {
		if own.Name == name {
			return own.do(c, invocation{user: u, ch: ch, text: rest, thread: thread})
		}
	}
	return workspace.Refusal(fmt.Sprintf("%s is not a valid command. In Slack, all messages that start with the \"/\" "+
		"character are interpreted as commands.", name))
}

// command sends a slash command to the app and shows the person what comes of it.
func (c *Client) command(ctx context.Context, u *workspace.Account, ch *workspace.Conversation, cmd workspace.Command, text, thread string) error {
	if cmd.Escape {
		c.ws.Lock()
		text = c.ws.Link(workspace.Escape(text), true)
		c.ws.Unlock()
	}
	payload := jsonvalue.Encode(obj{
		"token": "local", "team_id": u.TeamID(c.cfg), "team_domain": c.cfg.Team.Domain,
		"channel_id": ch.ID, "channel_name": ch.PayloadName(), "user_id": u.ID, "user_name": u.Name,
		"command": cmd.Name, "text": text, "api_app_id": c.cfg.App.ID, "is_enterprise_install": "false",
		"response_url": c.ws.ResponseURLs.Issue(workspace.ResponseURL{User: u.ID, Channel: ch.ID, Thread: thread}),
		"trigger_id":   c.ws.Triggers.Issue(workspace.Trigger{User: u.ID, Channel: ch.ID}),
	})
	ack, err := c.gateway.Deliver(ctx, socket.Envelope{Kind: "slash_commands", Payload: payload, Answers: true})
	switch {
	case err != nil && ctx.Err() != nil:
		return err // whoever asked has gone; nothing has failed yet
	case err != nil:
		c.commandFailed(u, ch, cmd.Name, thread, err)
		return err
	}
	return c.commandAnswer(u, ch, cmd.Name, thread, ack)
}

// commandFailed shows Slackbot's note about a command that nobody took.
func (c *Client) commandFailed(u *workspace.Account, ch *workspace.Conversation, name, thread string, err error) {
	text := fmt.Sprintf("%s failed with the error \"%s\"", name, err)
	if errors.Is(err, socket.ErrTimeout) {
		text = name + " failed because the app did not respond."
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	c.ws.PostEphemeral(ch, u.ID, &workspace.Message{User: workspace.SlackbotID, Text: text, ThreadTS: thread, Error: err.Error()})
}

// commandAnswer shows the message that came with an acknowledgement, if there was one.
func (c *Client) commandAnswer(u *workspace.Account, ch *workspace.Conversation, name, thread string, ack json.RawMessage) error {
	if len(ack) == 0 || string(ack) == "null" {
		return nil
	}
	a := webapi.Args{}
	var text string
	if json.Unmarshal(ack, &text) == nil {
		a["text"] = ack
	} else if a.AddJSON(ack) != nil {
		return c.badAnswer(u, ch, name, thread)
	}
	d, ref := c.api.ReadDraft(a, webapi.PostMax)
	if ref != nil {
		return c.badAnswer(u, ch, name, thread)
	}
	if d.Empty() {
		return nil // {} acknowledges and says nothing; Bolt sends it everywhere
	}
	if d.Thread == "" {
		d.Thread = thread
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	c.api.PostResponse(ch, c.cfg.App, u.ID, d, a.Str("response_type"))
	return nil
}

func (c *Client) badAnswer(u *workspace.Account, ch *workspace.Conversation, name, thread string) error {
	err := errors.New("invalid_command_response")
	c.commandFailed(u, ch, name, thread, err)
	return err
}
