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
	do func(s *Server, p deed) error
}

// deed is what a person wants by a command of Slack's own, and where.
type deed struct {
	user         *user
	ch           *channel
	text, thread string
}

func ownCommands() []ownCommand {
	return []ownCommand{
		{Command{Name: "/dm", UsageHint: "@somebody your message", Description: "Send a direct message"}, (*Server).commandDirect},
		{Command{Name: "/invite", UsageHint: "@somebody", Description: "Invite people or the app to this channel"}, (*Server).commandInvite},
		{Command{Name: "/leave", Description: "Leave this channel"}, (*Server).commandLeave},
		{Command{Name: "/me", UsageHint: "your message", Description: "Display action text"}, (*Server).commandMe},
		{Command{Name: "/remove", UsageHint: "@somebody", Description: "Remove people or the app from this channel"}, (*Server).commandRemove},
		{Command{Name: "/shrug", UsageHint: "your message", Description: `Append ¯\_(ツ)_/¯ to your message`}, (*Server).commandShrug},
		{Command{Name: "/topic", UsageHint: "new topic", Description: "Set the channel's topic"}, (*Server).commandTopic},
	}
}

var commandName = regexp.MustCompile(`^/[\p{L}\p{N}_-]{1,31}$`)

// registered finds the app's own command of a name.
func (s *Server) registered(name string) (Command, bool) {
	for _, c := range s.cfg.Commands {
		if c.Name == name {
			return c, true
		}
	}
	return Command{Name: name}, s.cfg.App.AnyCommand && commandName.MatchString(name) && !isOwn(name)
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
func (s *Server) each(p deed, do func(u *user)) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	who, err := s.ws.named(p.text)
	if err != nil {
		return err
	}
	if k := p.ch.kind(); k == directIM || k == groupIM {
		return Refusal("This is no channel.")
	}
	for _, u := range who {
		do(u)
	}
	return nil
}

func (s *Server) commandInvite(p deed) error {
	return s.each(p, func(u *user) {
		if !p.ch.has(u.ID) {
			s.enter(p.ch, u.ID, p.user.ID)
		}
	})
}

func (s *Server) commandRemove(p deed) error {
	return s.each(p, func(u *user) {
		if p.ch.has(u.ID) {
			s.exit(p.ch, u.ID, p.user.ID)
		}
	})
}

func (s *Server) commandLeave(p deed) error { return s.Leave(p.user.ID, p.ch.id) }

func (s *Server) commandTopic(p deed) error {
	if utf8.RuneCountInString(p.text) > maxNote {
		return Refusal("A topic has at most 250 characters.")
	}
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	p.ch.topic = note{Value: p.text, Creator: p.user.ID, LastSet: time.Now().Unix()}
	s.tellApp(p.ch, s.ws.remark(p.ch, p.user.ID, "topic", "<@"+p.user.ID+"> set the channel topic: "+escape(p.text)))
	s.peopleChanged()
	return nil
}

func (s *Server) commandMe(p deed) error {
	if p.text == "" {
		return Refusal("There is nothing to send.")
	}
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	m := s.ws.add(p.ch, &Message{User: p.user.ID, Subtype: "me_message", ThreadTS: p.thread,
		Text: s.ws.link(escape(p.text), false)}, false)
	s.tellApp(p.ch, m)
	return nil
}

func (s *Server) commandShrug(p deed) error {
	_, err := s.Post(p.user.ID, p.ch.id, strings.TrimSpace(p.text+` ¯\_(ツ)_/¯`), p.thread)
	return err
}

func (s *Server) commandDirect(p deed) error {
	to, text, _ := strings.Cut(p.text, " ")
	id, err := s.Direct(p.user.ID, to)
	if err == nil && strings.TrimSpace(text) != "" {
		_, err = s.Post(p.user.ID, id, text, "")
	}
	return err
}
