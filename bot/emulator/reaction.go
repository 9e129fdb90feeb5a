package emulator

import (
	"regexp"
	"slices"
	"strings"
)

// maxEmoji is how many different reactions one message takes, and how many one person may add to it.
const maxEmoji = 23

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)

func addReaction(c *call, ch *channel, m *Message) (obj, *refusal) {
	return c.react(ch, m, true)
}

func removeReaction(c *call, ch *channel, m *Message) (obj, *refusal) {
	return c.react(ch, m, false)
}

func (c *call) react(ch *channel, m *Message, add bool) (obj, *refusal) {
	name := strings.Trim(c.str("name"), ":")
	switch {
	case !emojiName.MatchString(name):
		return nil, refuse("invalid_name")
	case ch.archived:
		return nil, refuse("is_archived")
	}
	if word := c.ws.toggle(ch, m, c.cfg.App.BotUserID, name, add); word != "" {
		return nil, refuse(word)
	}
	return nil, nil
}

// toggle adds or takes away somebody's reaction and tells the app; the word says why not. The caller holds the
// workspace's lock.
func (w *workspace) toggle(ch *channel, m *Message, userID, name string, add bool) (word string) {
	known := slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	switch had := reacted(m, name, userID); {
	case had && add:
		return "already_reacted"
	case !had && !add:
		return "no_reaction"
	case add && !known && len(m.Reactions) >= maxEmoji:
		return "too_many_emoji"
	}
	w.change(ch, m, func(m *Message) { m.Reactions = toggled(m.Reactions, name, userID, add) })
	kind := "reaction_removed"
	if add {
		kind = "reaction_added"
	}
	w.events.eventIn(ch, kind, obj{"type": kind, "user": userID, "reaction": name, "item_user": m.User,
		"item": obj{"type": "message", "channel": ch.id, "ts": m.TS}, "event_ts": w.nextTS()})
	return ""
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

func getReactions(_ *call, ch *channel, m *Message) (obj, *refusal) {
	return obj{"type": "message", "channel": ch.id, "message": m}, nil
}

// listReactions lists what somebody, or the app, has reacted to, the newest first.
func listReactions(c *call) (obj, *refusal) {
	who, ref := c.asked()
	if ref != nil {
		return nil, ref
	}
	items := []obj{}
	for _, ch := range c.ws.channels {
		if !ch.has(c.cfg.App.BotUserID) {
			continue
		}
		for _, m := range ch.messages {
			if slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return slices.Contains(r.Users, who.ID) }) {
				items = append(items, obj{"type": "message", "channel": ch.id, "message": m})
			}
		}
	}
	slices.SortFunc(items, func(a, b obj) int {
		return strings.Compare(b["message"].(*Message).TS, a["message"].(*Message).TS)
	})
	return page(c, "items", items, 100)
}
