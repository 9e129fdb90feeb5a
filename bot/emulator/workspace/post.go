package workspace

import (
	"slices"
	"strings"
)

// AddMessage stores a new message in a channel and tells everybody. The caller holds the lock and owns m.
func (w *Workspace) AddMessage(ch *Conversation, m *Message, broadcast bool) *Message {
	m.Type, m.TS, m.Team = "message", w.NextTS(), w.Config.Team.ID
	if m.ThreadTS != "" {
		w.joinThread(ch, m, broadcast)
	}
	ch.Messages = append(ch.Messages, m)
	if (m.ThreadTS == "" || broadcast) && !isNotice(m) {
		for _, u := range ch.Members {
			if u != m.User && u != w.Config.App.BotUserID {
				ch.Unread[u]++
				w.Feed.ToUser(u, obj{"type": "unread", "channel": ch.ID, "unread": ch.Unread[u]})
			}
		}
	}
	w.announce(ch, "message", m)
	return m
}

// isNotice says whether a message is one of Slack's own remarks, which nobody needs to have read.
func isNotice(m *Message) bool {
	return strings.HasPrefix(m.Subtype, "channel_") || strings.HasPrefix(m.Subtype, "group_")
}

// joinThread makes m a reply. A reply to a message that is gone stands alone, as in Slack.
func (w *Workspace) joinThread(ch *Conversation, m *Message, broadcast bool) {
	parent := ch.Message(m.ThreadTS)
	if parent != nil && parent.ThreadTS != "" && parent.ThreadTS != parent.TS {
		parent = ch.Message(parent.ThreadTS)
	}
	if parent == nil {
		m.ThreadTS = ""
		return
	}
	m.ThreadTS, m.ParentUserID = parent.TS, parent.User
	if broadcast {
		m.Subtype = "thread_broadcast"
	}
	p := *parent
	p.ThreadTS = p.TS
	p.ReplyCount++
	p.LatestReply = m.TS
	if !slices.Contains(p.ReplyUsers, m.User) {
		p.ReplyUsers = append(slices.Clone(p.ReplyUsers), m.User)
	}
	p.ReplyUsersCount = len(p.ReplyUsers)
	ch.Threads[p.TS] = append(ch.Threads[p.TS], m.TS)
	ch.replace(&p)
	w.announce(ch, "message_changed", &p)
}

// ChangeMessage replaces a message by what edit makes of a copy. The caller holds the lock.
func (w *Workspace) ChangeMessage(ch *Conversation, m *Message, edit func(*Message)) *Message {
	c := *m
	edit(&c)
	if string(c.Blocks) != string(m.Blocks) && len(m.Blocks) > 0 {
		const kept = 20
		c.versions = append(slices.Clone(m.versions), m.Blocks)
		if len(c.versions) > kept {
			c.versions = c.versions[len(c.versions)-kept:]
		}
	}
	ch.replace(&c)
	w.announce(ch, "message_changed", &c)
	return &c
}

// RemoveMessage deletes a message. One with replies leaves a tombstone, so that its thread stays.
func (w *Workspace) RemoveMessage(ch *Conversation, m *Message) {
	if m.ReplyCount > 0 {
		t := &Message{Type: "message", Subtype: "tombstone", TS: m.TS, ThreadTS: m.TS, User: SlackbotID,
			Text: "This message was deleted.", ReplyCount: m.ReplyCount, ReplyUsers: m.ReplyUsers,
			ReplyUsersCount: m.ReplyUsersCount, LatestReply: m.LatestReply}
		ch.replace(t)
		w.announce(ch, "message_changed", t)
		return
	}
	if i, ok := ch.index(m.TS); ok {
		ch.Messages = slices.Delete(ch.Messages, i, i+1)
	}
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		w.leaveThread(ch, m)
	}
	w.announce(ch, "message_deleted", m)
}

func (w *Workspace) leaveThread(ch *Conversation, m *Message) {
	replies := slices.DeleteFunc(slices.Clone(ch.Threads[m.ThreadTS]), func(ts string) bool { return ts == m.TS })
	ch.Threads[m.ThreadTS] = replies
	parent := ch.Message(m.ThreadTS)
	if parent == nil {
		return
	}
	p := *parent
	p.ReplyCount, p.ReplyUsers, p.LatestReply = len(replies), nil, ""
	for _, ts := range replies {
		r := ch.Message(ts)
		if r != nil && !slices.Contains(p.ReplyUsers, r.User) {
			p.ReplyUsers = append(p.ReplyUsers, r.User)
		}
		p.LatestReply = ts
	}
	p.ReplyUsersCount = len(p.ReplyUsers)
	if len(replies) == 0 {
		p.ThreadTS = ""
	}
	ch.replace(&p)
	w.announce(ch, "message_changed", &p)
}

// PostEphemeral shows a message to one person only.
func (w *Workspace) PostEphemeral(ch *Conversation, userID string, m *Message) *Message {
	m.Type, m.TS, m.Team, m.Channel, m.Ephemeral = "message", w.NextTS(), w.Config.Team.ID, ch.ID, true
	w.Ephemerals[userID] = append(w.Ephemerals[userID], m)
	w.Feed.ToUser(userID, obj{"type": "ephemeral", "channel": ch.ID, "message": m})
	w.Wake()
	return m
}

// EditEphemeral replaces an ephemeral message, or takes it away when edit is nil.
func (w *Workspace) EditEphemeral(userID, ts string, edit func(*Message)) bool {
	list := w.Ephemerals[userID]
	i := slices.IndexFunc(list, func(m *Message) bool { return m.TS == ts })
	if i < 0 {
		return false
	}
	event := obj{"type": "message_deleted", "channel": list[i].Channel, "message": list[i]}
	if edit == nil {
		w.Ephemerals[userID] = slices.Delete(slices.Clone(list), i, i+1)
	} else {
		c := *list[i]
		edit(&c)
		w.Ephemerals[userID] = slices.Clone(list)
		w.Ephemerals[userID][i] = &c
		event = obj{"type": "message_changed", "channel": c.Channel, "message": &c}
	}
	w.Feed.ToUser(userID, event)
	w.Wake()
	return true
}

// announce tells the pages that show the channel.
func (w *Workspace) announce(ch *Conversation, kind string, m *Message) {
	event := obj{"type": kind, "channel": ch.ID, "message": m}
	w.Feed.Publish(event, ch.Visible)
	w.Wake()
}
