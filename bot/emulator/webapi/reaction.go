package webapi

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

func addReaction(c *call, ch *workspace.Conversation, m *workspace.Message) (obj, *Failure) {
	return c.react(ch, m, true)
}

func removeReaction(c *call, ch *workspace.Conversation, m *workspace.Message) (obj, *Failure) {
	return c.react(ch, m, false)
}

func (c *call) react(ch *workspace.Conversation, m *workspace.Message, add bool) (obj, *Failure) {
	name := strings.Trim(c.Str("name"), ":")
	switch {
	case !workspace.ValidEmoji(name):
		return nil, refuse("invalid_name")
	case ch.Archived:
		return nil, refuse("is_archived")
	}
	if word := c.ws.ToggleReaction(ch, m, c.cfg.App.BotUserID, name, add); word != "" {
		return nil, refuse(word)
	}
	return nil, nil
}

func getReactions(_ *call, ch *workspace.Conversation, m *workspace.Message) (obj, *Failure) {
	return obj{"type": "message", "channel": ch.ID, "message": m}, nil
}

// listReactions lists what somebody, or the app, has reacted to, the newest first.
func listReactions(c *call) (obj, *Failure) {
	who, ref := c.person()
	if ref != nil {
		return nil, ref
	}
	items := []obj{}
	for _, ch := range c.ws.Channels {
		if !ch.Has(c.cfg.App.BotUserID) {
			continue
		}
		for _, m := range ch.Messages {
			if slices.ContainsFunc(m.Reactions, func(r workspace.Reaction) bool { return slices.Contains(r.Users, who.ID) }) {
				items = append(items, obj{"type": "message", "channel": ch.ID, "message": m})
			}
		}
	}
	slices.SortFunc(items, func(a, b obj) int {
		return strings.Compare(b["message"].(*workspace.Message).TS, a["message"].(*workspace.Message).TS)
	})
	return page(c, "items", items, 100)
}
