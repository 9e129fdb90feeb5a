package webapi

import (
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

func postMessage(c *call) (obj, *Failure) {
	d, ref := c.ReadDraft(c.Args, PostMax)
	if ref != nil {
		return nil, ref
	}
	if d.Empty() {
		return nil, refuse("no_text")
	}
	w := c.ws
	c.ws.Files.Lock()
	defer c.ws.Files.Unlock()
	w.Lock()
	defer w.Unlock()
	ch, ref := c.writable(c.Str("channel"))
	if ref != nil {
		return nil, ref
	}
	m := w.AddMessage(ch, c.message(d), d.Thread != "" && c.bool("reply_broadcast"))
	c.ws.Files.NoteShares(ch, m)
	c.ws.Events.TellPosted(ch, m)
	return obj{"channel": ch.ID, "ts": m.TS, "message": m}, nil
}

// writable finds the conversation that a post is meant for and says whether the app may post there.
// A person's id means the direct message with them. The caller holds the workspace's lock.
func (c *call) writable(key string) (*workspace.Conversation, *Failure) {
	if key == "" {
		return nil, refuse("channel_not_found")
	}
	ch := c.ws.Channel(key)
	if ch == nil {
		u := c.ws.User(key)
		if u == nil || u.ID != key || u.Bot {
			return nil, refuse("channel_not_found")
		}
		ch, _ = c.ws.DirectMessage(u.ID)
	}
	return ch, c.mayWrite(ch)
}

func (c *call) mayWrite(ch *workspace.Conversation) *Failure {
	switch in := ch.Has(c.cfg.App.BotUserID); {
	case !in && ch.Private:
		return refuse("channel_not_found")
	case ch.Archived:
		return refuse("is_archived")
	case !in && !workspace.Granted(c.cfg.App, "chat:write.public"):
		return refuse("not_in_channel")
	case ch.Restricted != "":
		return refuse(ch.Restricted)
	}
	return nil
}

// meMessage is chat.meMessage: what the app does, in the third person.
func meMessage(c *call) (obj, *Failure) {
	d, ref := c.ReadDraft(c.Args, PostMax)
	if ref != nil {
		return nil, ref
	}
	if d.text == "" {
		return nil, refuse("no_text")
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, ref := c.writable(c.Str("channel"))
	if ref != nil {
		return nil, ref
	}
	m := c.message(&Draft{text: d.text})
	m.Subtype = "me_message"
	m = c.ws.AddMessage(ch, m, false)
	c.ws.Events.TellPosted(ch, m)
	return obj{"channel": ch.ID, "ts": m.TS}, nil
}

func postEphemeral(c *call) (obj, *Failure) {
	d, ref := c.ReadDraft(c.Args, PostMax)
	if ref != nil {
		return nil, ref
	}
	if d.Empty() {
		return nil, refuse("no_text")
	}
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, ref := c.writable(c.Str("channel"))
	if ref != nil {
		return nil, ref
	}
	u := w.User(c.Str("user"))
	if u == nil || u.ID != c.Str("user") || !ch.Has(u.ID) {
		return nil, refuse("user_not_in_channel")
	}
	m := c.message(d)
	m.Metadata = nil // ephemeral messages take none
	m = w.PostEphemeral(ch, u.ID, m)
	return obj{"message_ts": m.TS}, nil
}

// ownMessage finds one of the app's own messages for changing it. The caller holds the workspace's lock.
func (c *call) ownMessage(denied string) (*workspace.Conversation, *workspace.Message, *Failure) {
	ch := c.ws.Channel(c.Str("channel"))
	if ch == nil || ch.ID != c.Str("channel") || ch.Private && !ch.Has(c.cfg.App.BotUserID) {
		return nil, nil, refuse("channel_not_found")
	}
	if ch.Archived {
		return nil, nil, refuse(c.archivedWord())
	}
	m := ch.Message(c.Str("ts"))
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
func updateMessage(c *call) (obj, *Failure) {
	d, ref := c.ReadDraft(c.Args, updateMax)
	if ref != nil {
		return nil, ref
	}
	if d.Empty() && d.metadata == nil && !d.noMetadata {
		return nil, refuse("no_text")
	}
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, m, ref := c.ownMessage("cant_update_message")
	if ref != nil {
		return nil, ref
	}
	if window := c.cfg.Team.EditWindow; window > 0 && m.Age(c.cfg.Now()) > window {
		return nil, refuse("edit_window_closed")
	}
	if m.Streamed() != nil && m.StreamingState == workspace.StreamInProgress {
		return nil, refuse("streaming_state_conflict")
	}
	before := m
	m = w.ChangeMessage(ch, m, func(m *workspace.Message) { c.edit(m, d) })
	c.ws.Events.TellChanged(ch, before, m)
	return obj{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": m}, nil
}

// edit applies a draft to a message.
func (c *call) edit(m *workspace.Message, d *Draft) {
	if d.text != "" || d.blocks != nil {
		m.Text, m.Blocks, m.Mrkdwn = d.displayText(), nil, d.mrkdwn
		if !isEmptyList(d.blocks) {
			m.Blocks = d.blocks
		} else {
			m.Edited = &workspace.Edited{User: c.cfg.App.BotUserID, TS: c.ws.NextTS()}
		}
	}
	if d.attachments != nil {
		m.Attachments = nil
		if !isEmptyList(d.attachments) {
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

func deleteMessage(c *call) (obj, *Failure) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, m, ref := c.ownMessage("cant_delete_message")
	if ref != nil {
		return nil, ref
	}
	w.RemoveMessage(ch, m)
	c.ws.Events.TellDeleted(ch, m)
	return obj{"channel": ch.ID, "ts": m.TS}, nil
}

func permalink(c *call) (obj, *Failure) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch := w.Channel(c.Str("channel"))
	if ch == nil {
		return nil, refuse("channel_not_found")
	}
	m := ch.Message(c.Str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := c.base + "/archives/" + ch.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + ch.ID
	}
	return obj{"channel": ch.ID, "permalink": link}, nil
}
