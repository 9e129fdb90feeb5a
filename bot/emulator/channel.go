package emulator

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxName = 80  // characters of a channel's name
	maxNote = 250 // characters of a topic or purpose
)

var (
	channelName = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}_-]+$`)
	namePart    = regexp.MustCompile(`[\p{L}\p{N}]`)
)

// nameFault is the word that a channel's name is refused with; empty for a good one that is free.
func (w *workspace) nameFault(name string) string {
	switch {
	case name == "":
		return "invalid_name_required"
	case utf8.RuneCountInString(name) > maxName:
		return "invalid_name_maxlength"
	case !channelName.MatchString(name):
		return "invalid_name_specials"
	case !namePart.MatchString(name):
		return "invalid_name_punctuation"
	case slices.ContainsFunc(w.channels, func(ch *channel) bool { return ch.name == name }):
		return "name_taken"
	}
	return ""
}

func createConversation(c *call) (obj, *refusal) {
	w := c.ws
	name := strings.TrimPrefix(c.str("name"), "#")
	if word := w.nameFault(name); word != "" {
		return nil, refuse(word)
	}
	bot := c.cfg.App.BotUserID
	ch := w.newChannel(Channel{ID: w.nextID("C"), Name: name, Private: c.bool("is_private"), Members: []string{bot}})
	if ref := c.scope(ch, "manage", "write"); ref != nil {
		return nil, ref
	}
	c.ws.found(ch, bot)
	return obj{"channel": c.conversation(ch)}, nil
}

// found adds a new channel to the workspace. The caller holds the workspace's lock.
func (w *workspace) found(ch *channel, by string) {
	ch.creator = by
	w.channels = append(w.channels, ch)
	w.peopleChanged()
	if ch.private {
		return // nobody outside hears of a private channel
	}
	w.events.event("channel_created", obj{"type": "channel_created", "event_ts": w.nextTS(), "channel": obj{
		"id": ch.id, "name": ch.name, "name_normalized": ch.name, "created": ch.created, "creator": by,
		"is_channel": true, "is_group": false, "is_im": false, "is_mpim": false, "is_private": false,
		"is_archived": false, "is_general": false, "is_shared": false, "is_ext_shared": false, "is_org_shared": false,
		"is_pending_ext_shared": false, "is_frozen": false, "context_team_id": w.cfg.Team.ID}})
}

// rename gives a channel a new name. The caller holds the workspace's lock.
func (w *workspace) rename(ch *channel, by, name string) {
	old := ch.name
	ch.name, ch.previous = name, append(slices.Clone(ch.previous), old)
	m := w.remark(ch, by, "name", "has renamed the channel from \""+old+"\" to \""+name+"\"")
	w.events.tellApp(ch, m)
	w.peopleChanged()
	w.events.eventOf(ch, "rename", obj{"channel": obj{"id": ch.id, "name": name, "name_normalized": name, "created": ch.created,
		"is_channel": !ch.private, "is_mpim": false}, "event_ts": m.TS})
}

func renameConversation(c *call, ch *channel) (obj, *refusal) {
	name := strings.TrimPrefix(c.str("name"), "#")
	if word := c.ws.nameFault(name); word != "" {
		return nil, refuse(word)
	}
	if ch.creator != c.cfg.App.BotUserID {
		return nil, refuse("not_authorized") // an app may rename what it made
	}
	c.ws.rename(ch, c.cfg.App.BotUserID, name)
	return obj{"channel": c.conversation(ch)}, nil
}

// archive archives a channel, or takes it out of the archive. The caller holds the workspace's lock.
func (w *workspace) archive(ch *channel, by string, archived bool) {
	what, text := "unarchive", "un-archived the channel"
	if archived {
		what, text = "archive", "archived the channel"
	}
	m := w.remark(ch, by, what, "<@"+by+"> "+text)
	ch.archived = archived
	w.peopleChanged()
	w.events.tellApp(ch, m)
	w.events.eventOf(ch, what, obj{"channel": ch.id, "user": by, "event_ts": m.TS})
}

func archiveConversation(c *call, ch *channel) (obj, *refusal) {
	return c.setArchived(ch, true)
}

func unarchiveConversation(c *call, ch *channel) (obj, *refusal) {
	return c.setArchived(ch, false)
}

// setArchived archives a channel, or brings it back.
func (c *call) setArchived(ch *channel, to bool) (obj, *refusal) {
	switch {
	case to && ch.archived:
		return nil, refuse("already_archived")
	case !to && !ch.archived:
		return nil, refuse("not_archived")
	case to && ch.name == "general":
		return nil, refuse("cant_archive_general")
	case !ch.has(c.cfg.App.BotUserID):
		return nil, refuse("not_in_channel")
	}
	c.ws.archive(ch, c.cfg.App.BotUserID, to)
	return nil, nil
}

func setTopic(c *call, ch *channel) (obj, *refusal) {
	return c.setNote(ch, "topic", &ch.topic)
}

func setPurpose(c *call, ch *channel) (obj, *refusal) {
	if ch.kind() == directIM {
		return nil, refuse("method_not_supported_for_channel_type")
	}
	return c.setNote(ch, "purpose", &ch.purpose)
}

// setNote changes a channel's topic or purpose; name says which.
func (c *call) setNote(ch *channel, name string, to *note) (obj, *refusal) {
	text, bot := c.str(name), c.cfg.App.BotUserID
	switch {
	case ch.archived:
		return nil, refuse("is_archived")
	case utf8.RuneCountInString(text) > maxNote:
		return nil, refuse("too_long")
	}
	*to = note{Value: text, Creator: bot, LastSet: time.Now().Unix()}
	c.ws.events.tellApp(ch, c.ws.remark(ch, bot, name, "<@"+bot+"> set the channel "+name+": "+escape(text)))
	return obj{name: text, "channel": c.conversation(ch)}, nil
}
