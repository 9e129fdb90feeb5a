package emulator

import (
	"context"
	"slices"
)

// UserID gives the id of a person by name or id. What is not known comes back as it is.
func (s *Server) UserID(key string) string {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	if u := s.ws.user(key); u != nil {
		return u.ID
	}
	return key
}

// ChannelID gives the id of a channel by name, with or without #, or id. What is not known comes back as it is.
func (s *Server) ChannelID(key string) string {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	if ch := s.ws.channel(key); ch != nil {
		return ch.id
	}
	return key
}

// Messages lists all messages of a channel with their metadata, the oldest first, replies among them.
// A direct message with the app is named by the person's id or name with an @ before it.
func (s *Server) Messages(channel string) []Message {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch := s.conversationFor(channel)
	out := []Message{}
	if ch != nil {
		for _, m := range ch.messages {
			out = append(out, *m)
		}
	}
	return out
}

// conversationFor finds a channel, or the direct message with a person. The caller holds the workspace's lock.
func (s *Server) conversationFor(key string) *channel {
	if ch := s.ws.channel(key); ch != nil {
		return ch
	}
	if u := s.ws.user(key); u != nil && !u.bot {
		for _, ch := range s.ws.channels {
			if ch.im == u.ID {
				return ch
			}
		}
	}
	return nil
}

// Thread lists the replies to a message, the oldest first, without the message itself.
func (s *Server) Thread(channel, ts string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool { return m.ThreadTS != ts || m.TS == ts })
}

// Ephemerals lists what only this person sees, the oldest first, notes by Slackbot among it.
func (s *Server) Ephemerals(user string) []Message {
	id := s.UserID(user)
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	out := []Message{}
	for _, m := range s.ws.ephemerals[id] {
		out = append(out, *m)
	}
	return out
}

// Wait calls ok now and after every change of messages or views, until it says true or ctx ends.
func (s *Server) Wait(ctx context.Context, ok func() bool) error {
	for {
		s.ws.mu.Lock()
		changed := s.ws.changed
		s.ws.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// WaitMessage waits for a message in a channel that want accepts, and gives the newest such one.
func (s *Server) WaitMessage(ctx context.Context, channel string, want func(Message) bool) (m Message, err error) {
	err = s.Wait(ctx, func() bool {
		for _, x := range slices.Backward(s.Messages(channel)) {
			if want(x) {
				m = x
				return true
			}
		}
		return false
	})
	return m, err
}

// WaitEphemeral waits for an ephemeral message to a person that want accepts, and gives the newest such one.
func (s *Server) WaitEphemeral(ctx context.Context, user string, want func(Message) bool) (m Message, err error) {
	err = s.Wait(ctx, func() bool {
		for _, x := range slices.Backward(s.Ephemerals(user)) {
			if want(x) {
				m = x
				return true
			}
		}
		return false
	})
	return m, err
}

// DirectID gives the id of the direct message between the app and a person, by name or id, opened if need be. Empty
// where there is no such person.
func (s *Server) DirectID(user string) string {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	u := s.ws.user(user)
	if u == nil || u.bot {
		return ""
	}
	ch, _ := s.ws.directMessage(u.ID)
	return ch.id
}
