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

// Type does what happens when a person types text into a channel and presses Enter: a slash command goes to the app,
// anything else is posted. thread may be empty.
//
// The error is a Refusal, ErrTimeout or ErrNoSocket; the last two the person also sees as a note by Slackbot.
func (s *Server) Type(ctx context.Context, user, channel, text, thread string) error {
	u, ch, err := s.place(user, channel)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(text, "/") {
		_, err := s.Post(user, channel, text, thread)
		return err
	}
	name, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	if c, ok := s.registered(name); ok {
		return s.command(ctx, u, ch, c, rest, thread)
	}
	for _, c := range ownCommands() {
		if c.Name == name {
			return c.do(s, deed{user: u, ch: ch, text: rest, thread: thread})
		}
	}
	return Refusal(fmt.Sprintf("%s is not a valid command. In Slack, all messages that start with the \"/\" "+
		"character are interpreted as commands.", name))
}

// Post writes a plain message as a person and gives its timestamp.
func (s *Server) Post(user, channel, text, thread string) (ts string, err error) {
	u, ch, err := s.place(user, channel)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(text) == "" {
		return "", Refusal("There is nothing to send.")
	}
	w := s.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.add(ch, w.typed(u.ID, text, thread), false)
	s.tellApp(ch, m)
	return m.TS, nil
}

// place finds a person and a channel that they can write in.
func (s *Server) place(user, channel string) (*user, *channel, error) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	u := s.ws.user(user)
	if u == nil {
		return nil, nil, Refusal("There is no user " + user + ".")
	}
	ch := s.ws.channel(channel)
	switch {
	case ch == nil || !ch.visible(u.ID):
		return nil, nil, Refusal("There is no channel " + channel + ".")
	case ch.im != "" && s.cfg.App.SilentMessages:
		return nil, nil, Refusal("Sending messages to this app has been turned off.")
	case ch.archived:
		return nil, nil, Refusal("You are viewing #" + ch.name + ", an archived channel.")
	case !ch.has(u.ID):
		return nil, nil, Refusal("You are not in #" + ch.name + ". Join it first.")
	}
	return u, ch, nil
}

// command sends a slash command to the app and shows the person what comes of it.
func (s *Server) command(ctx context.Context, u *user, ch *channel, c Command, text, thread string) error {
	if c.Escape {
		s.ws.mu.Lock()
		text = s.ws.link(escape(text), true)
		s.ws.mu.Unlock()
	}
	payload := jsonvalue.Encode(obj{
		"token": "local", "team_id": s.cfg.Team.ID, "team_domain": s.cfg.Team.Domain,
		"channel_id": ch.id, "channel_name": ch.label(), "user_id": u.ID, "user_name": u.Name,
		"command": c.Name, "text": text, "api_app_id": s.cfg.App.ID, "is_enterprise_install": "false",
		"response_url": s.responseURL(responseURL{user: u.ID, channel: ch.id, thread: thread}),
		"trigger_id":   s.trig.issue(trigger{user: u.ID, channel: ch.id}),
	})
	ack, err := s.gate.deliver(ctx, envelope{kind: "slash_commands", payload: payload, answers: true})
	switch {
	case err != nil && ctx.Err() != nil:
		return err // whoever asked has gone; nothing has failed yet
	case err != nil:
		s.commandFailed(u, ch, c.Name, thread, err)
		return err
	}
	return s.commandAnswer(u, ch, c.Name, thread, ack)
}

// commandFailed shows Slackbot's note about a command that nobody took.
func (s *Server) commandFailed(u *user, ch *channel, name, thread string, err error) {
	text := fmt.Sprintf("%s failed with the error \"%s\"", name, err)
	if errors.Is(err, ErrTimeout) {
		text = name + " failed because the app did not respond."
	}
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	s.ws.whisper(ch, u.ID, &Message{User: slackbotID, Text: text, ThreadTS: thread, Error: err.Error()})
}

// commandAnswer shows the message that came with an acknowledgement, if there was one.
func (s *Server) commandAnswer(u *user, ch *channel, name, thread string, ack json.RawMessage) error {
	if len(ack) == 0 || string(ack) == "null" {
		return nil
	}
	a := args{}
	var text string
	if json.Unmarshal(ack, &text) == nil {
		a["text"] = ack
	} else if a.addJSON(ack) != nil {
		return s.badAnswer(u, ch, name, thread)
	}
	d, ref := s.readDraft(a, maxPost)
	if ref != nil {
		return s.badAnswer(u, ch, name, thread)
	}
	if d.empty() {
		return nil // {} acknowledges and says nothing; Bolt sends it everywhere
	}
	if d.thread == "" {
		d.thread = thread
	}
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	s.say(ch, u.ID, d, a.str("response_type"))
	return nil
}

func (s *Server) badAnswer(u *user, ch *channel, name, thread string) error {
	err := errors.New("invalid_command_response")
	s.commandFailed(u, ch, name, thread, err)
	return err
}
