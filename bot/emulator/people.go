package emulator

import (
	"slices"
	"strings"
	"time"
)

// People are what people do in the workspace, where the app has no say. Each method tells the app what Slack would tell
// it. The error is always a Refusal.
type People struct{ ws *workspace }

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
func (p *People) Join(user, channel string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	u, ch, err := p.ws.acting(user, channel)
	switch {
	case err != nil:
		return err
	case ch.archived:
		return Refusal("#" + ch.name + " is archived.")
	case !ch.has(u.ID):
		p.ws.enter(ch, u.ID, "")
	}
	return nil
}

// Leave takes a person out of a channel.
func (p *People) Leave(user, channel string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	u, ch, err := p.ws.acting(user, channel)
	if err != nil {
		return err
	}
	if !ch.has(u.ID) || ch.kind() == directIM {
		return Refusal("You cannot leave " + channel + ".")
	}
	p.ws.exit(ch, u.ID, u.ID)
	return nil
}

// SetBotMember puts the app's bot user into a channel, or takes it out.
func (p *People) SetBotMember(channel string, member bool) {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch, bot := p.ws.channel(channel), p.ws.cfg.App.BotUserID
	switch {
	case ch == nil || ch.has(bot) == member:
	case member:
		p.ws.enter(ch, bot, p.ws.someone())
	default:
		p.ws.exit(ch, bot, p.ws.someone())
	}
}

// Archive archives a channel, or takes it out of the archive.
func (p *People) Archive(channel string, archived bool) {
	p.ws.Lock()
	defer p.ws.Unlock()
	if ch := p.ws.channel(channel); ch != nil && ch.archived != archived {
		p.ws.archive(ch, p.ws.someone(), archived)
	}
}

// CreateChannel makes a channel, as a person, and gives its id.
func (p *People) CreateChannel(user string, c Channel) (id string, err error) {
	p.ws.Lock()
	defer p.ws.Unlock()
	u := p.ws.user(user)
	if u == nil {
		return "", Refusal("There is no user " + user + ".")
	}
	if word := p.ws.nameFault(strings.TrimPrefix(c.Name, "#")); word != "" {
		return "", Refusal("This name cannot be had: " + word + ".")
	}
	ch := p.ws.newChannel(c)
	p.ws.found(ch, u.ID)
	return ch.id, nil
}

// RenameChannel gives a channel a new name.
func (p *People) RenameChannel(key, name string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch := p.ws.channel(key)
	if ch == nil {
		return Refusal("There is no channel " + key + ".")
	}
	name = strings.TrimPrefix(name, "#")
	if word := p.ws.nameFault(name); word != "" {
		return Refusal("This name cannot be had: " + word + ".")
	}
	p.ws.rename(ch, p.ws.someone(), name)
	return nil
}

// DeleteChannel takes a channel away for good, with all that was said in it.
func (p *People) DeleteChannel(key string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch := p.ws.channel(key)
	if ch == nil {
		return Refusal("There is no channel " + key + ".")
	}
	p.ws.events.eventOf(ch, "deleted", obj{"channel": ch.id, "actor_id": p.ws.someone(), "date_deleted": time.Now().Unix(), "event_ts": p.ws.nextTS()})
	p.ws.channels = slices.DeleteFunc(p.ws.channels, func(x *channel) bool { return x == ch })
	p.ws.peopleChanged()
	return nil
}

// React adds a person's emoji to a message, or takes it away. The name has no colons. Twice changes nothing.
func (p *People) React(user, channel, ts, name string, add bool) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	u, ch, err := p.ws.acting(user, channel)
	if err != nil {
		return err
	}
	m := ch.message(ts)
	if m == nil || !emojiName.MatchString(name) {
		return Refusal("There is no such message or emoji.")
	}
	if p.ws.toggle(ch, m, u.ID, name, add) == "too_many_emoji" {
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
func (p *People) Edit(user, channel, ts, text string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch, m, err := p.ws.own(user, channel, ts)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return Refusal("There is nothing to save.")
	}
	after := p.ws.change(ch, m, func(x *Message) {
		now := p.ws.typed(m.User, text, "")
		x.Text, x.Blocks, x.Edited = now.Text, now.Blocks, &Edited{User: m.User, TS: p.ws.nextTS()}
	})
	p.ws.events.tellChanged(ch, m, after)
	return nil
}

// Delete takes a person's own message away.
func (p *People) Delete(user, channel, ts string) error {
	p.ws.Lock()
	defer p.ws.Unlock()
	ch, m, err := p.ws.own(user, channel, ts)
	if err != nil {
		return err
	}
	p.ws.remove(ch, m)
	p.ws.events.tellDeleted(ch, m)
	return nil
}

// Share uploads a file as a person and shows it in a channel, with a text that may be empty. base is this server's
// address, as http://host:port.
func (p *People) Share(base, user, channel, thread, text, name string, data []byte) (ts string, err error) {
	u, ch, err := p.ws.writer(user, channel)
	if err != nil {
		return "", err
	}
	f := p.attach(base, u.ID, name, data)
	p.ws.files.Lock()
	defer p.ws.files.Unlock()
	p.ws.Lock()
	defer p.ws.Unlock()
	p.ws.events.event("file_created", obj{"type": "file_created", "file_id": f.ID, "user_id": u.ID, "file": obj{"id": f.ID}, "event_ts": p.ws.nextTS()})
	m := p.ws.typed(u.ID, text, thread)
	m.Files = []File{f}
	return p.ws.files.present(ch, m).TS, nil
}
