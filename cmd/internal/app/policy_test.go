package app_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
)

// levelled says who may do what at every level of a config.
const levelled = `
roles: {tech-lead: {users: [bob]}, on-call: {users: [tim]}, developers: {users: [ana]}, ops: {users: [olga]}}
clusters: {prod-1: {kubeconfig: /path}}
procedures: PROCEDURES
defaults:
  also: {hotfix: on-call}
  start: [developers, on-call]
  environments: {staging: {procedure: free, start: []}}
retailers:
  lemon:
    lock: ops
    environments: {prod: {cluster: prod-1, namespace: prod}}
  tangerine:
    tam: tom
    environments:
      prod: {cluster: prod-1, namespace: prod, default: true, also: {}}
      staging: {cluster: prod-1, namespace: staging}
services:
  pay:
    procedure: careful
    environments: {staging: {procedure: deployment, lock: developers}}
    rollout: {uses: kubernetes, workload: deployment/pay, container: app, image: r.example/pay}
  web: {rollout: {uses: kubernetes, workload: deployment/web, container: app, image: r.example/web}}
`

// procedures are what it names, in a folder.
func procedures(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for id, steps := range map[string]string{
		"hotfix":  "unapproved: At night nobody is there\nphases: [{id: go, title: Go, steps: [{id: out, uses: rollout}]}]",
		"free":    "unapproved: It is staging\nphases: [{id: go, title: Go, steps: [{id: out, uses: rollout}]}]",
		"careful": "phases: [{id: go, title: Go, steps: [{id: ok, uses: approve, with: {role: tech-lead}}, {id: out, uses: rollout}]}]",
	} {
		text := "id: " + id + "\ntitle: " + id + "\n" + steps + "\n"
		if err := os.WriteFile(filepath.Join(dir, id+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The nearest level that has a key counts, key by key.
func TestWhoMayIsSaidByTheNearestLevel(t *testing.T) {
	t.Parallel()
	cfg, err := app.Parse("sm.yaml", []byte(strings.Replace(levelled, "PROCEDURES", procedures(t), 1)))
	if err != nil {
		t.Fatal(err)
	}
	hotfix, starts := map[string]string{"hotfix": "on-call"}, []string{"developers", "on-call"}
	for site, want := range map[deployer.Site]deployer.Policy{
		{Name: "tangerine", Environment: "prod"}: {
			Services: map[string]deployer.ServicePolicy{
				"pay": {Procedure: "careful", Also: map[string]string{}, Start: starts, Lock: []string{"tech-lead", "tam of tangerine"}},
				"web": {Procedure: "deployment", Also: map[string]string{}, Start: starts, Lock: []string{"tech-lead", "tam of tangerine"}},
			},
			Site: deployer.ServicePolicy{Procedure: "deployment", Also: map[string]string{}, Start: starts},
			Lock: []string{"tam of tangerine", "tech-lead"}, Elsewhere: []string{"tam of lemon"},
		},
		{Name: "tangerine", Environment: "staging"}: {
			Services: map[string]deployer.ServicePolicy{
				"pay": {Procedure: "deployment", Also: hotfix, Start: []string{}, Lock: []string{"developers", "tam of tangerine"}},
				"web": {Procedure: "free", Also: hotfix, Start: []string{}, Lock: []string{"tam of tangerine"}},
			},
			Site: deployer.ServicePolicy{Procedure: "free", Also: hotfix, Start: []string{}},
			Lock: []string{"tam of tangerine"}, Elsewhere: []string{"tam of lemon"},
		},
		{Name: "lemon", Environment: "prod"}: {
			Services: map[string]deployer.ServicePolicy{
				"pay": {Procedure: "careful", Also: hotfix, Start: starts, Lock: []string{"ops"}},
				"web": {Procedure: "deployment", Also: hotfix, Start: starts, Lock: []string{"ops"}},
			},
			Site: deployer.ServicePolicy{Procedure: "deployment", Also: hotfix, Start: starts},
			Lock: []string{"ops"}, Elsewhere: []string{"tam of tangerine"},
		},
	} {
		if diff := cmp.Diff(want, cfg.Policy(site)); diff != "" {
			t.Errorf("%s: %s", site, diff)
		}
	}
	want := []string{
		"pay in lemon prod: follows careful, or hotfix if on-call chooses it; started by developers or on-call, locked by ops",
		"lemon prod: everything is locked by ops",
		"the procedure free needs no approval (It is staging); it may be chosen by everybody in the channel, for web in tangerine staging",
		"the procedure hotfix needs no approval (At night nobody is there); it may be chosen by on-call, for pay in lemon prod, on-call, for pay in tangerine staging, on-call, for web in lemon prod and 1 more",
	}
	got := app.Permissions(cfg)
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%q is missing in\n%s", line, strings.Join(got, "\n"))
		}
	}
}

// What somebody may not name is a mistake with its place.
func TestMistakesInWhoMay(t *testing.T) {
	t.Parallel()
	dir := procedures(t)
	for _, c := range []struct{ old, new, want string }{
		{"{hotfix: on-call}", "{hotfxi: on-call}", `sm.yaml:6:10: defaults: there is no procedure "hotfxi"; did you mean "hotfix"?`},
		{"{hotfix: on-call}", "{hotfix: oncall}", `sm.yaml:6:18: defaults: there is no role "oncall"; did you mean "on-call"?`},
		{"procedure: careful", "procedure: carful", `sm.yaml:20:16: pay: there is no procedure "carful"; did you mean "careful"?`},
		{"lock: ops", "lock: op", `sm.yaml:11:11: lemon: there is no role "op"; did you mean "ops"?`},
		{"start: [developers, on-call]", "start: [developer]", `sm.yaml:7:11: defaults: there is no role "developer"; did you mean "developers"?`},
		{"environments: {staging: {procedure: free", "environments: {stagign: {procedure: free", `sm.yaml:8:18: there is no environment of a retailer "stagign"; did you mean "staging"?`},
		{"    lock: ops", "    lokc: ops", `sm.yaml:11:5: there is no key "lokc"; did you mean "lock"?`},
	} {
		text := strings.Replace(strings.Replace(levelled, c.old, c.new, 1), "PROCEDURES", dir, 1)
		if _, err := app.Parse("sm.yaml", []byte(text)); err == nil || !slices.Contains(strings.Split(err.Error(), "\n"), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
}

// The engine decides by the policy of the config: what is not wired protects
// nothing.
func TestThePolicyIsWired(t *testing.T) {
	t.Parallel()
	tw := newAppFixture(t, plan{files: map[string]string{"procedures/weak.yaml": "id: weak\ntitle: Weak\nunapproved: It is only staging\nphases: [{id: go, title: Go, steps: [{id: out, uses: rollout}]}]\n"}})
	for _, who := range []string{"eve", "bob"} {
		for _, text := range []string{"/deploy web v2 --procedure weak", "/deploy web v2 --procedure weak --dry-run"} {
			if said := tw.says(who, text); !strings.Contains(said, "The procedure weak is not one of web in tangerine prod") {
				t.Errorf("%s typing %s is told %q", who, text, said)
			}
		}
	}
	if all := tw.deployments(); !reflect.DeepEqual(all, map[string]deployer.Deployment{}) && len(all) > 0 {
		t.Errorf("it has started %v", all)
	}
}
