package probe

import (
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
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

// deadlineMargin is how much earlier than its step's time-out a check ends by itself, so
// that people read what is wrong rather than that time has passed.
const deadlineMargin = time.Second

// The names of the failures.
const (
	failUnreachable = "unreachable"
	failStatus      = "status"
	failContent     = "content"
	failSlow        = "slow"
)

// A check is what a step asks of one URL.
type check struct {
	url      *url.URL
	shown    string // the URL as people see it: without its query, which may hold a key
	method   string
	headers  map[string]string // with their secrets, as is the body
	body     string
	hidden   []string // the secrets in them
	status   int
	contains string
	json     map[string]string
	faster   time.Duration // 0: it may take as long as a try
	outputs  map[string]string
	retries  int
	every    time.Duration
	deadline time.Time // zero: none
}

// checkOf reads the parameters. The error is a Refusal, unless a secret can't be read now.
func (s *System) checkOf(in deployer.Intent) (check, error) {
	with := in.With
	c := check{
		method: cmp.Or(with[paramMethod].Text, http.MethodGet), status: cmp.Or(with[paramStatus].Number, http.StatusOK),
		contains: with[paramContains].Text, json: with[paramJSON].Texts, faster: with[paramFaster].Duration, outputs: with[paramOutputs].Texts,
		retries: with[paramRetries].Number, every: cmp.Or(with[paramEvery].Duration, 5*time.Second),
	}
	if !in.Deadline.IsZero() {
		c.deadline = in.Deadline.Add(-deadlineMargin)
	}
	full, err := urltemplate.Address(with[paramURL].Text).For(in)
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
	return c, s.reveal(&c, in)
}

// reads reports whether to ask changes nothing, so that it may be asked again.
func (c check) reads() bool { return c.method == http.MethodGet || c.method == http.MethodHead }

// tooLate reports whether a try that begins then would be for nothing.
func (c check) tooLate(begin time.Time) bool {
	return !c.deadline.IsZero() && !begin.Before(c.deadline)
}

// A fault is what is wrong with an answer; the zero fault is nothing.
type fault struct {
	kind string // the name of the failure
	why  string // such as "answered 503, not 200"
}

// fault is what is wrong with the answer.
func (c check) fault(a answer) fault {
	switch {
	case a.trouble != "":
		return fault{failUnreachable, a.trouble}
	case a.status != c.status && a.redirect != "":
		return fault{failStatus, fmt.Sprintf("answered %d, which leads to %s, not %d", a.status, a.redirect, c.status)}
	case a.status != c.status:
		return fault{failStatus, fmt.Sprintf("answered %d, not %d", a.status, c.status)}
	case !strings.Contains(a.body, c.contains) && a.truncated:
		return fault{failContent, fmt.Sprintf("answered %d, and the first %d KiB do not contain %q", a.status, bodyMax>>10, c.contains)}
	case !strings.Contains(a.body, c.contains):
		return fault{failContent, fmt.Sprintf("answered %d without %q", a.status, c.contains)}
	}
	if why := c.lacks(a); why != "" {
		return fault{failContent, fmt.Sprintf("answered %d, but %s", a.status, why)}
	}
	if c.faster > 0 && a.took >= c.faster {
		return fault{failSlow, fmt.Sprintf("answered %d after %s, not within %s", a.status, a.took.Round(time.Millisecond), c.faster)}
	}
	return fault{}
}

// outcome is what the answer to the last of some tries means for the step.
func (c check) outcome(a answer, tries int) deployer.Outcome {
	f := c.fault(a)
	if f.why == "" {
		return deployer.Outcome{Result: deployer.OK, Why: c.shown + " answered " + strconv.Itoa(a.status) + afterTries(tries, "at try %d") + ".", Outputs: c.found(a)}
	}
	return deployer.Outcome{Result: deployer.Failed, Kind: f.kind, Why: c.shown + " " + f.why + afterTries(tries, "tried %d times") + ".", Detail: a.excerpt()}
}

// afterTries says in brackets how many tries it took, if it were several.
func afterTries(n int, words string) string {
	if n == 1 {
		return ""
	}
	return " (" + fmt.Sprintf(words, n) + ")"
}
