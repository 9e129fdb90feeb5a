package emulator

import (
	"slices"
	"strings"
	"time"
)

// What people do to the workspace beside writing and clicking. Each method tells the app what Slack would tell it. The
// error is always a Refusal.

// acting finds a person and a conversation that they can see. The caller holds the workspace's lock.
func (w *workspace) acting(who, where string) (*user, *channel, error) {
	u, ch := w.user(who), w.channel(where)
	switch {
	case u == nil || u.deleted:
		return nil, nil, Refusal("There is no user " + who + ".")
	case ch == nil || !ch.visible(u.ID):
		return nil, nil, Refusal("There is no channel " + where + ".")
	}
	return u, ch, nil
}

// Join puts a person into a public channel.
func (s *Server) Join(user, channel string) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	u, ch, err := s.ws.acting(user, channel)
	switch {
	case err != nil:
		return err
	case ch.archived:
		return Refusal("#" + ch.name + " is archived.")
	case !ch.has(u.ID):
		s.enter(ch, u.ID, "")
	}
	return nil
}

// Leave takes a person out of a channel.
func (s *Server) Leave(user, channel string) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	u, ch, err := s.ws.acting(user, channel)
	if err != nil {
		return err
	}
	if !ch.has(u.ID) || ch.kind() == directIM {
		return Refusal("You cannot leave " + channel + ".")
	}
	s.exit(ch, u.ID, u.ID)
	return nil
}

// SetBotMember puts the app's bot user into a channel, or takes it out.
func (s *Server) SetBotMember(channel string, member bool) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch, bot := s.ws.channel(channel), s.cfg.App.BotUserID
	switch {
	case ch == nil || ch.has(bot) == member:
	case member:
		s.enter(ch, bot, s.ws.someone())
	default:
		s.exit(ch, bot, s.ws.someone())
	}
}

// Archive archives a channel, or takes it out of the archive.
func (s *Server) Archive(channel string, archived bool) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	if ch := s.ws.channel(channel); ch != nil && ch.archived != archived {
		s.archive(ch, s.ws.someone(), archived)
	}
}

// CreateChannel makes a channel, as a person, and gives its id.
func (s *Server) CreateChannel(user string, c Channel) (id string, err error) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	u := s.ws.user(user)
	if u == nil {
		return "", Refusal("There is no user " + user + ".")
	}
	if word := s.ws.nameFault(strings.TrimPrefix(c.Name, "#")); word != "" {
		return "", Refusal("This name cannot be had: " + word + ".")
	}
	ch := s.ws.newChannel(c)
	s.found(ch, u.ID)
	return ch.id, nil
}

// RenameChannel gives a channel a new name.
func (s *Server) RenameChannel(key, name string) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch := s.ws.channel(key)
	if ch == nil {
		return Refusal("There is no channel " + key + ".")
	}
	name = strings.TrimPrefix(name, "#")
	if word := s.ws.nameFault(name); word != "" {
		return Refusal("This name cannot be had: " + word + ".")
	}
	s.rename(ch, s.ws.someone(), name)
	return nil
}

// DeleteChannel takes a channel away for good, with all that was said in it.
func (s *Server) DeleteChannel(key string) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch := s.ws.channel(key)
	if ch == nil {
		return Refusal("There is no channel " + key + ".")
	}
	s.eventOf(ch, "deleted", obj{"channel": ch.id, "actor_id": s.ws.someone(), "date_deleted": time.Now().Unix(), "event_ts": s.ws.nextTS()})
	s.ws.channels = slices.DeleteFunc(s.ws.channels, func(x *channel) bool { return x == ch })
	s.peopleChanged()
	return nil
}

// React adds a person's emoji to a message, or takes it away. The name has no colons. Twice changes nothing.
func (s *Server) React(user, channel, ts, name string, add bool) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	u, ch, err := s.ws.acting(user, channel)
	if err != nil {
		return err
	}
	m := ch.message(ts)
	if m == nil || !emojiName.MatchString(name) {
		return Refusal("There is no such message or emoji.")
	}
	if s.toggle(ch, m, u.ID, name, add) == "too_many_emoji" {
		return Refusal("This message has as many reactions as it takes.")
	}
	return nil
}

// own finds a person's own message. The caller holds the workspace's lock.
func (w *workspace) own(who, where, ts string) (*channel, *Message, error) {
	u, ch, err := w.acting(who, where)
	if err != nil {
		return nil, nil, err
	}
	m := ch.message(ts)
	if m == nil || m.User != u.ID || m.BotID != "" || m.Subtype != "" && m.Subtype != "thread_broadcast" {
		return nil, nil, Refusal("You can only change your own messages.")
	}
	return ch, m, nil
}

// Edit changes the text of a person's own message.
func (s *Server) Edit(user, channel, ts, text string) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch, m, err := s.ws.own(user, channel, ts)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return Refusal("There is nothing to save.")
	}
	after := s.ws.change(ch, m, func(x *Message) {
		now := s.ws.typed(m.User, text, "")
		x.Text, x.Blocks, x.Edited = now.Text, now.Blocks, &Edited{User: m.User, TS: s.ws.nextTS()}
	})
	s.tellChanged(ch, m, after)
	return nil
}

// Delete takes a person's own message away.
func (s *Server) Delete(user, channel, ts string) error {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch, m, err := s.ws.own(user, channel, ts)
	if err != nil {
		return err
	}
	s.ws.remove(ch, m)
	s.tellDeleted(ch, m)
	return nil
}

// Share uploads a file as a person and shows it in a channel, with a text that may be empty. base is this server's
// address, as http://host:port.
func (s *Server) Share(base, user, channel, thread, text, name string, data []byte) (ts string, err error) {
	u, ch, err := s.place(user, channel)
	if err != nil {
		return "", err
	}
	f := s.attach(base, u.ID, name, data)
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	s.event("file_created", obj{"type": "file_created", "file_id": f.ID, "user_id": u.ID, "file": obj{"id": f.ID}, "event_ts": s.ws.nextTS()})
	m := s.ws.typed(u.ID, text, thread)
	m.Files = []File{f}
	return s.present(ch, m).TS, nil
}
