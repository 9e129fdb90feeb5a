package emulator

import "strings"

func postMessage(c *call) (obj, *refusal) {
	d, ref := c.readDraft(c.args, maxPost)
	if ref != nil {
		return nil, ref
	}
	if d.empty() {
		return nil, refuse("no_text")
	}
	w := c.ws
	c.ws.files.Lock()
	defer c.ws.files.Unlock()
	w.Lock()
	defer w.Unlock()
	ch, ref := c.writable(c.str("channel"))
	if ref != nil {
		return nil, ref
	}
	m := w.add(ch, c.message(d), d.thread != "" && c.bool("reply_broadcast"))
	c.ws.files.noteShares(ch, m)
	c.ws.events.tellApp(ch, m)
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

func (s *API) mayWrite(ch *channel) *refusal {
	switch in := ch.has(s.cfg.App.BotUserID); {
	case !in && ch.private:
		return refuse("channel_not_found")
	case ch.archived:
		return refuse("is_archived")
	case !in && !s.cfg.App.granted("chat:write.public"):
		return refuse("not_in_channel")
	case ch.restricted != "":
		return refuse(ch.restricted)
	}
	return nil
}

// meMessage is chat.meMessage: what the app does, in the third person.
func meMessage(c *call) (obj, *refusal) {
	d, ref := c.readDraft(c.args, maxPost)
	if ref != nil {
		return nil, ref
	}
	if d.text == "" {
		return nil, refuse("no_text")
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, ref := c.writable(c.str("channel"))
	if ref != nil {
		return nil, ref
	}
	m := c.message(&draft{text: d.text})
	m.Subtype = "me_message"
	m = c.ws.add(ch, m, false)
	c.ws.events.tellApp(ch, m)
	return obj{"channel": ch.id, "ts": m.TS}, nil
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
	w.Lock()
	defer w.Unlock()
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
		return nil, nil, refuse(c.archivedWord())
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

// archivedWord is what a change to a message of an archived channel is refused with. chat.update has a word of its own.
func (c *call) archivedWord() string {
	if c.method == "chat.update" {
		return "is_inactive"
	}
	return "is_archived"
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
	w.Lock()
	defer w.Unlock()
	ch, m, ref := c.own("cant_update_message")
	if ref != nil {
		return nil, ref
	}
	if window := c.cfg.Team.EditWindow; window > 0 && m.age() > window {
		return nil, refuse("edit_window_closed")
	}
	if m.stream != nil && m.StreamingState == streaming {
		return nil, refuse("streaming_state_conflict")
	}
	before := m
	m = w.change(ch, m, func(m *Message) { c.edit(m, d) })
	c.ws.events.tellChanged(ch, before, m)
	return obj{"channel": ch.id, "ts": m.TS, "text": m.Text, "message": m}, nil
}

// edit applies a draft to a message.
func (c *call) edit(m *Message, d *draft) {
	if d.text != "" || d.blocks != nil {
		m.Text, m.Blocks, m.Mrkdwn = d.shown(), nil, d.mrkdwn
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
	w.Lock()
	defer w.Unlock()
	ch, m, ref := c.own("cant_delete_message")
	if ref != nil {
		return nil, ref
	}
	w.remove(ch, m)
	c.ws.events.tellDeleted(ch, m)
	return obj{"channel": ch.id, "ts": m.TS}, nil
}

func permalink(c *call) (obj, *refusal) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch := w.channel(c.str("channel"))
	if ch == nil {
		return nil, refuse("channel_not_found")
	}
	m := ch.message(c.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := c.base + "/archives/" + ch.id + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + ch.id
	}
	return obj{"channel": ch.id, "permalink": link}, nil
}
