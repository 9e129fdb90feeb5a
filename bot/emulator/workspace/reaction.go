package workspace

import (
	"regexp"
	"slices"
)

// reactionsMax is how many different reactions one message takes, and how many one person may add to it.
const reactionsMax = 23

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)

// ValidEmoji says whether this can be an emoji's name, without its colons.
func ValidEmoji(name string) bool { return emojiName.MatchString(name) }

// ToggleReaction adds or takes away somebody's reaction and tells the app; the word says why not. The caller holds the
// workspace's lock.
func (w *Workspace) ToggleReaction(ch *Conversation, m *Message, userID, name string, add bool) (word string) {
	known := slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	switch had := reacted(m, name, userID); {
	case had && add:
		return "already_reacted"
	case !had && !add:
		return "no_reaction"
	case add && !known && len(m.Reactions) >= reactionsMax:
		return "too_many_emoji"
	}
	w.ChangeMessage(ch, m, func(m *Message) { m.Reactions = toggled(m.Reactions, name, userID, add) })
	kind := "reaction_removed"
	if add {
		kind = "reaction_added"
	}
	w.Events.sendIn(ch, kind, obj{"type": kind, "user": userID, "reaction": name, "item_user": m.User,
		"item": obj{"type": "message", "channel": ch.ID, "ts": m.TS}, "event_ts": w.NextTS()})
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
