package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
)

// To whom a procedure escalates who is not there is warned of, until the config says who.
func TestEscalatingToNobodyIsWarnedOf(t *testing.T) {
	t.Parallel()
	procedures := t.TempDir()
	deployment := `id: deployment
title: Ours
defaults: {remind: [10m], escalate: {deputies: 20m, page: 45m, break_glass: 2h}}
phases:
  - id: all
    title: All
    steps:
      - {id: approve, title: Approved, uses: approve, with: {role: tech-lead}}
      - {id: rollout, title: Rolled out, uses: rollout, timeout: 15m}
failure: {decide: tech-lead}
`
	if err := os.WriteFile(filepath.Join(procedures, "deployment.yaml"), []byte(deployment), 0o600); err != nil {
		t.Fatal(err)
	}
	warned := func(change ...string) []string {
		t.Helper()
		cfg, err := app.Parse("sm.yaml", []byte(strings.NewReplacer(change...).Replace(contract+"procedures: "+procedures+"\n")))
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(app.Warnings(cfg), func(w string) bool { return !strings.HasPrefix(w, "the procedure deployment ") })
	}
	want := []string{
		"the procedure deployment escalates to the deputies of tech-lead, and it has none: add deputies to it under roles",
		"the procedure deployment lets the glass be broken, and nobody may: add break_glass with a role",
		"the procedure deployment pages whoever is on call, and nobody is known for decanting-service: add its owner, or a role on-call; those who are awaited are paged until then",
	}
	if got := warned(); !slices.Equal(got, want) {
		t.Errorf("it warns of %q", got)
	}
	if got := warned("groups: [tech-leads]}", "groups: [tech-leads], deputies: {users: [rosa]}}\n  on-call: {users: [olga]}", "clusters:", "break_glass: on-call\nclusters:"); len(got) > 0 {
		t.Errorf("with all of them it warns of %q", got)
	}
}

// Deputies are people as those of the role are: their names are replaced by ids, and they
// are said by check.
func TestDeputiesAreNamedAsRolesAre(t *testing.T) {
	t.Parallel()
	r := newRoleFixture(t, "  tech-lead: {users: [bob], groups: [tech-leads]}", "  tech-lead: {users: [bob], deputies: {users: [Eve@example.com], groups: [tech-leads]}}")
	who, _ := app.Check(t.Context(), r.load(), r.opts)
	if all := strings.Join(who, "\n"); !strings.Contains(all, deployer.DeputyRole("tech-lead")+": Eve@example.com is UEVE") {
		t.Errorf("it says\n%s", all)
	}
	r.keep("", "")
	if p := r.pin(nil); !strings.Contains(string(p.After), "deputies: {users: [UEVE], groups: [SLEADS]}}") {
		t.Errorf("it would be\n%s", p.After)
	}
}
