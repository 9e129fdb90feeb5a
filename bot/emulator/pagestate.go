package emulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// pageState is what a page begins with: who and what there is, what one has not read, and the place in the stream of
// events after which everything else happens.
func (p *Page) pageState(w http.ResponseWriter, r *http.Request) {
	at := p.ws.hub.place() // before anything is read: what comes in between is told again, and nothing is left out
	me := p.visitor(r.URL.Query().Get("user"))
	open := p.reader.Views(me)
	ws := p.ws
	ws.Lock()
	defer ws.Unlock()
	users, channels, groups := []obj{}, []obj{}, []obj{}
	for _, u := range ws.users {
		users = append(users, obj{"id": u.ID, "name": u.Name, "display_name": u.DisplayName, "real_name": u.RealName,
			"color": color(u.ID), "is_bot": u.bot})
	}
	for _, ch := range ws.channels {
		if ch.visible(me) {
			channels = append(channels, p.channelState(ch, me))
		}
	}
	for _, g := range ws.groups {
		groups = append(groups, obj{"id": g.ID, "handle": g.Handle, "members": g.Members, "disabled": g.disabled != 0})
	}
	writeJSON(w, obj{"at": at, "team": obj{"id": p.cfg.Team.ID, "name": p.cfg.Team.Name}, "me": me,
		"users": users, "channels": channels, "usergroups": groups, "views": open, "app": p.appState(), "emoji": p.cfg.Team.Emoji,
		"commands": p.commandState()})
}

func (p *Page) appState() obj {
	a := p.cfg.App
	return obj{"id": a.ID, "name": a.Name, "bot_user_id": a.BotUserID, "shortcuts": p.shortcuts(), "home": !a.WithoutHome}
}

func (p *Page) commandState() []obj {
	out := []obj{}
	for _, c := range p.cfg.Commands {
		out = append(out, obj{"command": c.Name, "description": c.Description, "usage_hint": c.UsageHint})
	}
	for _, c := range ownCommands() {
		if _, taken := p.client.registered(c.Name); !taken {
			out = append(out, obj{"command": c.Name, "description": c.Description, "usage_hint": c.UsageHint, "slack": true})
		}
	}
	return out
}

// channelState is a conversation as one person sees it. The caller holds the workspace's lock.
func (p *Page) channelState(ch *channel, me string) obj {
	direct := ch.kind() == directIM
	return obj{"id": ch.id, "name": ch.name, "user": ch.other(me), "is_im": direct, "is_group": ch.group, "is_private": ch.private,
		"is_member": ch.has(me), "archived": ch.archived, "topic": ch.topic.Value, "members": ch.members,
		"closed": ch.im != "" && p.cfg.App.SilentMessages, "unread": ch.unread[me], "mentions": p.ws.mentioned(ch, me)}
}

// mentioned counts the unread messages that mention a person, one of their groups, or everybody. What the app puts
// into a message later, by an edit, notifies nobody.
func (w *workspace) mentioned(ch *channel, me string) int {
	left, n := ch.unread[me], 0
	if left == 0 {
		return 0
	}
	ids := []string{"!here", "!channel", "!everyone", "@" + me}
	for _, g := range w.groups {
		if slices.Contains(g.Members, me) {
			ids = append(ids, `!subteam\^`+g.ID)
		}
	}
	mention := regexp.MustCompile(`(<|\\u003c)(` + strings.Join(ids, "|") + `)(\||>|\\u003e)|"` + me + `"`)
	for _, m := range slices.Backward(ch.messages) {
		if left == 0 {
			break
		}
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS && m.Subtype != "thread_broadcast"
		if reply || m.User == me {
			continue
		}
		left--
		blocks := m.Blocks
		if len(m.versions) > 0 {
			blocks = m.versions[0]
		}
		if mention.MatchString(m.Text) || mention.Match(blocks) {
			n++
		}
	}
	return n
}
