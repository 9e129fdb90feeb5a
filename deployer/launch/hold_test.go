package launch

import (
	"errors"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// Nothing holds a rollout yet, so that a procedure that counts on it does not begin.
func TestHeldRolloutIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	promote := deployer.Kind{Name: "promote", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatConditional, Mutates: true, Deploys: true, OfTarget: true}
	rollout := deployer.Step{ID: "rollout", Uses: deployer.KindRollout}
	held := rollout
	held.With = deployer.Values{"hold": {List: []string{"1"}}}
	for name, c := range map[string]struct {
		steps []deployer.Step
		names string // "": it may start
	}{
		"a rollout":      {[]deployer.Step{rollout}, ""},
		"a held one":     {[]deployer.Step{held}, "rollout"},
		"one to promote": {[]deployer.Step{rollout, {ID: "on", Uses: "promote"}}, "on"},
	} {
		p := deployer.Procedure{ID: "slow", Kinds: []deployer.Kind{promote}, Steps: c.steps}
		p.Bind()
		err := heldRollout(p)
		if r, refused := errors.AsType[*deployer.Refusal](err); refused != (c.names != "") || refused && !strings.Contains(r.Why, "its step "+c.names+" ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
