package emulator

import (
	"net/http"
	"strings"
)

// messageRoutes let the page do what people do with messages that are there, and with channels. Each takes user,
// channel and what it needs.
func (p *Page) messageRoutes(mux *http.ServeMux) {
	for name, do := range map[string]func(controlArgs) error{
		"react":  func(in controlArgs) error { return p.people.React(in.User, in.Channel, in.TS, in.Name, in.On) },
		"edit":   func(in controlArgs) error { return p.people.Edit(in.User, in.Channel, in.TS, in.Text) },
		"delete": func(in controlArgs) error { return p.people.Delete(in.User, in.Channel, in.TS) },
		"join":   func(in controlArgs) error { return p.people.Join(in.User, in.Channel) },
		"leave":  func(in controlArgs) error { return p.people.Leave(in.User, in.Channel) },
	} {
		mux.HandleFunc("POST /page/"+name, func(w http.ResponseWriter, r *http.Request) {
			var in controlArgs
			if readJSON(w, r, &in) {
				writeJSON(w, outcome(do(in)))
			}
		})
	}
}

// peopleChanged tells the pages to read again who and what there is.
func (w *workspace) peopleChanged() {
	w.hub.publish(obj{"type": "channel"}, func(string) bool { return true })
	w.touch()
}

// pageShare takes the bytes of one file and shows it in a channel, or in a thread.
func (p *Page) pageShare(w http.ResponseWriter, r *http.Request) {
	name, data, ok := fileIn(w, r)
	if !ok {
		return
	}
	q := r.URL.Query()
	_, err := p.people.Share(baseURL(r), q.Get("user"), q.Get("channel"), q.Get("thread_ts"), q.Get("text"), name, data)
	writeJSON(w, outcome(err))
}

// reply posts a person's answer in a thread, and shows it in the channel too.
func (p *People) reply(user, channel, text, thread string) error {
	u, ch, err := p.ws.writer(user, channel)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return Refusal("There is nothing to send.")
	}
	w := p.ws
	w.Lock()
	defer w.Unlock()
	m := w.add(ch, w.typed(u.ID, text, thread), true)
	p.ws.events.tellApp(ch, m)
	return nil
}
