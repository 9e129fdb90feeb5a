package page

import (
	"net/http"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
)

// messageArgs are what those requests of the page hold that are about a channel or about a message that is there.
type messageArgs struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Name    string `json:"name"` // of an emoji
	On      bool   `json:"on"`
	Text    string `json:"text"`
}

// messageRoutes let the page do what people do with messages that are there, and with channels. Each takes user,
// channel and what it needs.
func (p *Page) messageRoutes(mux *http.ServeMux) {
	for name, do := range map[string]func(messageArgs) error{
		"react":  func(in messageArgs) error { return p.people.React(in.User, in.Channel, in.TS, in.Name, in.On) },
		"edit":   func(in messageArgs) error { return p.people.Edit(in.User, in.Channel, in.TS, in.Text) },
		"delete": func(in messageArgs) error { return p.people.Delete(in.User, in.Channel, in.TS) },
		"join":   func(in messageArgs) error { return p.people.Join(in.User, in.Channel) },
		"leave":  func(in messageArgs) error { return p.people.Leave(in.User, in.Channel) },
	} {
		mux.HandleFunc("POST /page/"+name, func(w http.ResponseWriter, r *http.Request) {
			var in messageArgs
			if jsonhttp.Read(w, r, &in) {
				jsonhttp.Write(w, jsonhttp.Outcome(do(in)))
			}
		})
	}
}

// serveShare takes the bytes of one file and shows it in a channel, or in a thread.
func (p *Page) serveShare(w http.ResponseWriter, r *http.Request) {
	name, data, ok := fileIn(w, r)
	if !ok {
		return
	}
	q := r.URL.Query()
	_, err := p.people.Share(jsonhttp.BaseURL(r), q.Get("user"), q.Get("channel"), q.Get("thread_ts"), q.Get("text"), name, data)
	jsonhttp.Write(w, jsonhttp.Outcome(err))
}
