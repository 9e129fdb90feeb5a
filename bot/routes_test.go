package bot

import (
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// Everything that people can ask for has a route: each button, form and menu that
// is drawn, each subcommand, each shortcut of the manifest. And there is no route
// to what nobody can ask for.
func TestEverythingThatPeopleCanAskForHasARoute(t *testing.T) {
	t.Parallel()
	inv := newInventory(t)
	b := routedBot(t)
	inv.addGoldens()
	inv.addUndrawnInGoldens(b)
	for _, verb := range slices.Concat(command.Subcommands(), []string{command.VerbDeploy, command.VerbForm}) {
		inv.ask(kindCommand, verb, "a subcommand")
	}
	inv.ask(kindCommand, "", "words that can't be read")
	for _, sc := range shortcuts {
		inv.ask(kindShortcut, sc.callback, "the manifest")
	}

	routes := b.routes()
	for key, where := range inv.asked {
		if _, ok := routes[key]; !ok {
			t.Errorf("there is no route for the %s %q, which is in %s", key.kind, key.id, where)
		}
	}
	for key, r := range routes {
		if _, ok := inv.asked[key]; !ok {
			t.Errorf("there is a route for the %s %q, which nobody can ask for", key.kind, key.id)
		}
		if r.queue == nil || r.handle == nil {
			t.Errorf("the route for the %s %q has no queue or no handler", key.kind, key.id)
		}
	}
	// What the inventory does not have, it can't miss.
	for name, id := range exportedIDs(t) {
		if !inv.has(id) {
			t.Errorf("%s is %q, which is in no golden file: draw it in addUndrawnInGoldens", name, id)
		}
	}
}

// routedBot is a bot that runs nothing, with more services than a menu takes, and
// a procedure that waits for its planned start.
func routedBot(t *testing.T) *Bot {
	t.Helper()
	cfg := settings()
	p := standard()
	p.Steps[0].Needs = []string{"planned"}
	p.Steps = slices.Insert(p.Steps, 0, deployer.Step{ID: "planned", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}})
	cfg.Procedures = map[string]deployer.Procedure{"deployment": p}
	for _, name := range strings.Fields(many("service-", 120)) {
		cfg.Services[name] = view.Service{Procedure: "deployment"}
	}
	return botOn(slackapi.New(localTokens[0], localTokens[1], bottest.WireURL+"/api/"), cfg, newFakeEngine(), &fakeSystems{}, tuning{})
}
