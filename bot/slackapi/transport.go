package slackapi

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const (
	answerMax    = 16 << 20 // bytes of one answer; a thousand messages with all their blocks are less
	redirectsMax = 3
)

// CheckURL says what is wrong with the address of an API that is not Slack's
// own; "" is Slack's own. Without TLS it must be on this machine: the tokens
// and every click would be read on the way.
func CheckURL(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	switch {
	case !strings.HasSuffix(address, "/api/"):
		return fmt.Errorf("SLACK_API_URL must end in /api/, not be %q", address)
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("SLACK_API_URL must be an address such as https://slack.com/api/, not %q", address)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("SLACK_API_URL is %q: without TLS anybody on the way could read the tokens; write https://, or http:// with 127.0.0.1 for a local Slack", address)
	}
	return nil
}

// loopback reports whether a host is this machine, without asking anybody.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// A redirectError is a redirect that was not followed. Nothing was done.
type redirectError struct{ from, to *url.URL }

func (e *redirectError) Error() string {
	return fmt.Sprintf("%s redirects to %s://%s, where no token goes; if Slack's API is there, set SLACK_API_URL", e.from.Host, e.to.Scheme, e.to.Host)
}

// stayWithHost follows redirects within one host and port: what is sent bears a token.
func stayWithHost(req *http.Request, via []*http.Request) error {
	from := via[0].URL
	if req.URL.Scheme != from.Scheme || req.URL.Host != from.Host || len(via) > redirectsMax {
		return &redirectError{from: from, to: req.URL}
	}
	return nil
}

// bounded ends an answer that is longer than any of Slack's.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(req)
	if err == nil && resp.StatusCode != http.StatusSwitchingProtocols { // a socket bounds its frames itself
		resp.Body = &boundedBody{ReadCloser: resp.Body, left: answerMax}
	}
	return resp, err
}

// CloseIdleConnections is for http.Client.CloseIdleConnections.
func (b bounded) CloseIdleConnections() {
	(&http.Client{Transport: b.RoundTripper}).CloseIdleConnections()
}

type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("Slack's API answers with more than %d MiB", answerMax>>20)
	}
	return n, err
}
