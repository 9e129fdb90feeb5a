package page

import (
	"net/http"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// otherMember is whom a person talks to in a direct message; empty where it is none.
func otherMember(c *workspace.Conversation, userID string) string {
	i := slices.IndexFunc(c.Members, func(id string) bool { return id != userID })
	if c.Kind() != workspace.DirectIM || i < 0 {
		return ""
	}
	return c.Members[i]
}

// serveDirect opens the direct message with somebody.
func (p *Page) serveDirect(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, To string }
	if !jsonhttp.Read(w, r, &in) {
		return
	}
	id, err := p.people.Direct(in.User, in.To)
	out := jsonhttp.Outcome(err)
	out["channel"] = id
	jsonhttp.Write(w, out)
}

// threadsMax is how many threads a page lists.
const threadsMax = 50

// serveThreads lists the threads that a person has a part in, the one with the newest reply first: what they began or
// answered, and where somebody mentioned them.
func (p *Page) serveThreads(w http.ResponseWriter, r *http.Request) {
	me := p.visitor(r.URL.Query().Get("user"))
	p.ws.Lock()
	defer p.ws.Unlock()
	all := []obj{}
	for _, ch := range p.ws.Channels {
		if !ch.Visible(me) {
			continue
		}
		for root, replies := range ch.Threads {
			if parent := ch.Message(root); parent != nil && len(replies) > 0 && takesPart(ch, me, parent, replies) {
				all = append(all, obj{"channel": ch.ID, "messages": threadEnds(ch, parent, replies), "replies": len(replies), "latest": replies[len(replies)-1]})
			}
		}
	}
	slices.SortFunc(all, func(a, b obj) int { return strings.Compare(b["latest"].(string), a["latest"].(string)) })
	jsonhttp.Write(w, obj{"threads": all[:min(len(all), threadsMax)]})
}

// takesPart says whether somebody has a part in a thread.
func takesPart(c *workspace.Conversation, userID string, parent *workspace.Message, replies []string) bool {
	theirs := func(m *workspace.Message) bool {
		return m != nil && (m.User == userID || workspace.Mentions(m.Text, userID))
	}
	return theirs(parent) || slices.ContainsFunc(replies, func(ts string) bool { return theirs(c.Message(ts)) })
}

// threadEnds are a thread's first message and its last three.
func threadEnds(c *workspace.Conversation, parent *workspace.Message, replies []string) []*workspace.Message {
	out := []*workspace.Message{parent}
	for _, ts := range replies[max(0, len(replies)-3):] {
		if m := c.Message(ts); m != nil {
			out = append(out, m)
		}
	}
	return out
}
