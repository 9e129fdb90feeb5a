package control

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// ErrUnreachable says that no process answers.
var ErrUnreachable = errors.New("no stationmaster answers")

// A Client asks the process that answers on a socket.
type Client struct{ Path string }

// List asks what is under way.
func (c Client) List(ctx context.Context) (l Listing, err error) {
	return l, c.call(ctx, http.MethodGet, "/v1/deployments", nil, &l)
}

// Show asks for all of one deployment.
func (c Client) Show(ctx context.Context, id string) (d Detail, err error) {
	return d, c.call(ctx, http.MethodGet, "/v1/deployments/"+url.PathEscape(id), nil, &d)
}

// Answer says something. It is sent once; a nonce is drawn.
func (c Client) Answer(ctx context.Context, id string, a Answer) (d Done, err error) {
	a.Nonce = rand.Text()
	return d, c.call(ctx, http.MethodPost, "/v1/deployments/"+url.PathEscape(id)+"/answers", a, &d)
}

// call makes one request. A *Refused is the process's no.
func (c Client) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	body := []byte(nil)
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("write what is said: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://stationmaster"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask stationmaster: %w", err)
	}
	wire := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", c.Path)
	}}
	reply, err := wire.RoundTrip(r)
	if err != nil {
		return c.unreachable(method, err)
	}
	defer reply.Body.Close()
	said, err := io.ReadAll(io.LimitReader(reply.Body, replyMax+1))
	if err == nil && len(said) > replyMax {
		err = fmt.Errorf("it says more than %d bytes", replyMax)
	}
	if err != nil {
		return c.unreachable(method, err)
	}
	return read(reply.StatusCode, said, out)
}

// read takes an answer apart.
func read(code int, said []byte, out any) error {
	if code == http.StatusOK {
		if err := json.Unmarshal(said, out); err != nil {
			return fmt.Errorf("%w in a way that can be read: %w", ErrUnreachable, err)
		}
		return nil
	}
	no := &Refused{}
	if err := json.Unmarshal(said, no); err != nil || no.Why == "" {
		return fmt.Errorf("%w in a way that can be read: it says %d", ErrUnreachable, code)
	}
	return no
}

// unreachable says what can be done about it.
func (c Client) unreachable(method string, err error) error {
	dial, ok := errors.AsType[*net.OpError](err)
	switch {
	case ok && dial.Op == "dial":
		return fmt.Errorf("%w at %s: %w. Does it run, does its config name logins under people, and may you use that file?", ErrUnreachable, c.Path, dial.Err)
	case method == http.MethodPost:
		return fmt.Errorf("%w any more at %s: %w. It is not known whether it has taken that: look before you try again", ErrUnreachable, c.Path, err)
	}
	return fmt.Errorf("%w at %s: %w", ErrUnreachable, c.Path, err)
}
