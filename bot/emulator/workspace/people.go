package workspace

import (
	"slices"
	"strings"
	"time"
)

// A Refusal is what Slack itself tells a person, before the app hears of anything.
type Refusal string

// People are what people do in the workspace, where the app has no say. Each method tells the app what Slack would tell
// it. The error is always a Refusal.
type People struct{ ws *Workspace }

// NewPeople gives the people of ws.
func NewPeople(ws *Workspace) *People { return &People{ws} }

func (r Refusal) Error() string { return string(r) }

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

// SetShared connects a channel with another organization, or ends that.
func (p *People) SetShared(channel string, shared bool) {
	p.ws.Lock()
	defer p.ws.Unlock()
	if ch := p.ws.Channel(channel); ch != nil && ch.Shared != shared {
		p.ws.SetShared(ch, shared)
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
