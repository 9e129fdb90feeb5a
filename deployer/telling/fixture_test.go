package telling_test

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

var (
	ana    = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob    = deployer.Actor{ID: "UBOB", Name: "Bob"}
	rosa   = deployer.Actor{ID: "UROSA", Name: "Rosa"}
	eve    = deployer.Actor{ID: "UEVE", Name: "Eve"}
	engine = deployer.Actor{}
	roles  = map[string][]string{bob.ID: {"tech-lead"}, rosa.ID: {"tech-lead", "sre"}, ana.ID: {"tech-lead"}}
	dawn   = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

	version = func(v string) deployer.State { return deployer.State{Version: v, Image: "web:" + v} }

	// proves is a kind of an outside system that only looks.
	proves = deployer.Kind{Name: "kubernetes.verify", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}
)

// order carries out an order.
func order(t *testing.T, d deployer.Deployment, by deployer.Actor, cmd deployer.Command, at time.Time) deployer.Deployment {
	t.Helper()
	events, _, err := telling.Decide(d, deployer.Order{By: by, Command: cmd}, deployer.Facts{Now: at, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}})
	if err != nil {
		t.Fatalf("%#v: %v", cmd, err)
	}
	return deployer.Fold(d, events...)
}
