package page

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/client"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// serveState is what a page begins with: who and what there is, what one has not read, and the position in the stream of
// events after which everything else happens.
func (p *Page) serveState(w http.ResponseWriter, r *http.Request) {
	at := p.ws.Feed.Position() // before anything is read: what comes in between is told again, and nothing is left out
	me := p.visitor(r.URL.Query().Get("user"))
	open := p.reader.Views(me)
	ws := p.ws
	ws.Lock()
	defer ws.Unlock()
	users, channels, groups := []obj{}, []obj{}, []obj{}
	for _, u := range ws.Users {
		users = append(users, obj{"id": u.ID, "name": u.Name, "display_name": u.DisplayName, "real_name": u.RealName,
			"color": workspace.Color(u.ID), "is_bot": u.Bot})
	}
	for _, ch := range ws.Channels {
		if ch.Visible(me) {
			channels = append(channels, p.channelState(ch, me))
		}
	}
	for _, g := range ws.Groups {
		groups = append(groups, obj{"id": g.ID, "handle": g.Handle, "members": g.Members, "disabled": g.Disabled != 0})
	}
	jsonhttp.Write(w, obj{"at": at, "team": obj{"id": p.cfg.Team.ID, "name": p.cfg.Team.Name}, "me": me,
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
	for _, c := range client.OwnCommands(p.cfg) {
		out = append(out, obj{"command": c.Name, "description": c.Description, "usage_hint": c.UsageHint, "slack": true})
	}
	return out
}

// channelState is a conversation as one person sees it. The caller holds the workspace's lock.
func (p *Page) channelState(ch *workspace.Conversation, me string) obj {
	direct := ch.Kind() == workspace.DirectIM
	return obj{"id": ch.ID, "name": ch.Name, "user": otherMember(ch, me), "is_im": direct, "is_group": ch.GroupMessage, "is_private": ch.Private,
		"is_member": ch.Has(me), "archived": ch.Archived, "topic": ch.Topic.Value, "members": ch.Members,
		"closed": ch.DirectWith != "" && p.cfg.App.SilentMessages, "unread": ch.Unread[me], "mentions": p.countMentions(ch, me)}
}

// countMentions counts the unread messages that mention a person, one of their groups, or everybody. What the app puts
// into a message later, by an edit, notifies nobody.
func (p *Page) countMentions(ch *workspace.Conversation, me string) int {
	left, n := ch.Unread[me], 0
	if left == 0 {
		return 0
	}
	ids := []string{"!here", "!channel", "!everyone", "@" + me}
	for _, g := range p.ws.Groups {
		if slices.Contains(g.Members, me) {
			ids = append(ids, `!subteam\^`+g.ID)
		}
	}
	mention := regexp.MustCompile(`(<|\\u003c)(` + strings.Join(ids, "|") + `)(\||>|\\u003e)|"` + me + `"`)
	for _, m := range slices.Backward(ch.Messages) {
		if left == 0 {
			break
		}
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS && m.Subtype != "thread_broadcast"
		if reply || m.User == me {
			continue
		}
		left--
		blocks := m.Blocks
		if first := m.Replaced(); len(first) > 0 {
			blocks = first[0]
		}
		if mention.MatchString(m.Text) || mention.Match(blocks) {
			n++
		}
	}
	return n
}
