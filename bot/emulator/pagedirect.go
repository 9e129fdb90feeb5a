package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// Direct gives the id of the direct message between two people, or between a person and the app, opened if need be. The
// app sees nothing of what people say to each other there.
func (p *People) Direct(one, other string) (id string, err error) {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	var ids []string
	for _, key := range []string{one, other} {
		u := w.user(key)
		if u == nil || u.deleted || u.ID == slackbotID {
			return "", Refusal("There is no user " + key + ".")
		}
		ids = append(ids, u.ID)
	}
	bot := p.ws.cfg.App.BotUserID
	switch {
	case ids[0] == bot || ids[0] == ids[1]:
		return "", Refusal("Nobody is there to talk to.")
	case ids[1] == bot:
		ch, _ := w.directMessage(ids[0])
		return ch.id, nil
	}
	for _, ch := range w.channels {
		if ch.among(ids) {
			return ch.id, nil
		}
	}
	ch := emptyChannel(w.nextID("D"))
	ch.pair, ch.private, ch.members = true, true, ids
	w.channels = append(w.channels, ch)
	p.ws.peopleChanged()
	return ch.id, nil
}

// other is whom a person talks to in a direct message; empty where it is none.
func (c *channel) other(userID string) string {
	i := slices.IndexFunc(c.members, func(id string) bool { return id != userID })
	if c.kind() != directIM || i < 0 {
		return ""
	}
	return c.members[i]
}

// pageDirect opens the direct message with somebody.
func (p *Page) pageDirect(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, To string }
	if !readJSON(w, r, &in) {
		return
	}
	id, err := p.people.Direct(in.User, in.To)
	out := outcome(err)
	out["channel"] = id
	writeJSON(w, out)
}

// ownThreads is how many threads a page lists.
const ownThreads = 50

// pageThreads lists the threads that a person has a part in, the one with the newest reply first: what they began or
// answered, and where somebody mentioned them.
func (p *Page) pageThreads(w http.ResponseWriter, r *http.Request) {
	me := p.visitor(r.URL.Query().Get("user"))
	p.ws.Lock()
	defer p.ws.Unlock()
	all := []obj{}
	for _, ch := range p.ws.channels {
		if !ch.visible(me) {
			continue
		}
		for root, replies := range ch.threads {
			if parent := ch.message(root); parent != nil && len(replies) > 0 && ch.partOf(me, parent, replies) {
				all = append(all, obj{"channel": ch.id, "messages": ch.ends(parent, replies), "replies": len(replies), "latest": replies[len(replies)-1]})
			}
		}
	}
	slices.SortFunc(all, func(a, b obj) int { return strings.Compare(b["latest"].(string), a["latest"].(string)) })
	writeJSON(w, obj{"threads": all[:min(len(all), ownThreads)]})
}

// partOf says whether somebody has a part in a thread.
func (c *channel) partOf(userID string, parent *Message, replies []string) bool {
	theirs := func(m *Message) bool { return m != nil && (m.User == userID || mentions(m.Text, userID)) }
	return theirs(parent) || slices.ContainsFunc(replies, func(ts string) bool { return theirs(c.message(ts)) })
}

// ends are a thread's first message and its last three.
func (c *channel) ends(parent *Message, replies []string) []*Message {
	out := []*Message{parent}
	for _, ts := range replies[max(0, len(replies)-3):] {
		if m := c.message(ts); m != nil {
			out = append(out, m)
		}
	}
	return out
}
