package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
)

// oneHuman are Ana and Bob, who are one: that is known of Ana alone, and only once
// she is asked about, as of somebody of another workspace.
type oneHuman struct{ people }

func (p oneHuman) Who(ctx context.Context, id string) (deployer.Person, error) {
	who, err := p.people.Who(ctx, id)
	if id == ana.ID {
		who.Accounts = []string{ana.ID, bob.ID}
	}
	return who, err
}

// After a restart nothing is known of whoever asked for a deployment, and an
// account of theirs in our own workspace could approve it.
func TestARequestersOtherAccountDoesNotApproveAfterARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, c := deployertest.NewJournal(), newCluster()
		f, _ := newLogged(t, j, j, c, nil)
		d := f.begin("web:v2")
		synctest.Wait()
		f.try(ready(d))
		synctest.Wait()
		f.close()
		f, _ = newLogged(t, j, j, c, func(cfg *engine.Config) { cfg.People = oneHuman{} })
		defer f.close()
		d, err := j.Load(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range d.Steps {
			if !s.Approves() {
				continue
			}
			_, err := f.engine.Do(t.Context(), deployer.Order{Deployment: d.ID, By: bob, Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}})
			if r, ok := errors.AsType[*deployer.Refusal](err); !ok || r.Why != "Nobody approves their own deployment." {
				t.Errorf("her other account approves %q: %v", s.ID, err)
			}
			return
		}
		t.Error("nothing is approved")
	})
}
