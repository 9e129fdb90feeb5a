package page

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/client"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// The page API serves the browser page. Who asks says who they are; package origin says whose requests come this far.

//go:embed web
var web embed.FS

// Page is what a browser shows of the workspace, and what a person does there.
type Page struct {
	cfg    workspace.Config
	ws     *workspace.Workspace
	people *workspace.People
	reader *workspace.Reader
	client *client.Client
}

// New makes the page of ws.
func New(ws *workspace.Workspace, people *workspace.People, reader *workspace.Reader, client *client.Client) *Page {
	return &Page{cfg: ws.Config, ws: ws, people: people, reader: reader, client: client}
}

// Routes serves the page and what it asks for.
func (p *Page) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /archives/{channel}/{message}", servePermalink)
	mux.HandleFunc("GET /page/state", p.serveState)
	mux.HandleFunc("GET /page/messages", p.serveMessages)
	mux.HandleFunc("GET /page/stream", p.serveStream)
	mux.HandleFunc("POST /page/send", p.serveSend)
	mux.HandleFunc("POST /page/action", p.serveAction)
	mux.HandleFunc("POST /page/view_submit", p.serveSubmit)
	mux.HandleFunc("POST /page/view_close", p.serveClose)
	mux.HandleFunc("POST /page/mark", p.serveMark)
	mux.HandleFunc("GET /page/suggest", p.serveSuggest)
	mux.HandleFunc("POST /page/suggest", p.serveSuggest)
	mux.HandleFunc("POST /page/home", p.serveHome)
	mux.HandleFunc("POST /page/shortcut", p.serveShortcut)
	mux.HandleFunc("POST /page/share", p.serveShare)
	mux.HandleFunc("POST /page/direct", p.serveDirect)
	mux.HandleFunc("GET /page/threads", p.serveThreads)
	p.messageRoutes(mux)
	mux.HandleFunc("POST /page/attach", p.serveAttach)
	static, err := fs.Sub(web, "web")
	if err != nil {
		panic("emulator: embedded page: " + err.Error())
	}
	mux.Handle("/", http.FileServerFS(static))
}

// detached is a request's context that outlives its page: what a person has sent stays sent when they close the window.
func detached(r *http.Request) context.Context { return context.WithoutCancel(r.Context()) }

// visitor is the person that a page's address names, or the first one: a page opened without a name is theirs.
func (p *Page) visitor(key string) string {
	ws := p.ws
	ws.Lock()
	defer ws.Unlock()
	if u := ws.User(key); u != nil && !u.Bot {
		return u.ID
	}
	for _, u := range ws.Users {
		if !u.Bot {
			return u.ID
		}
	}
	return ""
}

func (p *Page) serveMessages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	me, thread := p.ws.UserID(q.Get("user")), q.Get("thread_ts")
	ws := p.ws
	ws.Lock()
	defer ws.Unlock()
	ch := ws.Channel(q.Get("channel"))
	if ch == nil || !ch.Visible(me) {
		jsonhttp.Write(w, obj{"messages": []any{}})
		return
	}
	out := []*workspace.Message{}
	for _, m := range ch.Messages {
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS
		if thread == "" && (!reply || m.Subtype == "thread_broadcast") || thread != "" && (m.TS == thread || m.ThreadTS == thread) {
			out = append(out, m)
		}
	}
	for _, m := range ws.Ephemerals[me] {
		if m.Channel == ch.ID && m.ThreadTS == thread {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b *workspace.Message) int { return strings.Compare(a.TS, b.TS) })
	jsonhttp.Write(w, obj{"messages": out})
}

func (p *Page) serveSend(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User      string `json:"user"`
		Channel   string `json:"channel"`
		Text      string `json:"text"`
		Thread    string `json:"thread_ts"`
		Broadcast bool   `json:"reply_broadcast"`
	}
	if !jsonhttp.Read(w, r, &in) {
		return
	}
	if in.Broadcast && in.Thread != "" && !strings.HasPrefix(in.Text, "/") {
		_, err := p.ws.PostAs(in.User, in.Channel, in.Text, in.Thread, true)
		jsonhttp.Write(w, jsonhttp.Outcome(err))
		return
	}
	err := p.client.Type(detached(r), in.User, in.Channel, in.Text, in.Thread)
	if _, refused := errors.AsType[workspace.Refusal](err); !refused {
		err = nil // Slackbot has told the person
	}
	jsonhttp.Write(w, jsonhttp.Outcome(err))
}

func (p *Page) serveAction(w http.ResponseWriter, r *http.Request) {
	var a client.Action
	if !jsonhttp.Read(w, r, &a) {
		return
	}
	jsonhttp.Write(w, jsonhttp.Outcome(p.client.Act(detached(r), a)))
}

func (p *Page) serveSubmit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User  string `json:"user"`
		View  string `json:"view_id"`
		State struct {
			Values map[string]any `json:"values"`
		} `json:"state"`
	}
	if !jsonhttp.Read(w, r, &in) {
		return
	}
	invalid, err := p.client.Submit(detached(r), in.User, in.View, in.State.Values)
	body := jsonhttp.Outcome(err)
	if len(invalid) > 0 {
		body = obj{"ok": false, "errors": invalid}
	}
	jsonhttp.Write(w, body)
}

func (p *Page) serveClose(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User string `json:"user"`
		View string `json:"view_id"`
		All  bool   `json:"all"`
	}
	if !jsonhttp.Read(w, r, &in) {
		return
	}
	jsonhttp.Write(w, jsonhttp.Outcome(p.client.CloseView(in.User, in.View, in.All)))
}

func (p *Page) serveMark(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, Channel string }
	if !jsonhttp.Read(w, r, &in) {
		return
	}
	me := p.ws.UserID(in.User)
	p.ws.Lock()
	defer p.ws.Unlock()
	if ch := p.ws.Channel(in.Channel); ch != nil && ch.Unread[me] > 0 {
		ch.Unread[me] = 0
		p.ws.Feed.ToUser(me, obj{"type": "unread", "channel": ch.ID, "unread": 0})
	}
	jsonhttp.Write(w, jsonhttp.Outcome(nil))
}

func (p *Page) serveHome(w http.ResponseWriter, r *http.Request) {
	var in struct{ User, Tab string }
	if !jsonhttp.Read(w, r, &in) {
		return
	}
	jsonhttp.Write(w, jsonhttp.Outcome(p.ws.OpenTab(in.User, in.Tab)))
}
