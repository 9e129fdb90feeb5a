package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// Whatever commit ends in the unknown, whether it landed or not, every image is
// set once and the deployment ends as it would have.
func TestAnUnknownCommitChangesNothing(t *testing.T) {
	t.Parallel()
	_, undisturbed, _ := run(t, nil, "web:v2")
	for n := range undisturbed.Commits() {
		for _, lands := range []bool{true, false} {
			t.Run(fmt.Sprintf("commit %d lands=%v", n+1, lands), func(t *testing.T) {
				d, _, c := run(t, func(j *deployertest.Journal, _ *cluster, _ *fixture) {
					j.OnCommit(func(commit int, _ deployer.Commit) (bool, error) {
						if commit == n+1 {
							return lands, fmt.Errorf("fdatasync: %w", deployer.ErrUnknown)
						}
						return true, nil
					})
				}, "web:v2")
				want(t, d, deployer.Complete, c, "web=v2")
			})
		}
	}
}

var errUnreadable = errors.New("input/output error")

func TestAnUnreadableJournalEndsTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f := newFixture(t, j, newCluster())
		d := f.begin("web:v2")
		synctest.Wait()
		j.OnCommit(func(int, deployer.Commit) (bool, error) { return false, deployer.ErrUnknown })
		j.Break(errUnreadable)
		_, err := f.engine.Do(t.Context(), deployer.Order{Deployment: d.ID, By: ana, Nonce: "n", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		if err == nil {
			t.Error("the order was taken")
		}
		if err := <-f.ran; err == nil {
			t.Error("Run ended without an error")
		}
		f.stop()
	})
}

// A journal that can't say what is live is no single deployment's trouble; to be
// ended before it has said it is none at all.
func TestRunEndsWithoutAListOfWhatIsLive(t *testing.T) {
	t.Parallel()
	j, c := deployertest.NewJournal(), newCluster()
	cfg := engine.Config{Journal: j, Resolver: c, Runners: c.runners(), People: people{}}
	j.Break(errUnreadable)
	if err := engine.New(cfg).Run(t.Context()); !errors.Is(err, errUnreadable) {
		t.Errorf("Run ends with %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := engine.New(cfg).Run(ctx); err != nil {
		t.Errorf("Run ends with %v", err)
	}
}

// A start whose commit may have landed, and which can't be looked for: the
// process ends, so that the next one finds it. To go on would leave a
// deployment in its place that nothing runs.
func TestAnUnreadableStartEndsTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f := newFixture(t, j, newCluster())
		j.OnCommit(func(int, deployer.Commit) (bool, error) {
			j.Break(errUnreadable)
			return true, deployer.ErrUnknown
		})
		if _, err := f.engine.Do(t.Context(), start("web:v2")); err == nil {
			t.Error("the start was taken")
		}
		synctest.Wait()
		select {
		case err := <-f.ran:
			if err == nil {
				t.Error("Run ended without an error")
			}
		default:
			t.Error("Run goes on")
			f.close()
		}
		f.stop()
	})
}

// Whoever asked for a start has given up by the time that its commit ends in
// the unknown: it landed, and runs.
func TestAnUnknownStartRunsWithoutWhoeverAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f := newFixture(t, j, c)
		defer f.close()
		ctx, hangUp := context.WithCancel(t.Context())
		j.OnCommit(func(commit int, _ deployer.Commit) (bool, error) {
			if commit > 1 {
				return true, nil
			}
			hangUp()
			return true, deployer.ErrUnknown
		})
		_, _ = f.engine.Do(ctx, start("web:v2"))
		want(t, f.play("tangerine-1"), deployer.Complete, c, "web=v2")
	})
}
