package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// A Refusal is what Slack itself tells a person, before the app hears of anything.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// Client is Slack's own client in a person's hands, as far as it asks the app something: commands, clicks, forms and
// shortcuts, and what it shows of the answers.
type Client struct {
	cfg    Config
	ws     *workspace
	api    *API
	people *People
	gate   *gateway
}

// Type does what happens when a person types text into a channel and presses Enter: a slash command goes to the app,
// anything else is posted. thread may be empty.
//
// The error is a Refusal, ErrTimeout or ErrNoSocket; the last two the person also sees as a note by Slackbot.
func (c *Client) Type(ctx context.Context, user, channel, text, thread string) error {
	u, ch, err := c.ws.writer(user, channel)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(text, "/") {
		_, err := c.people.Post(user, channel, text, thread)
		return err
	}
	name, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	if cmd, ok := c.registered(name); ok {
		return c.command(ctx, u, ch, cmd, rest, thread)
	}
	for _, own := range ownCommands() {
		if own.Name == name {
			return own.do(c, invocation{user: u, ch: ch, text: rest, thread: thread})
		}
	}
	return Refusal(fmt.Sprintf("%s is not a valid command. In Slack, all messages that start with the \"/\" "+
		"character are interpreted as commands.", name))
}

// Post writes a plain message as a person and gives its timestamp.
func (p *People) Post(user, channel, text, thread string) (ts string, err error) {
	u, ch, err := p.ws.writer(user, channel)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(text) == "" {
		return "", Refusal("There is nothing to send.")
	}
	w := p.ws
	w.Lock()
	defer w.Unlock()
	m := w.add(ch, w.typed(u.ID, text, thread), false)
	p.ws.events.tellApp(ch, m)
	return m.TS, nil
}

// writer finds a person and a channel that they can write in.
func (w *workspace) writer(user, channel string) (*user, *channel, error) {
	w.Lock()
	defer w.Unlock()
	u := w.user(user)
	if u == nil {
		return nil, nil, Refusal("There is no user " + user + ".")
	}
	ch := w.channel(channel)
	switch {
	case ch == nil || !ch.visible(u.ID):
		return nil, nil, Refusal("There is no channel " + channel + ".")
	case ch.im != "" && w.cfg.App.SilentMessages:
		return nil, nil, Refusal("Sending messages to this app has been turned off.")
	case ch.archived:
		return nil, nil, Refusal("You are viewing #" + ch.name + ", an archived channel.")
	case !ch.has(u.ID):
		return nil, nil, Refusal("You are not in #" + ch.name + ". Join it first.")
	}
	return u, ch, nil
}

// command sends a slash command to the app and shows the person what comes of it.
func (c *Client) command(ctx context.Context, u *user, ch *channel, cmd Command, text, thread string) error {
	if cmd.Escape {
		c.ws.Lock()
		text = c.ws.link(escape(text), true)
		c.ws.Unlock()
	}
	payload := jsonvalue.Encode(obj{
		"token": "local", "team_id": c.cfg.Team.ID, "team_domain": c.cfg.Team.Domain,
		"channel_id": ch.id, "channel_name": ch.label(), "user_id": u.ID, "user_name": u.Name,
		"command": cmd.Name, "text": text, "api_app_id": c.cfg.App.ID, "is_enterprise_install": "false",
		"response_url": c.ws.urls.issue(responseURL{user: u.ID, channel: ch.id, thread: thread}),
		"trigger_id":   c.ws.trig.issue(trigger{user: u.ID, channel: ch.id}),
	})
	ack, err := c.gate.deliver(ctx, envelope{kind: "slash_commands", payload: payload, answers: true})
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
func (c *Client) commandFailed(u *user, ch *channel, name, thread string, err error) {
	text := fmt.Sprintf("%s failed with the error \"%s\"", name, err)
	if errors.Is(err, ErrTimeout) {
		text = name + " failed because the app did not respond."
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	c.ws.whisper(ch, u.ID, &Message{User: slackbotID, Text: text, ThreadTS: thread, Error: err.Error()})
}

// commandAnswer shows the message that came with an acknowledgement, if there was one.
func (c *Client) commandAnswer(u *user, ch *channel, name, thread string, ack json.RawMessage) error {
	if len(ack) == 0 || string(ack) == "null" {
		return nil
	}
	a := args{}
	var text string
	if json.Unmarshal(ack, &text) == nil {
		a["text"] = ack
	} else if a.addJSON(ack) != nil {
		return c.badAnswer(u, ch, name, thread)
	}
	d, ref := c.api.readDraft(a, maxPost)
	if ref != nil {
		return c.badAnswer(u, ch, name, thread)
	}
	if d.empty() {
		return nil // {} acknowledges and says nothing; Bolt sends it everywhere
	}
	if d.thread == "" {
		d.thread = thread
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	c.api.say(ch, u.ID, d, a.str("response_type"))
	return nil
}

func (c *Client) badAnswer(u *user, ch *channel, name, thread string) error {
	err := errors.New("invalid_command_response")
	c.commandFailed(u, ch, name, thread, err)
	return err
}
