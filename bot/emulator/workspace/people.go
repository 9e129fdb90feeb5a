package workspace

import (
	"slices"
	"strings"
	"time"
)

// A Refusal is what Slack itself tells a person, before the app hears of anything.
type Refusal string

// Post writes a plain message as a person and gives its timestamp.
func (p *People) Post(user, channel, text, thread string) (ts string, err error) {
	u, ch, err := p.ws.Writer(user, channel)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(text) == "" {
		return "", Refusal("There is nothing to send.")
	}
	w := p.ws
	w.Lock()
	defer w.Unlock()
	m := w.AddMessage(ch, w.typedMessage(u.ID, text, thread), false)
	p.ws.Events.TellPosted(ch, m)
	return m.TS, nil
}

// Writer finds a person and a channel that they can write in.
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

// People are what people do in the workspace, where the app has no say. Each method tells the app what Slack would tell
// it. The error is always a Refusal.
type People struct{ ws *Workspace }

func NewPeople(ws *Workspace) *People { return &People{ws} }

// personIn finds a person and a conversation that they can see. The caller holds the workspace's lock.
func (w *Workspace) personIn(who, where string) (*Account, *Conversation, error) {
	u, ch := w.User(who), w.Channel(where)
	switch {
	case u == nil || u.Deleted:
		return nil, nil, Refusal("There is no user " + who + ".")
	case ch == nil || !ch.Visible(u.ID):
		return nil, nil, Refusal("There is no channel " + where + ".")
	}
	return u, ch, nil
}

// Join puts a person into a public channel.
func (p *People) Join(user, channel string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	u, ch, err := p.ws.personIn(user, channel)
	switch {
	case err != nil:
		return err
	case ch.Archived:
		return Refusal("#" + ch.Name + " is archived.")
	case !ch.Has(u.ID):
		p.ws.AddMember(ch, u.ID, "")
	}
	return nil
}

// Leave takes a person out of a channel.
func (p *People) Leave(user, channel string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	u, ch, err := p.ws.personIn(user, channel)
	if err != nil {
		return err
	}
	if !ch.Has(u.ID) || ch.Kind() == DirectIM {
		return Refusal("You cannot leave " + channel + ".")
	}
	p.ws.RemoveMember(ch, u.ID, u.ID)
	return nil
}

// SetBotMember puts the app's bot user into a channel, or takes it out.
func (p *People) SetBotMember(channel string, member bool) {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch, bot := p.ws.Channel(channel), p.ws.Config.App.BotUserID
	switch {
	case ch == nil || ch.Has(bot) == member:
	case member:
		p.ws.AddMember(ch, bot, p.ws.anyPerson())
	default:
		p.ws.RemoveMember(ch, bot, p.ws.anyPerson())
	}
}

// Archive archives a channel, or takes it out of the archive.
func (p *People) Archive(channel string, archived bool) {
	p.ws.Lock()
	defer p.ws.Unlock()
	if ch := p.ws.Channel(channel); ch != nil && ch.Archived != archived {
		p.ws.SetArchived(ch, p.ws.anyPerson(), archived)
	}
}

// CreateChannel makes a channel, as a person, and gives its id.
func (p *People) CreateChannel(user string, c Channel) (id string, err error) {
	p.ws.Lock()
	defer p.ws.Unlock()
	u := p.ws.User(user)
	if u == nil {
		return "", Refusal("There is no user " + user + ".")
	}
	if word := p.ws.ChannelNameFault(strings.TrimPrefix(c.Name, "#")); word != "" {
		return "", Refusal("This name cannot be had: " + word + ".")
	}
	ch := p.ws.NewChannel(c)
	p.ws.AddChannel(ch, u.ID)
	return ch.ID, nil
}

// RenameChannel gives a channel a new name.
func (p *People) RenameChannel(key, name string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch := p.ws.Channel(key)
	if ch == nil {
		return Refusal("There is no channel " + key + ".")
	}
	name = strings.TrimPrefix(name, "#")
	if word := p.ws.ChannelNameFault(name); word != "" {
		return Refusal("This name cannot be had: " + word + ".")
	}
	p.ws.RenameChannel(ch, p.ws.anyPerson(), name)
	return nil
}

// DeleteChannel takes a channel away for good, with all that was said in it.
func (p *People) DeleteChannel(key string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch := p.ws.Channel(key)
	if ch == nil {
		return Refusal("There is no channel " + key + ".")
	}
	p.ws.Events.sendAbout(ch, "deleted", obj{"channel": ch.ID, "actor_id": p.ws.anyPerson(), "date_deleted": time.Now().Unix(), "event_ts": p.ws.NextTS()})
	p.ws.Channels = slices.DeleteFunc(p.ws.Channels, func(x *Conversation) bool { return x == ch })
	p.ws.DirectoryChanged()
	return nil
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
	f := p.Attach(base, u.ID, name, data)
	p.ws.Files.Lock()
	defer p.ws.Files.Unlock()
	p.ws.Lock()
	defer p.ws.Unlock()
	p.ws.Events.Send("file_created", obj{"type": "file_created", "file_id": f.ID, "user_id": u.ID, "file": obj{"id": f.ID}, "event_ts": p.ws.NextTS()})
	m := p.ws.typedMessage(u.ID, text, thread)
	m.Files = []File{f}
	return p.ws.Files.Present(ch, m).TS, nil
}
