package workspace

import (
	"strings"
)

// Post writes a plain message as a person and gives its timestamp.
func (p *People) Post(user, channel, text, thread string) (ts string, err error) {
	return p.ws.PostAs(user, channel, text, thread, false)
}

// PostAs writes a plain message as a person. With broadcast an answer in a thread is shown in the channel too. It takes
// the lock itself.
func (w *Workspace) PostAs(user, channel, text, thread string, broadcast bool) (ts string, err error) {
	u, ch, err := w.Writer(user, channel)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(text) == "" {
		return "", Refusal("There is nothing to send.")
	}
	w.Lock()
	defer w.Unlock()
	m := w.AddMessage(ch, w.typedMessage(u.ID, text, thread), broadcast)
	w.Events.TellPosted(ch, m)
	return m.TS, nil
}

// Writer finds a person and a channel that they can write in. It takes the lock itself.
func (w *Workspace) Writer(user, channel string) (*Account, *Conversation, error) {
	w.Lock()
	defer w.Unlock()
	u := w.User(user)
	if u == nil {
		return nil, nil, Refusal("There is no user " + user + ".")
	}
	ch := w.Channel(channel)
	switch {
	case ch == nil || !ch.Visible(u.ID):
		return nil, nil, Refusal("There is no channel " + channel + ".")
	case ch.DirectWith != "" && w.Config.App.SilentMessages:
		return nil, nil, Refusal("Sending messages to this app has been turned off.")
	case ch.Archived:
		return nil, nil, Refusal("You are viewing #" + ch.Name + ", an archived channel.")
	case !ch.Has(u.ID):
		return nil, nil, Refusal("You are not in #" + ch.Name + ". Join it first.")
	}
	return u, ch, nil
}

// React adds a person's emoji to a message, or takes it away. The name has no colons. Twice changes nothing.
func (p *People) React(user, channel, ts, name string, add bool) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	u, ch, err := p.ws.personIn(user, channel)
	if err != nil {
		return err
	}
	m := ch.Message(ts)
	if m == nil || !ValidEmoji(name) {
		return Refusal("There is no such message or emoji.")
	}
	if p.ws.ToggleReaction(ch, m, u.ID, name, add) == "too_many_emoji" {
		return Refusal("This message has as many reactions as it takes.")
	}
	return nil
}

// ownMessage finds a person's own message. The caller holds the workspace's lock.
func (w *Workspace) ownMessage(who, where, ts string) (*Conversation, *Message, error) {
	u, ch, err := w.personIn(who, where)
	if err != nil {
		return nil, nil, err
	}
	m := ch.Message(ts)
	if m == nil || m.User != u.ID || m.BotID != "" || m.Subtype != "" && m.Subtype != "thread_broadcast" {
		return nil, nil, Refusal("You can only change your own messages.")
	}
	return ch, m, nil
}

// Edit changes the text of a person's own message.
func (p *People) Edit(user, channel, ts, text string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch, m, err := p.ws.ownMessage(user, channel, ts)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return Refusal("There is nothing to save.")
	}
	after := p.ws.ChangeMessage(ch, m, func(x *Message) {
		now := p.ws.typedMessage(m.User, text, "")
		x.Text, x.Blocks, x.Edited = now.Text, now.Blocks, &Edited{User: m.User, TS: p.ws.NextTS()}
	})
	p.ws.Events.TellChanged(ch, m, after)
	return nil
}

// Delete takes a person's own message away.
func (p *People) Delete(user, channel, ts string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch, m, err := p.ws.ownMessage(user, channel, ts)
	if err != nil {
		return err
	}
	p.ws.RemoveMessage(ch, m)
	p.ws.Events.TellDeleted(ch, m)
	return nil
}

// Share uploads a file as a person and shows it in a channel, with a text that may be empty. base is this server's
// address, as http://host:port.
func (p *People) Share(base, user, channel, thread, text, name string, data []byte) (ts string, err error) {
	u, ch, err := p.ws.Writer(user, channel)
	if err != nil {
		return "", err
	}
	f := p.ws.Files.Attach(base, u.ID, name, data)
	p.ws.Files.Lock()
	defer p.ws.Files.Unlock()
	p.ws.Lock()
	defer p.ws.Unlock()
	p.ws.Events.Send("file_created", obj{"type": "file_created", "file_id": f.ID, "user_id": u.ID, "file": obj{"id": f.ID}, "event_ts": p.ws.NextTS()})
	m := p.ws.typedMessage(u.ID, text, thread)
	m.Files = []File{f}
	return p.ws.Files.Present(ch, m).TS, nil
}
