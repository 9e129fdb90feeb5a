package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// What people do with messages that are there, and with channels, on the page.

func (s *Server) messageRoutes() {
	s.mux.HandleFunc("POST /page/react", s.pageReact)
	s.mux.HandleFunc("POST /page/edit", s.pageEdit)
	s.mux.HandleFunc("POST /page/delete", s.pageDelete)
	s.mux.HandleFunc("POST /page/join", s.pageJoin)
}

// pageMessage names one message of a channel, and what to do with it.
type pageMessage struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Name    string `json:"name"` // of a reaction
	On      bool   `json:"on"`
	Text    string `json:"text"`
}

// onMessage reads a page's request and does something with the message that it names.
func (s *Server) onMessage(w http.ResponseWriter, r *http.Request, do func(in pageMessage, u *user, ch *channel, m *Message) error) {
	var in pageMessage
	if !readJSON(w, r, &in) {
		return
	}
	u, ch, err := s.place(in.User, in.Channel)
	if err != nil {
		writeJSON(w, outcome(err))
		return
	}
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	m := ch.message(in.TS)
	if m == nil || m.Subtype == "tombstone" {
		writeJSON(w, outcome(Refusal("There is no such message any more.")))
		return
	}
	writeJSON(w, outcome(do(in, u, ch, m)))
}

func (s *Server) pageReact(w http.ResponseWriter, r *http.Request) {
	s.onMessage(w, r, func(in pageMessage, u *user, ch *channel, m *Message) error {
		s.react(ch, m, u.ID, in.Name, in.On)
		return nil
	})
}

// react adds a person's reaction to a message, or takes it away. Doing so twice changes nothing. The caller holds the
// workspace's lock.
func (s *Server) react(ch *channel, m *Message, userID, name string, on bool) {
	i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Name == name })
	if has := i >= 0 && slices.Contains(m.Reactions[i].Users, userID); has == on || name == "" {
		return
	}
	s.ws.change(ch, m, func(c *Message) {
		c.Reactions = slices.Clone(m.Reactions)
		if i < 0 {
			c.Reactions = append(c.Reactions, Reaction{Name: name})
			i = len(c.Reactions) - 1
		}
		r := &c.Reactions[i]
		r.Users = slices.DeleteFunc(slices.Clone(r.Users), func(id string) bool { return id == userID })
		if on {
			r.Users = append(r.Users, userID)
		}
		if r.Count = len(r.Users); r.Count == 0 {
			c.Reactions = slices.Delete(c.Reactions, i, i+1)
		}
	})
	if !ch.has(s.cfg.App.BotUserID) {
		return
	}
	kind := "reaction_removed"
	if on {
		kind = "reaction_added"
	}
	s.event(kind, obj{"type": kind, "user": userID, "reaction": name, "item_user": m.User, "event_ts": s.ws.nextTS(),
		"item": obj{"type": "message", "channel": ch.id, "ts": m.TS}})
}

func (s *Server) pageEdit(w http.ResponseWriter, r *http.Request) {
	s.onMessage(w, r, func(in pageMessage, u *user, ch *channel, m *Message) error {
		switch {
		case !m.by(u.ID):
			return Refusal("You can only edit your own messages.")
		case strings.TrimSpace(in.Text) == "":
			return Refusal("There is nothing to save.")
		}
		w := s.ws
		changed := w.change(ch, m, func(c *Message) {
			c.Text, c.Blocks = w.link(escape(in.Text), false), nil
			c.Edited = &Edited{User: u.ID, TS: w.nextTS()}
		})
		s.tellApp(ch, changed, "message_changed")
		return nil
	})
}

func (s *Server) pageDelete(w http.ResponseWriter, r *http.Request) {
	s.onMessage(w, r, func(_ pageMessage, u *user, ch *channel, m *Message) error {
		if !m.by(u.ID) {
			return Refusal("You can only delete your own messages.")
		}
		s.ws.remove(ch, m)
		s.tellApp(ch, m, "message_deleted")
		return nil
	})
}

// by says whether a person wrote the message, and nobody else speaks through it.
func (m *Message) by(userID string) bool {
	return m.User == userID && m.BotID == "" && m.Subtype != "tombstone"
}

func (s *Server) pageJoin(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, Channel string }
	if !readJSON(w, r, &in) {
		return
	}
	me := s.UserID(in.User)
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	ch := s.ws.channel(in.Channel)
	switch {
	case ch == nil || !ch.visible(me) || s.ws.user(me) == nil:
		writeJSON(w, outcome(Refusal("There is no channel "+in.Channel+".")))
		return
	case ch.archived:
		writeJSON(w, outcome(Refusal("#"+ch.name+" is archived.")))
		return
	case !ch.has(me):
		ch.members = append(slices.Clone(ch.members), me)
		s.channelChanged(ch)
	}
	writeJSON(w, outcome(nil))
}

// channelChanged tells the pages to read again who and what there is.
func (s *Server) channelChanged(ch *channel) {
	s.hub.publish(obj{"type": "channel", "channel": ch.id}, func(string) bool { return true })
	s.ws.touch()
}

// reply posts a person's answer in a thread, and shows it in the channel too.
func (s *Server) reply(user, channel, text, thread string) error {
	u, ch, err := s.place(user, channel)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return Refusal("There is nothing to send.")
	}
	w := s.ws
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.add(ch, &Message{User: u.ID, Text: w.link(escape(text), false), ThreadTS: thread}, true)
	s.tellApp(ch, m, "")
	return nil
}
