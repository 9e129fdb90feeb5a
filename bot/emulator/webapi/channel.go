package webapi

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

func createConversation(c *call) (obj, *refusal) {
	w := c.ws
	name := strings.TrimPrefix(c.Str("name"), "#")
	if word := w.ChannelNameFault(name); word != "" {
		return nil, refuse(word)
	}
	bot := c.cfg.App.BotUserID
	ch := w.NewChannel(workspace.Channel{ID: w.NextID("C"), Name: name, Private: c.bool("is_private"), Members: []string{bot}})
	if ref := c.scope(ch, "manage", "write"); ref != nil {
		return nil, ref
	}
	c.ws.AddChannel(ch, bot)
	return obj{"channel": c.conversation(ch)}, nil
}

func renameConversation(c *call, ch *workspace.Conversation) (obj, *refusal) {
	name := strings.TrimPrefix(c.Str("name"), "#")
	if word := c.ws.ChannelNameFault(name); word != "" {
		return nil, refuse(word)
	}
	if ch.Creator != c.cfg.App.BotUserID {
		return nil, refuse("not_authorized") // an app may rename what it made
	}
	c.ws.RenameChannel(ch, c.cfg.App.BotUserID, name)
	return obj{"channel": c.conversation(ch)}, nil
}

func archiveConversation(c *call, ch *workspace.Conversation) (obj, *refusal) {
	return c.setArchived(ch, true)
}

func unarchiveConversation(c *call, ch *workspace.Conversation) (obj, *refusal) {
	return c.setArchived(ch, false)
}

// setArchived archives a channel, or brings it back.
func (c *call) setArchived(ch *workspace.Conversation, to bool) (obj, *refusal) {
	switch {
	case to && ch.Archived:
		return nil, refuse("already_archived")
	case !to && !ch.Archived:
		return nil, refuse("not_archived")
	case to && ch.Name == "general":
		return nil, refuse("cant_archive_general")
	case !ch.Has(c.cfg.App.BotUserID):
		return nil, refuse("not_in_channel")
	}
	c.ws.SetArchived(ch, c.cfg.App.BotUserID, to)
	return nil, nil
}

func setTopic(c *call, ch *workspace.Conversation) (obj, *refusal) {
	return c.setNote(ch, "topic", &ch.Topic)
}

func setPurpose(c *call, ch *workspace.Conversation) (obj, *refusal) {
	if ch.Kind() == workspace.DirectIM {
		return nil, refuse("method_not_supported_for_channel_type")
	}
	return c.setNote(ch, "purpose", &ch.Purpose)
}

// setNote changes a channel's topic or purpose; name says which.
func (c *call) setNote(ch *workspace.Conversation, name string, to *workspace.Note) (obj, *refusal) {
	text, bot := c.Str(name), c.cfg.App.BotUserID
	switch {
	case ch.Archived:
		return nil, refuse("is_archived")
	case utf8.RuneCountInString(text) > workspace.NoteMax:
		return nil, refuse("too_long")
	}
	*to = workspace.Note{Value: text, Creator: bot, LastSet: time.Now().Unix()}
	c.ws.Events.TellPosted(ch, c.ws.PostNotice(ch, bot, name, "<@"+bot+"> set the channel "+name+": "+workspace.Escape(text)))
	return obj{name: text, "channel": c.conversation(ch)}, nil
}
