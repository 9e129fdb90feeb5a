package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	// missedMax is how long ago a time may be at which nobody ran, so that what was
	// due then is done now.
	missedMax = 25 * time.Hour
	// clockEvery is how often the clock is read: it may be set.
	clockEvery = 5 * time.Minute
	// nominalForm is a nominal time on the schedule's own clock, so that the hour
	// that comes twice in autumn counts once.
	nominalForm = "2006-01-02 15:04"
)

// An onceStore keeps at which nominal times a job was begun.
type onceStore interface {
	Ran(ctx context.Context, job string) (bool, error)
	Once(ctx context.Context, job, nominal string) (bool, error)
}

// A nightly job is begun at most once at each nominal time of its schedule, however
// often the process starts again and whatever its clock does. Of several times that
// were missed, the last is made up for. A store that has never seen the job begins
// with the next one.
type nightly struct {
	name     string
	schedule *cron.SpecSchedule
	store    onceStore
	job      func(context.Context)
	log      *slog.Logger
	clock    func() time.Time // nil: the process's own
}

// run works until ctx ends.
func (n nightly) run(ctx context.Context) error {
	began, ran, asked := n.now(), n.ran(ctx), time.Time{}
	for ctx.Err() == nil {
		now := n.now()
		from := now.Add(-missedMax)
		if !ran && from.Before(began) {
			from = began
		}
		if at := n.due(from, now); !at.IsZero() && !at.Equal(asked) {
			if begun, err := n.begin(ctx, at); err == nil {
				asked, ran = at, ran || begun
				continue // that may have taken until the next one
			}
		}
		wait := clockEvery
		if next := n.schedule.Next(now); !next.IsZero() {
			wait = min(wait, next.Sub(now))
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// begin does the job that was due at a time, unless that was done before.
func (n nightly) begin(ctx context.Context, at time.Time) (begun bool, err error) {
	begun, err = n.store.Once(ctx, n.name, at.In(n.schedule.Location).Format(nominalForm))
	if err != nil && ctx.Err() == nil {
		n.log.Error("a job can't be begun, and is tried again", "job", n.name, "due", at, "err", err)
	}
	if begun {
		n.job(ctx)
	}
	return begun, err
}

// now is what the clock shows, which may be set back.
func (n nightly) now() time.Time {
	if n.clock != nil {
		return n.clock()
	}
	return time.Now().Round(0)
}

// ran reports whether the job was ever begun; where that can't be read, that it was
// not.
func (n nightly) ran(ctx context.Context) bool {
	ran, err := n.store.Ran(ctx, n.name)
	if err != nil && ctx.Err() == nil {
		n.log.Error("it can't be read when a job was done", "job", n.name, "err", err)
	}
	return ran && err == nil
}

// due is the last nominal time after from that is not after now; zero: there is none.
func (n nightly) due(from, now time.Time) time.Time {
	last := time.Time{}
	for t := n.schedule.Next(from); !t.IsZero() && !t.After(now); t = n.schedule.Next(t) {
		last = t
	}
	return last
}
