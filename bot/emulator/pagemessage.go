package emulator

import (
	"net/http"
	"strings"
)

// messageRoutes let the page do what people do with messages that are there, and with channels. Each takes user,
// channel and what it needs.
func (s *Server) messageRoutes() {
	for name, do := range map[string]func(controlArgs) error{
		"react":  func(in controlArgs) error { return s.React(in.User, in.Channel, in.TS, in.Name, in.On) },
		"edit":   func(in controlArgs) error { return s.Edit(in.User, in.Channel, in.TS, in.Text) },
		"delete": func(in controlArgs) error { return s.Delete(in.User, in.Channel, in.TS) },
		"join":   func(in controlArgs) error { return s.Join(in.User, in.Channel) },
		"leave":  func(in controlArgs) error { return s.Leave(in.User, in.Channel) },
	} {
		s.mux.HandleFunc("POST /page/"+name, func(w http.ResponseWriter, r *http.Request) {
			var in controlArgs
			if readJSON(w, r, &in) {
				writeJSON(w, outcome(do(in)))
			}
		})
	}
}

// peopleChanged tells the pages to read again who and what there is.
func (s *Server) peopleChanged() {
	s.hub.publish(obj{"type": "channel"}, func(string) bool { return true })
	s.ws.touch()
}

// pageShare takes the bytes of one file and shows it in a channel, or in a thread.
func (s *Server) pageShare(w http.ResponseWriter, r *http.Request) {
	name, data, ok := fileIn(w, r)
	if !ok {
		return
	}
	q := r.URL.Query()
	_, err := s.Share(baseURL(r), q.Get("user"), q.Get("channel"), q.Get("thread_ts"), q.Get("text"), name, data)
	writeJSON(w, outcome(err))
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
	m := w.add(ch, w.typed(u.ID, text, thread), true)
	s.tellApp(ch, m)
	return nil
}
