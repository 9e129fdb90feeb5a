package page

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// keepAlive is how often a stream says that it lives. A page that hears nothing for a few of these connects again.
const keepAlive = 10 * time.Second

// streamTimeout bounds one frame to a page that does not read.
const streamTimeout = 5 * time.Second

// serveStream is the WebSocket on which a person's page hears what happens: first {"at": POSITION, "resumed": …},
// then {"seq": …, "event": …} for each event, and {} now and then. A page that comes again says since which position;
// when that is too long ago it is not resumed, and has to read its state again.
//
// A WebSocket, because a browser opens no more than six other connections to one server, and a window each would keep
// one: from the seventh window on nothing would be answered. Pages of other servers are refused by their Origin.
func (p *Page) serveStream(w http.ResponseWriter, r *http.Request) {
	user, since := p.ws.UserID(r.URL.Query().Get("user")), r.URL.Query().Get("since")
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer ws.CloseNow()
	done := make(chan struct{})
	if p.ws.Background.Go(func() { defer close(done); p.stream(ws, user, since) }) {
		<-done
	}
}

// stream tells a page what happens until the page, or the server, is gone.
func (p *Page) stream(ws *websocket.Conn, user, since string) {
	ctx := ws.CloseRead(p.ws.Background.Context()) // a page says nothing; ends when it goes
	p.ws.Lock()
	l, at, missed := p.ws.Feed.Listen(user, since)
	p.ws.Unlock()
	defer p.ws.Feed.Leave(l)
	if !writeFrame(ctx, ws, jsonvalue.Encode(obj{"at": at, "resumed": since != "" && at == since})) {
		return
	}
	for _, frame := range missed {
		if !writeFrame(ctx, ws, frame) {
			return
		}
	}
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		frame := json.RawMessage("{}")
		select {
		case event, ok := <-l.Events:
			if !ok {
				return // the page was too slow; it comes again
			}
			frame = event
		case <-alive.C:
		case <-ctx.Done():
			return
		}
		if !writeFrame(ctx, ws, frame) {
			return
		}
	}
}

// writeFrame writes one frame; false means that the page is gone, or does not read.
func writeFrame(ctx context.Context, ws *websocket.Conn, frame []byte) bool {
	ctx, stop := context.WithTimeout(ctx, streamTimeout)
	defer stop()
	return ws.Write(ctx, websocket.MessageText, frame) == nil
}
