package emulator

import (
	"slices"
	"strings"
)

func postMessage(c *call) (obj, *refusal) {
	d, ref := c.readDraft(c.args, maxPost)
	if ref != nil {
		return nil, ref
	}
	if d.empty() {
		return nil, refuse("no_text")
	}
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	ch, ref := c.writable(c.str("channel"))
	if ref != nil {
		return nil, ref
	}
	m := w.add(ch, c.message(d), d.thread != "" && c.bool("reply_broadcast"))
	c.tellApp(ch, m, "")
	return obj{"channel": ch.id, "ts": m.TS, "message": m}, nil
}

// writable finds the conversation that a post is meant for and says whether the app may post there.
// A person's id means the direct message with them. The caller holds the workspace's lock.
func (c *call) writable(key string) (*channel, *refusal) {
	if key == "" {
		return nil, refuse("channel_not_found")
	}
	ch := c.ws.channel(key)
	if ch == nil {
		u := c.ws.user(key)
		if u == nil || u.ID != key || u.bot {
			return nil, refuse("channel_not_found")
		}
		ch, _ = c.ws.directMessage(u.ID)
	}
	return ch, c.mayWrite(ch)
}

func (s *Server) mayWrite(ch *channel) *refusal {
	switch in := ch.has(s.cfg.App.BotUserID); {
	case !in && ch.private:
		return refuse("channel_not_found")
	case ch.archived:
		return refuse("is_archived")
	case !in && !s.granted("chat:write.public"):
		return refuse("not_in_channel")
	}
	return nil
}

func postEphemeral(c *call) (obj, *refusal) {
	d, ref := c.readDraft(c.args, maxPost)
	if ref != nil {
		return nil, ref
	}
	if d.empty() {
		return nil, refuse("no_text")
	}
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	ch, ref := c.writable(c.str("channel"))
	if ref != nil {
		return nil, ref
	}
	u := w.user(c.str("user"))
	if u == nil || u.ID != c.str("user") || !ch.has(u.ID) {
		return nil, refuse("user_not_in_channel")
	}
	m := c.message(d)
	m.Metadata = nil // ephemeral messages take none
	m = w.whisper(ch, u.ID, m)
	return obj{"message_ts": m.TS}, nil
}

// own finds one of the app's own messages for changing it. The caller holds the workspace's lock.
func (c *call) own(denied string) (*channel, *Message, *refusal) {
	ch := c.ws.channel(c.str("channel"))
	if ch == nil || ch.id != c.str("channel") || ch.private && !ch.has(c.cfg.App.BotUserID) {
		return nil, nil, refuse("channel_not_found")
	}
	if ch.archived {
		return nil, nil, refuse("is_archived")
	}
	m := ch.message(c.str("ts"))
	if m == nil || m.Subtype == "tombstone" {
		return nil, nil, refuse("message_not_found")
	}
	if m.BotID != c.cfg.App.BotID {
		return nil, nil, refuse(denied)
	}
	return ch, m, nil
}

// updateMessage follows the documentation of chat.update: blocks stay only when neither text nor blocks are sent,
// the "edited" mark comes with text and not with blocks, metadata stays unless {} is sent.
func updateMessage(c *call) (obj, *refusal) {
	d, ref := c.readDraft(c.args, maxUpdate)
	if ref != nil {
		return nil, ref
	}
	if d.empty() && d.metadata == nil && !d.noMetadata {
		return nil, refuse("no_text")
	}
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	ch, m, ref := c.own("cant_update_message")
	if ref != nil {
		return nil, ref
	}
	m = w.change(ch, m, func(m *Message) { c.edit(m, d) })
	c.tellApp(ch, m, "message_changed")
	return obj{"channel": ch.id, "ts": m.TS, "text": m.Text, "message": m}, nil
}

// edit applies a draft to a message.
func (c *call) edit(m *Message, d *draft) {
	if d.text != "" || d.blocks != nil {
		m.Text, m.Blocks = d.shown(), nil
		if !none(d.blocks) {
			m.Blocks = d.blocks
		} else {
			m.Edited = &Edited{User: c.cfg.App.BotUserID, TS: c.ws.nextTS()}
		}
	}
	if d.attachments != nil {
		m.Attachments = nil
		if !none(d.attachments) {
			m.Attachments = d.attachments
		}
	}
	if len(d.files) > 0 || c.has("file_ids") {
		m.Files = d.files
	}
	if d.metadata != nil || d.noMetadata {
		m.Metadata = d.metadata
	}
}

func deleteMessage(c *call) (obj, *refusal) {
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	ch, m, ref := c.own("cant_delete_message")
	if ref != nil {
		return nil, ref
	}
	w.remove(ch, m)
	c.tellApp(ch, m, "message_deleted")
	return obj{"channel": ch.id, "ts": m.TS}, nil
}

func permalink(c *call) (obj, *refusal) {
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	ch := w.channel(c.str("channel"))
	if ch == nil {
		return nil, refuse("channel_not_found")
	}
	m := ch.message(c.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := c.base + "/archives/" + ch.id + "/p" + strings.ReplaceAll(m.TS, ".", "")
	return obj{"channel": ch.id, "permalink": link}, nil
}

func addReaction(c *call) (obj, *refusal)    { return react(c, true) }
func removeReaction(c *call) (obj, *refusal) { return react(c, false) }

func react(c *call, add bool) (obj, *refusal) {
	name := strings.Trim(c.str("name"), ":")
	if name == "" {
		return nil, refuse("invalid_name")
	}
	w := c.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	ch, ref := c.readable(c.str("channel"))
	if ref != nil {
		return nil, ref
	}
	m := ch.message(c.str("timestamp"))
	switch {
	case c.str("timestamp") == "":
		return nil, refuse("no_item_specified")
	case m == nil:
		return nil, refuse("message_not_found")
	case ch.archived:
		return nil, refuse("is_archived")
	}
	bot := c.cfg.App.BotUserID
	if reacted(m, name, bot) == add {
		if add {
			return nil, refuse("already_reacted")
		}
		return nil, refuse("no_reaction")
	}
	w.change(ch, m, func(m *Message) { m.Reactions = toggled(m.Reactions, name, bot, add) })
	return nil, nil
}

func reacted(m *Message, name, user string) bool {
	return slices.ContainsFunc(m.Reactions, func(r Reaction) bool {
		return r.Name == name && slices.Contains(r.Users, user)
	})
}

// toggled is list with one person's emoji added or taken away; list itself stays as it is.
func toggled(list []Reaction, name, user string, add bool) []Reaction {
	var out []Reaction
	found := false
	for _, r := range list {
		if r.Name == name {
			found = true
			r.Users = slices.DeleteFunc(slices.Clone(r.Users), func(u string) bool { return u == user })
			if add {
				r.Users = append(r.Users, user)
			}
			if r.Count = len(r.Users); r.Count == 0 {
				continue
			}
		}
		out = append(out, r)
	}
	if add && !found {
		out = append(out, Reaction{Name: name, Users: []string{user}, Count: 1})
	}
	return out
}
