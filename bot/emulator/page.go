package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
)

// The page API serves the browser page. It has no passwords: who asks says who they are.

// Page is what a browser shows of the workspace, and what a person does there.
type Page struct {
	cfg    Config
	ws     *workspace
	people *People
	reader *Reader
	client *Client
}

func (p *Page) routes(mux *http.ServeMux) {
	p.pageRoutes(mux)
	static, err := fs.Sub(web, "web")
	if err != nil {
		panic("emulator: embedded page: " + err.Error())
	}
	mux.Handle("/", http.FileServerFS(static))
}

func (p *Page) pageRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /archives/{channel}/{message}", pagePermalink)
	mux.HandleFunc("GET /page/state", p.pageState)
	mux.HandleFunc("GET /page/messages", p.pageMessages)
	mux.HandleFunc("GET /page/stream", p.pageStream)
	mux.HandleFunc("POST /page/send", p.pageSend)
	mux.HandleFunc("POST /page/action", p.pageAction)
	mux.HandleFunc("POST /page/view_submit", p.pageSubmit)
	mux.HandleFunc("POST /page/view_close", p.pageClose)
	mux.HandleFunc("POST /page/mark", p.pageMark)
	mux.HandleFunc("GET /page/suggest", p.pageSuggest)
	mux.HandleFunc("POST /page/suggest", p.pageSuggest)
	mux.HandleFunc("POST /page/home", p.pageHome)
	mux.HandleFunc("POST /page/shortcut", p.pageShortcut)
	mux.HandleFunc("POST /page/share", p.pageShare)
	mux.HandleFunc("POST /page/direct", p.pageDirect)
	mux.HandleFunc("GET /page/threads", p.pageThreads)
	p.messageRoutes(mux)
	mux.HandleFunc("POST /page/attach", p.pageAttach)
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
func (p *Page) visitor(key string) string {
	ws := p.ws
	ws.Lock()
	defer ws.Unlock()
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

func (p *Page) pageMessages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	me, thread := p.ws.userID(q.Get("user")), q.Get("thread_ts")
	ws := p.ws
	ws.Lock()
	defer ws.Unlock()
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

func (p *Page) pageSend(w http.ResponseWriter, r *http.Request) {
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
		writeJSON(w, outcome(p.people.reply(in.User, in.Channel, in.Text, in.Thread)))
		return
	}
	err := p.client.Type(staying(r), in.User, in.Channel, in.Text, in.Thread)
	if _, refused := errors.AsType[Refusal](err); !refused {
		err = nil // Slackbot has told the person
	}
	writeJSON(w, outcome(err))
}

func (p *Page) pageAction(w http.ResponseWriter, r *http.Request) {
	var a Action
	if !readJSON(w, r, &a) {
		return
	}
	writeJSON(w, outcome(p.client.Act(staying(r), a)))
}

func (p *Page) pageSubmit(w http.ResponseWriter, r *http.Request) {
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
	invalid, err := p.client.Submit(staying(r), in.User, in.View, in.State.Values)
	body := outcome(err)
	if len(invalid) > 0 {
		body = obj{"ok": false, "errors": invalid}
	}
	writeJSON(w, body)
}

func (p *Page) pageClose(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User string `json:"user"`
		View string `json:"view_id"`
		All  bool   `json:"all"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	writeJSON(w, outcome(p.client.CloseView(in.User, in.View, in.All)))
}

func (p *Page) pageMark(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, Channel string }
	if !readJSON(w, r, &in) {
		return
	}
	me := p.ws.userID(in.User)
	p.ws.Lock()
	defer p.ws.Unlock()
	if ch := p.ws.channel(in.Channel); ch != nil && ch.unread[me] > 0 {
		ch.unread[me] = 0
		p.ws.hub.toUser(me, obj{"type": "unread", "channel": ch.id, "unread": 0})
	}
	writeJSON(w, outcome(nil))
}

func (p *Page) pageHome(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, Tab string }
	if !readJSON(w, r, &in) {
		return
	}
	writeJSON(w, outcome(p.people.openTab(in.User, in.Tab)))
}
