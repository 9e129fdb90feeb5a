package probe

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// How often a service that has answered is asked again while people are awaited, and for
// how long it may fail on end before that is not so any more.
const (
	watchEvery  = 30 * time.Second
	faultGrace  = time.Minute
	faultyEvery = 5 * time.Second
)

// Recheck asks once more, with all tries. The time-out of the step is not its own. What
// was sent is not sent again, and stays as it was.
func (s *System) Recheck(ctx context.Context, in deployer.Intent, ref string, _ deployer.Outcome) (deployer.Outcome, error) {
	in.Deadline = time.Time{}
	return s.Follow(ctx, in, ref, nil)
}

// Watch asks now and then, and more often while the service does not answer as it should.
func (s *System) Watch(ctx context.Context, in deployer.Intent, _ string, _ deployer.Outcome, report func(deployer.Progress)) (deployer.Outcome, error) {
	in.Deadline = time.Time{}
	c, err := s.checkOf(in)
	if err != nil {
		return deployer.Outcome{}, err
	}
	if !c.reads() {
		<-ctx.Done()
		return deployer.Outcome{}, ctx.Err()
	}
	var since time.Time // zero: it answers
	for every := watchEvery; ; {
		if err := pause(ctx, every); err != nil {
			return deployer.Outcome{}, err
		}
		asked := time.Now()
		a := s.ask(ctx, c)
		if ctx.Err() != nil {
			return deployer.Outcome{}, ctx.Err()
		}
		f := c.fault(a)
		switch {
		case f.why == "":
			if !since.IsZero() {
				report(deployer.Progress{})
			}
			since, every = time.Time{}, watchEvery
			continue
		case since.IsZero():
			since = asked
		case asked.Sub(since) >= faultGrace:
			return deployer.Outcome{Result: deployer.Failed, Kind: f.kind, Why: c.shown + " " + f.why + ", for " + deployer.Span(faultGrace) + " now.", Detail: a.excerpt()}, nil
		}
		report(deployer.Progress{Note: c.shown + " " + f.why + "."})
		every = faultyEvery
	}
}
