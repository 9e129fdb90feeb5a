package workspace

import (
	"context"
	"slices"
)

// Reader is what there is to see in the workspace.
type Reader struct{ ws *Workspace }

// NewReader gives what there is to see in ws.
func NewReader(ws *Workspace) *Reader { return &Reader{ws} }

// Execution says how far an execution is.
func (r *Reader) Execution(id string) Execution {
	r.ws.Lock()
	defer r.ws.Unlock()
	if x := r.ws.Functions[id]; x != nil {
		return *x
	}
	return Execution{}
}

// UserID gives the id of a person by name or id. What is not known comes back as it is.
func (r *Reader) UserID(key string) string {
	return r.ws.UserID(key)
}

// ChannelID gives the id of a channel by name, with or without #, or id. What is not known comes back as it is.
func (r *Reader) ChannelID(key string) string {
	r.ws.Lock()
	defer r.ws.Unlock()
	if ch := r.ws.Channel(key); ch != nil {
		return ch.ID
	}
	return key
}

// Messages lists all messages of a channel with their metadata, the oldest first, replies among them.
// A direct message with the app is named by the person's id or name with an @ before it.
func (r *Reader) Messages(channel string) []Message {
	r.ws.Lock()
	defer r.ws.Unlock()
	ch := r.conversation(channel)
	out := []Message{}
	if ch != nil {
		for _, m := range ch.Messages {
			out = append(out, *m)
		}
	}
	return out
}

// conversation finds a channel, or the direct message with a person. The caller holds the workspace's lock.
func (r *Reader) conversation(key string) *Conversation {
	if ch := r.ws.Channel(key); ch != nil {
		return ch
	}
	if u := r.ws.User(key); u != nil && !u.Bot {
		for _, ch := range r.ws.Channels {
			if ch.DirectWith == u.ID {
				return ch
			}
		}
	}
	return nil
}

// Thread lists the replies to a message, the oldest first, without the message itself.
func (r *Reader) Thread(channel, ts string) []Message {
	return slices.DeleteFunc(r.Messages(channel), func(m Message) bool { return m.ThreadTS != ts || m.TS == ts })
}

// Ephemerals lists what only this person sees, the oldest first, notes by Slackbot among it.
func (r *Reader) Ephemerals(user string) []Message {
	id := r.UserID(user)
	r.ws.Lock()
	defer r.ws.Unlock()
	out := []Message{}
	for _, m := range r.ws.Ephemerals[id] {
		out = append(out, *m)
	}
	return out
}

// Wait calls ok now and after every change of messages or views, until it says true or ctx ends.
func (r *Reader) Wait(ctx context.Context, ok func() bool) error {
	for {
		r.ws.Lock()
		changed := r.ws.changed
		r.ws.Unlock()
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
func (r *Reader) WaitMessage(ctx context.Context, channel string, want func(Message) bool) (m Message, err error) {
	err = r.Wait(ctx, func() bool {
		for _, x := range slices.Backward(r.Messages(channel)) {
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
func (r *Reader) WaitEphemeral(ctx context.Context, user string, want func(Message) bool) (m Message, err error) {
	err = r.Wait(ctx, func() bool {
		for _, x := range slices.Backward(r.Ephemerals(user)) {
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
func (r *Reader) DirectID(user string) string {
	r.ws.Lock()
	defer r.ws.Unlock()
	u := r.ws.User(user)
	if u == nil || u.Bot {
		return ""
	}
	ch, _ := r.ws.DirectMessage(u.ID)
	return ch.ID
}

// Views lists the modals that a person has open, the one in front last, and then their home tab if there is one.
func (r *Reader) Views(user string) []View {
	id := r.UserID(user)
	r.ws.Views.Lock()
	defer r.ws.Views.Unlock()
	out := []View{}
	for _, v := range r.ws.Views.Stacks[id] {
		out = append(out, r.ws.Views.Render(v))
	}
	if h := r.ws.Views.Homes[id]; h != nil {
		out = append(out, r.ws.Views.Render(h))
	}
	return out
}
