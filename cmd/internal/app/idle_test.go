package app_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
)

// plain is a config that uses the usual procedure alone, unless ALSO names another.
const plain = `
roles: {tech-lead: {users: [bob]}, on-call: {users: [tim]} MORE}
clusters: {prod-1: {kubeconfig: /path}}
defaults: {also: {ALSO}}
retailers: {tangerine: {environments: {prod: {cluster: prod-1, namespace: prod, default: true}}}}
services: {web: {rollout: {uses: kubernetes, workload: deployment/web, container: app, image: r.example/web}}}
`

func plainWith(also, more string) string {
	return strings.NewReplacer("ALSO", also, "MORE", more).Replace(plain)
}

// A config that uses one procedure is asked nothing by the others that come with
// stationmaster: no roles, vars or secrets, and nothing in its words and links.
func TestWhatNothingUsesAsksNothing(t *testing.T) {
	t.Parallel()
	cfg, err := app.Parse("sm.yaml", []byte(plainWith("", "")+"messages: {starting: \"{inputs.risk} {inputs.downtime}\"}\n")) // which the others do not have
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := cfg.Procedures["deployment"]; !ok || len(cfg.Procedures) != 1 || len(cfg.Idle) < 9 {
		t.Errorf("%d count, and %d do not", len(cfg.Procedures), len(cfg.Idle))
	}
	_, err = app.Rehearse(context.Background(), cfg, launch.Request{Site: "tangerine", Channel: "c", Procedure: "rollback", Releases: []deployer.Release{{Service: "web", Tag: "v1"}}, Inputs: map[string]string{"why": "It is slow."}}, "")
	if err != nil {
		t.Error("it can't be rehearsed:", err)
	}
}

// A house begins with the usual procedure before it has named all its people: a tech lead is
// enough, also for one that extends it, and what it takes from before is taken.
func TestTheUsualProcedureStartsInASmallHouse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own := "id: mine\ntitle: Mine\nextends: deployment\n"
	if err := os.WriteFile(filepath.Join(dir, "mine.yaml"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	config := func(text string) (app.Config, error) {
		return app.Parse("sm.yaml", []byte(text+"procedures: "+dir+"\n"))
	}
	cfg, err := config(plainWith("mine: on-call", ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"deployment", "mine"} {
		for _, downtime := range []string{"yes", "no"} {
			p, err := app.Rehearse(context.Background(), cfg, launch.Request{
				Site: "tangerine", Channel: "c", Procedure: id, Releases: []deployer.Release{{Service: "web", Tag: "v1"}},
				Inputs: map[string]string{"risk": "high", "downtime": downtime, "ticket": "CHG-1", "impact": "The shop is closed."},
			}, "")
			if err != nil || p.Start.Procedure.ID != id {
				t.Errorf("%s with downtime %s: %v", id, downtime, err)
			}
		}
	}
	if _, err := config(strings.Replace(plainWith("mine: on-call", ""), "tech-lead", "lead", 1)); err == nil || !strings.Contains(err.Error(), "asks the role tech-lead") {
		t.Errorf("without a tech lead: %v", err)
	}
	said := strings.Join(app.ByHand(cfg), "\n")
	if want := "deployment: whoever asked for it answers for owner, sre, tam, train-owner, since nobody is known to be that"; !strings.Contains(said, want) {
		t.Errorf("check says %s", said)
	}
}

// What the config names counts, with what that runs: all whom they ask have to be there.
func TestWhatIsUsedIsAskedFor(t *testing.T) {
	t.Parallel()
	for also, want := range map[string][]string{
		"hotfix: on-call":              {"the procedure hotfix of web asks the role train-owner,", "the procedure hotfix of web asks the role production-on-call,", "the procedure hotfix of web asks its owner,", "the procedure hotfix-elsewhere of web asks its owner,"},
		"release-train-night: on-call": {"the procedure release-train-night of web asks the role train-owner,", "the procedure release-train of web asks the role train-owner,"},
		"service: on-call":             {"the procedure service of web needs the secret test-token,", "the procedure service of web asks the role security,", "the procedure service of web asks the role operations-lead,"},
		"emergency-data-loss: on-call": {"the procedure emergency-data-loss of web asks the role platform,", "the procedure emergency-data-loss of web asks the role database-owner,"},
		"hotfxi: on-call":              {`there is no procedure "hotfxi"; did you mean "hotfix"?`},
	} {
		_, err := app.Parse("sm.yaml", []byte(plainWith(also, "")))
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: nothing says %q: %v", also, w, err)
			}
		}
	}
	cfg, err := app.Parse("sm.yaml", []byte(plainWith("release-train-night: on-call", ", train-owner: {users: [tina]}")))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"release-train-night", "release-train"} {
		if _, ok := cfg.Procedures[id]; !ok || slices.Contains(idsOf(cfg.Idle), id) {
			t.Errorf("%s does not count", id)
		}
	}
	if lines := strings.Join(app.ByHand(cfg), "\n"); !strings.Contains(lines, "release-train: by hand,") {
		t.Errorf("nothing says what of it is by hand: %s", lines)
	}
}

func idsOf(all map[string]deployer.Procedure) []string {
	var out []string
	for id := range all {
		out = append(out, id)
	}
	return out
}
