package client

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// ownCommand is one of the slash commands that Slack itself has. An app that registers the same name gets it instead.
type ownCommand struct {
	workspace.Command
	do func(c *Client, in invocation) error
}

// invocation is what a person wants by a command of Slack's own, and where.
type invocation struct {
	user         *workspace.Account
	ch           *workspace.Conversation
	text, thread string
}

func ownCommands() []ownCommand {
	return []ownCommand{
		{workspace.Command{Name: "/dm", UsageHint: "@somebody your message", Description: "Send a direct message"}, (*Client).commandDirect},
		{workspace.Command{Name: "/invite", UsageHint: "@somebody", Description: "Invite people or the app to this channel"}, (*Client).commandInvite},
		{workspace.Command{Name: "/leave", Description: "Leave this channel"}, (*Client).commandLeave},
		{workspace.Command{Name: "/me", UsageHint: "your message", Description: "Display action text"}, (*Client).commandMe},
		{workspace.Command{Name: "/remove", UsageHint: "@somebody", Description: "Remove people or the app from this channel"}, (*Client).commandRemove},
		{workspace.Command{Name: "/shrug", UsageHint: "your message", Description: `Append ¯\_(ツ)_/¯ to your message`}, (*Client).commandShrug},
		{workspace.Command{Name: "/topic", UsageHint: "new topic", Description: "Set the channel's topic"}, (*Client).commandTopic},
	}
}

var commandName = regexp.MustCompile(`^/[\p{L}\p{N}_-]{1,31}$`)

// registered finds the app's own command of a name.
func registered(cfg workspace.Config, name string) (workspace.Command, bool) {
	for _, c := range cfg.Commands {
		if c.Name == name {
			return c, true
		}
	}
	return workspace.Command{Name: name}, cfg.App.AnyCommand && commandName.MatchString(name) && !isOwn(name)
}

// OwnCommands are those of Slack's own commands that the app has not registered for itself.
func OwnCommands(cfg workspace.Config) []workspace.Command {
	free := []workspace.Command{}
	for _, own := range ownCommands() {
		if _, taken := registered(cfg, own.Name); !taken {
			free = append(free, own.Command)
		}
	}
	return free
}

func isOwn(name string) bool {
	for _, c := range ownCommands() {
		if c.Name == name {
			return true
		}
	}
	return false
}

// namedPeople are the people, or the app, that a command names by @name. The caller holds the workspace's lock.
func (c *Client) namedPeople(text string) ([]*workspace.Account, error) {
	var all []*workspace.Account
	for name := range strings.FieldsSeq(text) {
		u := c.ws.User(name)
		if u == nil || u.Deleted || u.ID == workspace.SlackbotID {
			return nil, workspace.Refusal("There is no user " + name + ".")
		}
		all = append(all, u)
	}
	if len(all) == 0 {
		return nil, workspace.Refusal("Name somebody, such as @" + c.cfg.App.BotName + ".")
	}
	return all, nil
}

// forEachNamed does something with everybody whom the text names, in a channel that is no direct message.
func (c *Client) forEachNamed(in invocation, do func(u *workspace.Account)) error {
	c.ws.Lock()
	defer c.ws.Unlock()
	who, err := c.namedPeople(in.text)
	if err != nil {
		return err
	}
	if k := in.ch.Kind(); k == workspace.DirectIM || k == workspace.GroupIM {
		return workspace.Refusal("This is no channel.")
	}
	for _, u := range who {
		do(u)
	}
	return nil
}

func (c *Client) commandInvite(in invocation) error {
	return c.forEachNamed(in, func(u *workspace.Account) {
		if !in.ch.Has(u.ID) {
			c.ws.AddMember(in.ch, u.ID, in.user.ID)
		}
	})
}

func (c *Client) commandRemove(in invocation) error {
	return c.forEachNamed(in, func(u *workspace.Account) {
		if in.ch.Has(u.ID) {
			c.ws.RemoveMember(in.ch, u.ID, in.user.ID)
		}
	})
}

func (c *Client) commandLeave(in invocation) error { return c.people.Leave(in.user.ID, in.ch.ID) }

func (c *Client) commandTopic(in invocation) error {
	if utf8.RuneCountInString(in.text) > workspace.NoteMax {
		return workspace.Refusal("A topic has at most 250 characters.")
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	in.ch.Topic = workspace.Note{Value: in.text, Creator: in.user.ID, LastSet: time.Now().Unix()}
	c.ws.Events.TellPosted(in.ch, c.ws.PostNotice(in.ch, in.user.ID, "topic", "<@"+in.user.ID+"> set the channel topic: "+workspace.Escape(in.text)))
	c.ws.DirectoryChanged()
	return nil
}

func (c *Client) commandMe(in invocation) error {
	if in.text == "" {
		return workspace.Refusal("There is nothing to send.")
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	m := c.ws.AddMessage(in.ch, &workspace.Message{User: in.user.ID, Subtype: "me_message", ThreadTS: in.thread,
		Text: c.ws.Link(workspace.Escape(in.text), false)}, false)
	c.ws.Events.TellPosted(in.ch, m)
	return nil
}

func (c *Client) commandShrug(in invocation) error {
	_, err := c.people.Post(in.user.ID, in.ch.ID, strings.TrimSpace(in.text+` ¯\_(ツ)_/¯`), in.thread)
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
