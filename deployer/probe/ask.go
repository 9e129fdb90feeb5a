package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode"
)

const (
	bodyMax         = 64 << 10 // bytes that are read
	redirectsMax    = 5
	excerptMax      = 600 // bytes that people see
	excerptLinesMax = 10
)

// An answer is what came of one try.
type answer struct {
	trouble   string // why there is no whole answer, in words; "": there is
	unsent    bool   // of trouble: no server was reached, so that nothing was sent
	took      time.Duration
	status    int
	redirect  string // where a redirect leads that was not followed
	body      string // the beginning
	truncated bool   // body is only the beginning
	hide      func(string) string
}

// ask makes one try. It always has an answer.
func (s *System) ask(ctx context.Context, c check) answer {
	limit := s.timeout
	if !c.deadline.IsZero() {
		limit = min(limit, max(time.Until(c.deadline), time.Millisecond))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := c.request(ctx)
	if err != nil {
		return answer{trouble: "can't be asked", unsent: true}
	}
	began := time.Now()
	client := http.Client{Transport: s.transport, CheckRedirect: c.redirect}
	resp, err := client.Do(req)
	if err != nil {
		return answer{trouble: trouble(err, limit), unsent: unsent(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode}
	if to, err := resp.Location(); err == nil && to.Host != "" {
		a.redirect = to.Scheme + "://" + to.Host
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodyMax+1))
	if a.truncated = len(body) > bodyMax; a.truncated {
		body = body[:bodyMax]
	}
	a.body, a.took, a.hide = string(body), time.Since(began), c.hide
	if err != nil {
		a.trouble = fmt.Sprintf("answered %d, but %s", a.status, brokenOff(err, limit))
	}
	return a
}

// request is what is sent. A header of the step's replaces ours.
func (c check) request(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, c.url.String(), body)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("User-Agent", "stationmaster")
	if json.Valid([]byte(c.body)) {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.headers {
		if strings.EqualFold(name, "Host") {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	return req, nil
}

// unsent reports whether an error says that no server was reached at all.
func unsent(err error) bool {
	var forbidden *forbiddenError
	dial, ok := errors.AsType[*net.OpError](err)
	return errors.As(err, &forbidden) || ok && dial.Op == "dial"
}

// redirect says which redirects are followed; see the package's comment.
func (c check) redirect(req *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	switch {
	case !c.reads(), c.status >= 300 && c.status < 400, len(via) > redirectsMax,
		!sameServer(c.url, req.URL),
		from.Scheme == "https" && req.URL.Scheme != "https":
		return http.ErrUseLastResponse
	}
	return nil
}

// sameServer reports whether two addresses have the same host and port, or are
// http and https of one host at their usual ports.
func sameServer(a, b *url.URL) bool {
	usual := map[string]string{"http": "80", "https": "443"}
	portA, portB := cmp.Or(a.Port(), usual[a.Scheme]), cmp.Or(b.Port(), usual[b.Scheme])
	return strings.EqualFold(a.Hostname(), b.Hostname()) &&
		(portA == portB || portA == usual[a.Scheme] && portB == usual[b.Scheme])
}

// trouble words why there is no answer. It never shows an error that it does not
// know: one about a proxy may hold that proxy's password.
func trouble(err error, limit time.Duration) string {
	var timeout net.Error
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	var forbidden *forbiddenError
	switch {
	case errors.As(err, &forbidden):
		return "is at " + forbidden.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return "has a host that does not exist"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "did not answer within " + limit.Round(time.Millisecond).String()
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused the connection"
	case errors.As(err, &certificate):
		return "has a certificate that can't be trusted: " + certificate.Err.Error()
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &plain):
		return "does not speak TLS"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "broke the connection off"
	}
	return "could not be reached"
}

// brokenOff words why an answer is not whole.
func brokenOff(err error, limit time.Duration) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "was not done within " + limit.Round(time.Millisecond).String()
	}
	return "broke off half way"
}

// excerpt is the beginning of the body as plain text.
func (a answer) excerpt() string {
	body := a.body
	if a.hide != nil {
		body = a.hide(body)
	}
	text := strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(body[:min(len(body), excerptMax)], ""))
	lines := strings.SplitN(strings.TrimSpace(text), "\n", excerptLinesMax+1)
	short := strings.Join(lines[:min(len(lines), excerptLinesMax)], "\n")
	if len(lines) > excerptLinesMax || len(body) > excerptMax {
		short += " …"
	}
	return short
}
