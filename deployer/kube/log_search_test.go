package kube

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// printing behaves like a container that prints so many lines, of which each tenth
// matches, each of so many bytes and its number.
func printing(lines, size int) func(string) sim.Behaviour {
	return func(string) sim.Behaviour {
		b := sim.Normal()
		b.Logs = nil
		for i := range lines {
			level := "INFO"
			if i%10 == 9 {
				level = "ERROR"
			}
			b.Logs = append(b.Logs, fmt.Sprintf("%s %d %s", level, i+1, strings.Repeat("x", size)))
		}
		return b
	}
}

func (f *fixture) searchIntent(pattern string) deployer.Intent {
	in := f.verifyIntent("web", "v1")
	in.With["errors"] = deployer.Value{Text: pattern}
	return in
}

func TestVerifyFailsOnLinesOfTheLogsThatMatch(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{Behave: printing(31, 10)})
	f.run(c, "web", "v1", 2)
	if o := f.do(f.verify(), f.searchIntent(`FATAL|panic:`), deployer.OK); o.Why != "2 pods, healthy for 200ms; no errors in the logs" {
		t.Errorf("why %q", o.Why)
	}
	o := f.do(f.verify(), f.searchIntent(`^ERROR\b`), deployer.Failed)
	if o.Kind != failErrors {
		t.Errorf("it is called %q", o.Kind)
	}
	if o.Why != "2 of 2 pods log errors." || o.State.Version != "v1" {
		t.Errorf("%+v", o)
	}
	lines := strings.Split(o.Detail, "\n")
	if len(lines) != 6 || !strings.Contains(lines[0], ": ERROR 10 xxx") || !strings.Contains(lines[5], ": ERROR 30 xxx") {
		t.Errorf("detail %q", o.Detail)
	}
	o = f.do(f.verify(), f.searchIntent(`.`), deployer.Failed)
	if !strings.Contains(o.Detail, ": and 28 lines more\n") {
		t.Errorf("detail %q", o.Detail)
	}
}

// What is read is bounded, and what was not read is said.
func TestSearchOfTheLogsIsBounded(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{Behave: printing(600, 3000)})
	f.run(c, "web", "v1", 23)
	p := f.proxied()
	o := f.do(f.verify(), f.searchIntent("ERROR 10 "), deployer.OK) // before the last 500
	if o.Why != "23 pods, healthy for 200ms; no errors in the logs; the logs of 3 were not read; 20 logs were not read to the end" {
		t.Errorf("why %q", o.Why)
	}
	if n := p.number(p.sent, "GET log"); n != 20 {
		t.Errorf("%d logs were read", n)
	}
	o = f.do(f.verify(), f.searchIntent("ERROR 1[0-9]0 "), deployer.Failed)
	if !strings.HasPrefix(o.Why, "20 of 23 pods log errors; the logs of 3 were not read") || len(o.Detail) > detailMax || !strings.HasPrefix(o.Detail, "web-") {
		t.Errorf("why %q, %d bytes of detail: %q", o.Why, len(o.Detail), o.Detail)
	}
}

// Who may not read logs does not pass; nor does a log that can't be read now,
// which is tried again.
func TestVerifyDoesNotPassWhenLogsCannotBeRead(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{Allow: func(a authorizationv1.ResourceAttributes) bool { return a.Subresource != "log" || a.Name == "" }})
	f.run(c, "web", "v1", 2)
	in := f.searchIntent("ERROR")
	_, err := f.verify().Follow(t.Context(), in, f.act(f.verify(), in), nil)
	if r := mustRefuse(t, err); !strings.HasPrefix(r.Why, "Cluster prod-1 does not allow stationmaster to read the log of web-") {
		t.Errorf("%+v", r)
	}

	f.reopen()
	f.wrap = func(next http.RoundTripper) http.RoundTripper {
		return roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/log") {
				return nil, errors.New("no route to host")
			}
			return next.RoundTrip(r)
		})
	}
	o, err := f.verify().Follow(t.Context(), in, f.act(f.verify(), in), nil)
	var r *deployer.Refusal
	if err == nil || errors.As(err, &r) || !strings.Contains(err.Error(), "read the log of web-") {
		t.Errorf("%+v, %v", o, err)
	}

	in.With["errors"] = deployer.Value{Text: "("}
	_, err = f.verify().Follow(t.Context(), in, "", nil)
	mustRefuse(t, err)
}
