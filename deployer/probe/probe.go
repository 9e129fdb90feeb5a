// Package probe asks a service itself whether it is well.
//
// A GET or HEAD only reads, so that nothing can happen twice: to look always finds
// that it may begin, and whoever follows again asks again. Any other method may
// change something, and nothing can be asked whether it did: it is sent at most once,
// the answer is kept, and without one a person decides. Each try is a
// connection of its own, since one that is kept may lead to a process that no
// longer takes new ones.
//
// A redirect is followed within its host and port, at most [redirectsMax]
// times, and never from https to http; from http to https of the same host it
// is, where both have their usual ports. What may change something is never sent on. One that leads elsewhere, such as to a page to log
// in at, is an answer like any other: its status counts. Where the status that
// is asked for is itself a redirect, none is followed.
//
// Link-local addresses, and the others at which clouds hand a machine its own
// credentials, are never asked, whatever name leads to them.
package probe

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Config says how services are asked. It connects nothing.
type Config struct {
	Timeout time.Duration // bounds one try, with redirects and body; 0 means 10 s
	// Secret is a secret of the config by its name. A *deployer.Refusal says that there is
	// none of that name; any other error that it can't be read now. Nil: there are none.
	Secret func(name string) (deployer.Secret, error)
}

// A System asks services. It is safe for concurrent use.
type System struct {
	timeout   time.Duration
	secret    func(string) (deployer.Secret, error)
	transport *http.Transport
}

// New returns a System. It keeps no connection, so that there is nothing to
// close.
func New(cfg Config) *System {
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Secret == nil {
		cfg.Secret = func(name string) (deployer.Secret, error) {
			return "", deployer.Refuse("Put it under secrets in the config.", "The config has no secret %s.", name)
		}
	}
	return &System{timeout: cfg.Timeout, secret: cfg.Secret, transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{ControlContext: refuseForbidden}).DialContext,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: 64 << 10,
	}}
}

// Kinds are the step kinds of this package.
func Kinds() []deployer.Kind {
	return []deployer.Kind{{
		Name:   "probe.http",
		Expect: "It answers as it should.",
		Work:   deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatAtMostOnce, Mutates: true,
		Reads: deployer.Reading{Param: paramMethod, Values: []string{"", http.MethodGet, http.MethodHead}},
		Doc:   "a URL answers as it should",
		Params: []deployer.Param{
			{Name: paramURL, Type: deployer.TypeURL, Required: true, Escape: deployer.EscapeURL, Doc: "what"},
			{Name: paramMethod, Type: deployer.TypeText, Options: []string{"GET", "HEAD", "POST", "PUT", "DELETE"}, Default: "GET", Doc: "other than GET and HEAD: never repeated unseen"},
			{Name: paramHeaders, Type: deployer.TypeTexts, Doc: "{name: text}; the only place of {secrets.…} besides body"},
			{Name: paramBody, Type: deployer.TypeText, Escape: deployer.EscapeJSON, Doc: "what is sent"},
			{Name: paramStatus, Type: deployer.TypeNumber, Default: "200", Doc: "of the answer"},
			{Name: paramContains, Type: deployer.TypeText, Doc: "what the answer contains"},
			{Name: paramJSON, Type: deployer.TypeTexts, Doc: "{path: text} that the answer must have, such as checks.database: ok"},
			{Name: paramFaster, Type: deployer.TypeDuration, Doc: "than this"},
			{Name: paramOutputs, Type: deployer.TypeOutputs, Doc: "{name: path in the JSON}"},
		},
		Fails: []string{"unreachable", "status", "content", "slow"},
	}}
}

// Runners are the runners of this package, by name.
func (s *System) Runners() map[string]deployer.Runner {
	return map[string]deployer.Runner{"probe.http": s}
}

// Look always finds what only reads: to ask again is always possible, for a person who
// wants it checked again too. What changes something is never found.
func (s *System) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	c, err := s.checkOf(in)
	if err == nil && !c.reads() {
		return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedPresent}, err
}

// Act sends what may change something.
func (s *System) Act(ctx context.Context, in deployer.Intent) (string, error) {
	c, err := s.checkOf(in)
	if err != nil || c.reads() {
		return "", err
	}
	return s.send(ctx, c)
}

// Follow asks until the service answers as it should, or has had its tries. A
// moment before the step's time-out it ends with what it has seen. Of what was sent
// it only says what came of it.
func (s *System) Follow(ctx context.Context, in deployer.Intent, ref string, report func(deployer.Progress)) (deployer.Outcome, error) {
	c, err := s.checkOf(in)
	switch {
	case err != nil:
		return deployer.Outcome{}, err
	case !c.reads():
		return outcomeOf(ref)
	}
	for tries := 1; ; tries++ {
		a := s.ask(ctx, c)
		if ctx.Err() != nil {
			return deployer.Outcome{}, ctx.Err()
		}
		f := c.fault(a)
		if f.why == "" || tries > c.retries || c.tooLate(time.Now().Add(c.every)) {
			return c.outcome(a, tries), nil
		}
		if report != nil {
			report(deployer.Progress{Note: c.shown + " " + f.why + ". It is tried again."})
		}
		if err := pause(ctx, c.every); err != nil {
			return deployer.Outcome{}, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
