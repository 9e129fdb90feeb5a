package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// A start that is refused takes no number: the next one has it.
func TestRefusedStartLeavesNoGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, deployertest.NewJournal(), newCluster())
		defer f.close()
		f.begin("web:v2")
		for range 5 {
			again := start("web:v3")
			if _, err := f.engine.Do(t.Context(), again); err == nil {
				t.Fatal("the place is held by two")
			}
		}
		if id := f.begin("api:v2").ID; id != "tangerine-2" {
			t.Errorf("the next one is %s", id)
		}
	})
}

// Nor do those that lose a race for a place, or that are delivered again at the
// same moment.
func TestStartsThatLoseARaceLeaveNoGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := deployertest.NewJournal()
		f, _ := newLogged(t, slowCommits{j}, j, newCluster(), nil)
		defer f.close()
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				o := start("web:v2")
				cmd := o.Command.(deployer.Start)
				cmd.Origin = fmt.Sprint("origin", i%2)
				o.Command = cmd
				f.try(o)
			})
		}
		group.Wait()
		if id := f.begin("api:v2").ID; len(j.All()) != 2 || id != "tangerine-2" {
			t.Errorf("the next one of %d is %s", len(j.All()), id)
		}
	})
}

// slowCommits has the commits of starts take a while, so that starts meet.
type slowCommits struct{ *deployertest.Journal }

func (j slowCommits) Append(ctx context.Context, c deployer.Commit) error {
	if c.Before.Seq == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	return j.Journal.Append(ctx, c)
}
