package probe

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The parameters of probe.http.
const (
	paramURL      = "url"
	paramMethod   = "method"
	paramHeaders  = "headers"
	paramBody     = "body"
	paramStatus   = "status"
	paramContains = "contains"
	paramJSON     = "json"
	paramFaster   = "faster"
	paramOutputs  = "outputs"

	paramRetries = "retries" // of procedures from before every step had retries
	paramEvery   = "every"   // likewise
)

// lead is how much earlier than its step's time-out a check ends by itself, so
// that people read what is wrong rather than that time has passed.
const deadlineMargin = time.Second

// A check is what a step asks of one service.
type check struct {
	url      *url.URL
	shown    string // the URL as people see it: without its query, which may hold a key
	status   int
	contains string
	retries  int
	every    time.Duration
	deadline time.Time // zero: none
}

// checkOf reads the parameters. The error is a Refusal.
func checkOf(in deployer.Intent) (check, error) {
	c := check{status: 200, contains: in.With[paramContains].Text, retries: 1, every: 5 * time.Second}
	if !in.Deadline.IsZero() {
		c.deadline = in.Deadline.Add(-deadlineMargin)
	}
	full, err := deployer.Address(in.With[paramURL].Text).For(in)
	if err == nil {
		c.url, err = url.Parse(full)
	}
	if err != nil {
		return c, deployer.Refuse("Correct the procedure.", "The URL of the step %s can't be used: %v.", in.Step, err)
	}
	if ip, err := netip.ParseAddr(c.url.Hostname()); err == nil && forbidden(ip) {
		return c, deployer.Refuse("Correct the procedure.", "The URL of the step %s can't be used: it is at %v.", in.Step, &forbiddenError{ip})
	}
	c.shown = (&url.URL{Scheme: c.url.Scheme, Host: c.url.Host, Path: c.url.Path, RawPath: c.url.RawPath}).String()
	c.status = cmp.Or(in.With[paramStatus].Number, c.status)
	c.retries = cmp.Or(in.With[paramRetries].Number, c.retries)
	c.every = cmp.Or(in.With[paramEvery].Duration, c.every)
	return c, nil
}

// tooLate reports whether a try that begins then would be for nothing.
func (c check) tooLate(begin time.Time) bool {
	return !c.deadline.IsZero() && !begin.Before(c.deadline)
}

// fault is what is wrong with the answer, such as "answered 503, not 200", or "".
func (c check) fault(a answer) string {
	switch {
	case a.trouble != "":
		return a.trouble
	case a.status != c.status && a.redirect != "":
		return fmt.Sprintf("answered %d, which leads to %s, not %d", a.status, a.redirect, c.status)
	case a.status != c.status:
		return fmt.Sprintf("answered %d, not %d", a.status, c.status)
	case !strings.Contains(a.body, c.contains) && a.truncated:
		return fmt.Sprintf("answered %d, and the first %d KiB do not contain %q", a.status, bodyMax>>10, c.contains)
	case !strings.Contains(a.body, c.contains):
		return fmt.Sprintf("answered %d without %q", a.status, c.contains)
	}
	return ""
}

func number(n int) string { return strconv.Itoa(n) }

// afterTries says in brackets how many tries it took, if it were several.
func afterTries(n int, words string) string {
	if n == 1 {
		return ""
	}
	return " (" + fmt.Sprintf(words, n) + ")"
}
