package socket

import (
	"bufio"
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// writeTimeout bounds one frame to a client that does not read.
const writeTimeout = 5 * time.Second

// conn is one socket of an app.
type conn struct {
	app    string // its id
	id     string
	ws     *websocket.Conn
	net    net.Conn
	opened time.Time
	write  sync.Mutex
	// leaving sockets get no more envelopes. Guarded by the gateway's lock.
	leaving bool
}

// hijacker keeps the network connection under a WebSocket, to be cut in the middle of a frame.
type hijacker struct {
	http.ResponseWriter
	net net.Conn
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.net = c
	return c, rw, err
}

// send writes one frame; false means that the socket is of no more use.
func (c *conn) send(ctx context.Context, frame []byte) bool {
	c.write.Lock()
	defer c.write.Unlock()
	return c.put(ctx, frame)
}

// put writes one frame. The caller holds the write lock.
func (c *conn) put(ctx context.Context, frame []byte) bool {
	ctx, stop := context.WithTimeout(ctx, writeTimeout)
	defer stop()
	return c.ws.Write(ctx, websocket.MessageText, frame) == nil
}

// sendHalf writes the first half of a frame and cuts the connection.
func (c *conn) sendHalf(frame []byte) {
	c.write.Lock()
	defer c.write.Unlock()
	head := []byte{0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0} // final text frame, 64-bit length
	binary.BigEndian.PutUint64(head[2:], uint64(len(frame)))
	// Errors do not matter: the connection is lost either way, which is the point.
	_ = c.net.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, _ = c.net.Write(append(head, frame[:len(frame)/2]...))
	c.cut()
}

// cut ends the socket without a word, as a network failure would.
func (c *conn) cut() { _ = c.net.Close() }

// ping tells the client that the wire is alive, and ends a socket whose client does not answer.
func (c *conn) ping(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		one, stop := context.WithTimeout(ctx, max(every, writeTimeout))
		err := c.ws.Ping(one)
		stop()
		if err != nil {
			c.cut()
			return
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}
