package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/deployer"
)

// Whatever commit ends in the unknown, whether it landed or not, every image is
// set once and the deployment ends as it would have.
func TestAnUnknownCommitChangesNothing(t *testing.T) {
	t.Parallel()
	_, undisturbed, _ := run(t, nil, "web:v2")
	for n := range undisturbed.commits {
		for _, lands := range []bool{true, false} {
			t.Run(fmt.Sprintf("commit %d lands=%v", n+1, lands), func(t *testing.T) {
				d, _, c := run(t, func(j *journal, _ *cluster, _ *stage) {
					j.ending = func(commit int) (bool, error) {
						if commit == n+1 {
							return lands, fmt.Errorf("fdatasync: %w", deployer.ErrUnknown)
						}
						return true, nil
					}
				}, "web:v2")
				want(t, d, deployer.Complete, c, "web=v2")
			})
		}
	}
}

func TestAnUnreadableJournalEndsTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		s := newStage(t, j, newCluster())
		d := s.begin("web:v2")
		synctest.Wait()
		j.mu.Lock()
		j.ending = func(int) (bool, error) { return false, deployer.ErrUnknown }
		j.broken = true
		j.mu.Unlock()
		_, err := s.engine.Do(t.Context(), deployer.Order{Deployment: d.ID, By: ana, Nonce: "n", Command: deployer.Stop{}})
		if err == nil {
			t.Error("the order was taken")
		}
		if err := <-s.ran; err == nil {
			t.Error("Run ended without an error")
		}
		s.stop()
	})
}

// A start whose commit may have landed, and which can't be looked for: the
// process ends, so that the next one finds it. To go on would leave a
// deployment in its place that nothing runs.
func TestAnUnreadableStartEndsTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		s := newStage(t, j, newCluster())
		j.ending = func(int) (bool, error) { j.broken = true; return true, deployer.ErrUnknown }
		if _, err := s.engine.Do(t.Context(), start("web:v2")); err == nil {
			t.Error("the start was taken")
		}
		synctest.Wait()
		select {
		case err := <-s.ran:
			if err == nil {
				t.Error("Run ended without an error")
			}
		default:
			t.Error("Run goes on")
			s.close()
		}
		s.stop()
	})
}

// Whoever asked for a start has given up by the time that its commit ends in
// the unknown: it landed, and runs.
func TestAnUnknownStartRunsWithoutWhoeverAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := newJournal(), newCluster()
		s := newStage(t, j, c)
		defer s.close()
		ctx, hangUp := context.WithCancel(t.Context())
		j.ending = func(commit int) (bool, error) {
			if commit > 1 {
				return true, nil
			}
			hangUp()
			return true, deployer.ErrUnknown
		}
		_, _ = s.engine.Do(ctx, start("web:v2"))
		want(t, s.play("tangerine-1"), deployer.Complete, c, "web=v2")
	})
}
