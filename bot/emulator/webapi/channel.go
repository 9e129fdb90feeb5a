package webapi

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

func createConversation(c *call) (obj, *Failure) {
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

func renameConversation(c *call, ch *workspace.Conversation) (obj, *Failure) {
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

func archiveConversation(c *call, ch *workspace.Conversation) (obj, *Failure) {
	return c.setArchived(ch, true)
}

func unarchiveConversation(c *call, ch *workspace.Conversation) (obj, *Failure) {
	return c.setArchived(ch, false)
}

// setArchived archives a channel, or brings it back.
func (c *call) setArchived(ch *workspace.Conversation, to bool) (obj, *Failure) {
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

func setTopic(c *call, ch *workspace.Conversation) (obj, *Failure) {
	return c.setNote(ch, "topic", &ch.Topic)
}

func setPurpose(c *call, ch *workspace.Conversation) (obj, *Failure) {
	if ch.Kind() == workspace.DirectIM {
		return nil, refuse("method_not_supported_for_channel_type")
	}
	return c.setNote(ch, "purpose", &ch.Purpose)
}

// setNote changes a channel's topic or purpose; name says which.
func (c *call) setNote(ch *workspace.Conversation, name string, to *workspace.Note) (obj, *Failure) {
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

func joinConversation(c *call, ch *workspace.Conversation) (obj, *Failure) {
	bot := c.cfg.App.BotUserID
	switch {
	case ch.Kind() != workspace.PublicChannel:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.Archived:
		return nil, refuse("is_archived")
	case ch.Has(bot):
		c.warn("already_in_channel")
	default:
		c.ws.AddMember(ch, bot, "")
	}
	return obj{"channel": c.conversation(ch)}, nil
}

func leaveConversation(c *call, ch *workspace.Conversation) (obj, *Failure) {
	bot := c.cfg.App.BotUserID
	switch {
	case ch.Kind() == workspace.DirectIM:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.Archived:
		return nil, refuse("is_archived")
	case ch.Name == "general":
		return nil, refuse("cant_leave_general")
	case !ch.Has(bot):
		return obj{"not_in_channel": true}, nil
	case ch.Private && len(ch.Members) == 1:
		return nil, refuse("last_member")
	}
	c.ws.RemoveMember(ch, bot, bot)
	return nil, nil
}

// inviteToConversation invites all or, with force, those whom it can; errors tells of each that it could not.
func inviteToConversation(c *call, ch *workspace.Conversation) (obj, *Failure) {
	ids := c.list("users")
	if len(ids) == 0 {
		return nil, refuse("no_user")
	}
	var fine []string
	wrong := []obj{}
	for _, id := range ids {
		word := ""
		switch u := c.ws.User(id); {
		case u == nil || u.ID != id:
			word = "user_not_found"
		case id == c.cfg.App.BotUserID:
			word = "cant_invite_self"
		case u.Deleted || id == workspace.SlackbotID:
			word = "cant_invite"
		case ch.Has(id):
			word = "already_in_channel"
		default:
			fine = append(fine, id)
			continue
		}
		wrong = append(wrong, obj{"user": id, "ok": false, "error": word})
	}
	if len(wrong) > 0 && (!c.bool("force") || len(fine) == 0) {
		return nil, &Failure{wrong[0]["error"].(string), obj{"errors": wrong}}
	}
	for _, id := range fine {
		c.ws.AddMember(ch, id, c.cfg.App.BotUserID)
	}
	out := obj{"channel": c.conversation(ch)}
	if len(wrong) > 0 {
		out["errors"] = wrong
	}
	return out, nil
}

func kickFromConversation(c *call, ch *workspace.Conversation) (obj, *Failure) {
	u := c.ws.User(c.Str("user"))
	switch {
	case c.Str("user") == "":
		return nil, refuse("no_user")
	case u == nil || u.ID != c.Str("user"):
		return nil, refuse("user_not_found")
	case u.ID == c.cfg.App.BotUserID:
		return nil, refuse("cant_kick_self")
	case ch.Name == "general":
		return nil, refuse("cant_kick_from_general")
	case !ch.Has(u.ID):
		return nil, refuse("not_in_channel")
	}
	c.ws.RemoveMember(ch, u.ID, c.cfg.App.BotUserID)
	return obj{"errors": obj{}}, nil
}
