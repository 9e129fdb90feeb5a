package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// resolve finds out what the words mean. It only reads, so that it is simply
// done again after a crash.
func (t *instance) resolve(ctx context.Context) {
	began := time.Now()
	for n := 0; ; n++ {
		d, err := t.load(ctx)
		if err != nil {
			return
		}
		of := deployer.Unresolved(d)
		d.Releases = of
		targets, err := t.lookUp(ctx, d)
		r, refused := refusal(err)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			err = t.resolved(ctx, deployer.Resolve{Targets: targets, Releases: of})
		case refused:
			_, err = t.order(ctx, deployer.RejectStart{Refusal: *r, Releases: of})
		case time.Since(began) > t.e.StopGrace/2:
			_, err = t.order(ctx, deployer.RejectStart{Refusal: *deployer.Refuse("Nothing was touched. Try again when it answers.", "It could not be looked up: %v.", err), Releases: of})
		}
		if conclusive(err) {
			return
		}
		t.e.complain(slog.LevelWarn, "resolving goes on", t.id, "deployment", t.id, "err", err)
		if t.e.pause(ctx, n) != nil {
			return
		}
	}
}

func (t *instance) lookUp(ctx context.Context, d deployer.Deployment) (targets []deployer.Target, err error) {
	err = guard(func() error { targets, err = t.e.Resolver.Resolve(ctx, d); return err })
	if t.e.logBug("resolve", t.id, err) {
		err = deployer.Refuse("Nothing was touched.", "It could not be looked up, by a bug of this program, which its log tells more of.")
	}
	return targets, err
}

// resolved writes down what the words mean. If the journal can't ever take
// that, nothing was touched yet and whoever asked can do something about it.
func (t *instance) resolved(ctx context.Context, known deployer.Resolve) error {
	_, err := t.commit(ctx, known)
	if final(err) {
		t.e.Log.Error("what was resolved can't be written down", "deployment", t.id, "err", err)
		_, err = t.order(ctx, deployer.RejectStart{Refusal: *deployer.Refuse("Nothing was touched. Deploy fewer services at once, or with a shorter procedure.", "What follows can't be written down: %v.", err), Releases: known.Releases})
	}
	return err
}
