package emulator

import (
	"fmt"
	"net/http"
	"time"
)

// keepAlive is how often an idle stream says that it lives.
const keepAlive = 15 * time.Second

// pageStream sends a person's page what happens, as Server-Sent Events.
func (s *Server) pageStream(w http.ResponseWriter, r *http.Request) {
	l := s.hub.listen(s.UserID(r.URL.Query().Get("user")))
	defer s.hub.leave(l)
	rc := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if _, err := fmt.Fprint(w, "retry: 1000\n\n"); err != nil || rc.Flush() != nil {
		return
	}
	t := time.NewTicker(keepAlive)
	defer t.Stop()
	for {
		line := ": alive\n\n"
		select {
		case event, ok := <-l.events:
			if !ok {
				return // the page was too slow; it connects again and reads its state
			}
			line = "data: " + string(event) + "\n\n"
		case <-t.C:
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
		if _, err := fmt.Fprint(w, line); err != nil || rc.Flush() != nil {
			return
		}
	}
}
