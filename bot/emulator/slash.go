package emulator

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// ownCommand is one of the slash commands that Slack itself has. An app that registers the same name gets it instead.
type ownCommand struct {
	Command
	do func(c *Client, in invocation) error
}

// invocation is what a person wants by a command of Slack's own, and where.
type invocation struct {
	user         *user
	ch           *channel
	text, thread string
}

func ownCommands() []ownCommand {
	return []ownCommand{
		{Command{Name: "/dm", UsageHint: "@somebody your message", Description: "Send a direct message"}, (*Client).commandDirect},
		{Command{Name: "/invite", UsageHint: "@somebody", Description: "Invite people or the app to this channel"}, (*Client).commandInvite},
		{Command{Name: "/leave", Description: "Leave this channel"}, (*Client).commandLeave},
		{Command{Name: "/me", UsageHint: "your message", Description: "Display action text"}, (*Client).commandMe},
		{Command{Name: "/remove", UsageHint: "@somebody", Description: "Remove people or the app from this channel"}, (*Client).commandRemove},
		{Command{Name: "/shrug", UsageHint: "your message", Description: `Append ¯\_(ツ)_/¯ to your message`}, (*Client).commandShrug},
		{Command{Name: "/topic", UsageHint: "new topic", Description: "Set the channel's topic"}, (*Client).commandTopic},
	}
}

var commandName = regexp.MustCompile(`^/[\p{L}\p{N}_-]{1,31}$`)

// registered finds the app's own command of a name.
func (c *Client) registered(name string) (Command, bool) {
	for _, c := range c.cfg.Commands {
		if c.Name == name {
			return c, true
		}
	}
	return Command{Name: name}, c.cfg.App.AnyCommand && commandName.MatchString(name) && !isOwn(name)
}

func isOwn(name string) bool {
	for _, c := range ownCommands() {
		if c.Name == name {
			return true
		}
	}
	return false
}

// named are the people, or the app, that a command names by @name. The caller holds the workspace's lock.
func (w *workspace) named(text string) ([]*user, error) {
	var all []*user
	for name := range strings.FieldsSeq(text) {
		u := w.user(name)
		if u == nil || u.deleted || u.ID == slackbotID {
			return nil, Refusal("There is no user " + name + ".")
		}
		all = append(all, u)
	}
	if len(all) == 0 {
		return nil, Refusal("Name somebody, such as @" + w.cfg.App.BotName + ".")
	}
	return all, nil
}

// each does something with everybody whom the text names, in a channel that is no direct message.
func (c *Client) each(in invocation, do func(u *user)) error {
	c.ws.Lock()
	defer c.ws.Unlock()
	who, err := c.ws.named(in.text)
	if err != nil {
		return err
	}
	if k := in.ch.kind(); k == directIM || k == groupIM {
		return Refusal("This is no channel.")
	}
	for _, u := range who {
		do(u)
	}
	return nil
}

func (c *Client) commandInvite(in invocation) error {
	return c.each(in, func(u *user) {
		if !in.ch.has(u.ID) {
			c.ws.enter(in.ch, u.ID, in.user.ID)
		}
	})
}

func (c *Client) commandRemove(in invocation) error {
	return c.each(in, func(u *user) {
		if in.ch.has(u.ID) {
			c.ws.exit(in.ch, u.ID, in.user.ID)
		}
	})
}

func (c *Client) commandLeave(in invocation) error { return c.people.Leave(in.user.ID, in.ch.id) }

func (c *Client) commandTopic(in invocation) error {
	if utf8.RuneCountInString(in.text) > maxNote {
		return Refusal("A topic has at most 250 characters.")
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	in.ch.topic = note{Value: in.text, Creator: in.user.ID, LastSet: time.Now().Unix()}
	c.ws.events.tellApp(in.ch, c.ws.remark(in.ch, in.user.ID, "topic", "<@"+in.user.ID+"> set the channel topic: "+escape(in.text)))
	c.ws.peopleChanged()
	return nil
}

func (c *Client) commandMe(in invocation) error {
	if in.text == "" {
		return Refusal("There is nothing to send.")
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	m := c.ws.add(in.ch, &Message{User: in.user.ID, Subtype: "me_message", ThreadTS: in.thread,
		Text: c.ws.link(escape(in.text), false)}, false)
	c.ws.events.tellApp(in.ch, m)
	return nil
}

func (c *Client) commandShrug(in invocation) error {
	_, err := c.people.Post(in.user.ID, in.ch.id, strings.TrimSpace(in.text+` ¯\_(ツ)_/¯`), in.thread)
	return err
}

func (c *Client) commandDirect(in invocation) error {
	to, text, _ := strings.Cut(in.text, " ")
	id, err := c.people.Direct(in.user.ID, to)
	if err == nil && strings.TrimSpace(text) != "" {
		_, err = c.people.Post(in.user.ID, id, text, "")
	}
	return err
}
