package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// The page API serves the browser page. It has no passwords: who asks says who they are.

func (s *Server) pageRoutes() {
	s.mux.HandleFunc("GET /archives/{channel}/{message}", pagePermalink)
	s.mux.HandleFunc("GET /page/state", s.pageState)
	s.mux.HandleFunc("GET /page/messages", s.pageMessages)
	s.mux.HandleFunc("GET /page/stream", s.pageStream)
	s.mux.HandleFunc("POST /page/send", s.pageSend)
	s.mux.HandleFunc("POST /page/action", s.pageAction)
	s.mux.HandleFunc("POST /page/view_submit", s.pageSubmit)
	s.mux.HandleFunc("POST /page/view_close", s.pageClose)
	s.mux.HandleFunc("POST /page/mark", s.pageMark)
	s.mux.HandleFunc("GET /page/suggest", s.pageSuggest)
	s.mux.HandleFunc("POST /page/suggest", s.pageSuggest)
	s.mux.HandleFunc("POST /page/home", s.pageHome)
	s.mux.HandleFunc("POST /page/shortcut", s.pageShortcut)
	s.mux.HandleFunc("POST /page/share", s.pageShare)
	s.mux.HandleFunc("POST /page/direct", s.pageDirect)
	s.mux.HandleFunc("GET /page/threads", s.pageThreads)
	s.messageRoutes()
	s.mux.HandleFunc("POST /page/attach", s.pageAttach)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the page may have gone
}

// readJSON reads a page's request. It takes no other content type, so that no foreign page's form can post here.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
		return false
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into); err != nil {
		http.Error(w, "bad JSON: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// staying is a request's context that outlives its page: what a person has sent stays sent when they close the window.
func staying(r *http.Request) context.Context { return context.WithoutCancel(r.Context()) }

// outcome is {"ok":true}, or the words for the person.
func outcome(err error) obj {
	if err == nil {
		return obj{"ok": true}
	}
	return obj{"ok": false, "error": err.Error()}
}

// visitor is the person that a page's address names, or the first one: a page opened without a name is theirs.
func (s *Server) visitor(key string) string {
	ws := s.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if u := ws.user(key); u != nil && !u.bot {
		return u.ID
	}
	for _, u := range ws.users {
		if !u.bot {
			return u.ID
		}
	}
	return ""
}

func (s *Server) pageMessages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	me, thread := s.UserID(q.Get("user")), q.Get("thread_ts")
	ws := s.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ch := ws.channel(q.Get("channel"))
	if ch == nil || !ch.visible(me) {
		writeJSON(w, obj{"messages": []any{}})
		return
	}
	out := []*Message{}
	for _, m := range ch.messages {
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS
		if thread == "" && (!reply || m.Subtype == "thread_broadcast") || thread != "" && (m.TS == thread || m.ThreadTS == thread) {
			out = append(out, m)
		}
	}
	for _, m := range ws.ephemerals[me] {
		if m.Channel == ch.id && m.ThreadTS == thread {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b *Message) int { return strings.Compare(a.TS, b.TS) })
	writeJSON(w, obj{"messages": out})
}

func (s *Server) pageSend(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User      string `json:"user"`
		Channel   string `json:"channel"`
		Text      string `json:"text"`
		Thread    string `json:"thread_ts"`
		Broadcast bool   `json:"reply_broadcast"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.Broadcast && in.Thread != "" && !strings.HasPrefix(in.Text, "/") {
		writeJSON(w, outcome(s.reply(in.User, in.Channel, in.Text, in.Thread)))
		return
	}
	err := s.Type(staying(r), in.User, in.Channel, in.Text, in.Thread)
	if _, refused := errors.AsType[Refusal](err); !refused {
		err = nil // Slackbot has told the person
	}
	writeJSON(w, outcome(err))
}

func (s *Server) pageAction(w http.ResponseWriter, r *http.Request) {
	var a Action
	if !readJSON(w, r, &a) {
		return
	}
	writeJSON(w, outcome(s.Act(staying(r), a)))
}

func (s *Server) pageSubmit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User  string `json:"user"`
		View  string `json:"view_id"`
		State struct {
			Values map[string]any `json:"values"`
		} `json:"state"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	invalid, err := s.Submit(staying(r), in.User, in.View, in.State.Values)
	body := outcome(err)
	if len(invalid) > 0 {
		body = obj{"ok": false, "errors": invalid}
	}
	writeJSON(w, body)
}

func (s *Server) pageClose(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User string `json:"user"`
		View string `json:"view_id"`
		All  bool   `json:"all"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	writeJSON(w, outcome(s.CloseView(in.User, in.View, in.All)))
}

func (s *Server) pageMark(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, Channel string }
	if !readJSON(w, r, &in) {
		return
	}
	me := s.UserID(in.User)
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	if ch := s.ws.channel(in.Channel); ch != nil && ch.unread[me] > 0 {
		ch.unread[me] = 0
		s.hub.toUser(me, obj{"type": "unread", "channel": ch.id, "unread": 0})
	}
	writeJSON(w, outcome(nil))
}

func (s *Server) pageHome(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, Tab string }
	if !readJSON(w, r, &in) {
		return
	}
	writeJSON(w, outcome(s.openTab(in.User, in.Tab)))
}
