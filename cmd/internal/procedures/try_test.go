package procedures

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/templates/trial"
)

const theTests = languageFolder + "/hotfix.test.yaml"

// What the tests of a procedure say comes of it.
func TestAProcedureDoesWhatItsTestsSay(t *testing.T) {
	t.Parallel()
	results, err := Try(theTests)
	if err != nil || len(results) < 7 {
		t.Fatal(results, err)
	}
	for _, r := range results {
		if len(r.Wrong) > 0 {
			t.Error(r)
		}
	}
}

// A test that says what is not so fails, and says what was so instead.
func TestATestThatIsWrongFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ is, instead, says string }{
		{"end: rolled-back", "end: complete", "end: it is rolled-back, not complete"},
		{"not_needed: [room, maintenance]", "not_needed: [ticket]", "not_needed: ticket is done"},
		{"incident: [plan, starting]", "incident: [starting, plan]", "told: incident: no plan in its place; it was: plan, starting"},
		{"approved_by: [rosa]", "approved_by: [bob]", "approved_by: rosa, not bob"},
		{"at_most: 30m", "at_most: 3m", "took: 14m, more than 3m"},
		{"sev1-announced: 2026-03-06T21:40:00Z}", "sev1-announced: 2026-03-06T21:41:00Z}", "at: sev1-announced was over at 2026-03-06T21:40:00Z, not 2026-03-06T21:41:00Z"},
		{"hotfix-elsewhere: [lemon]", "hotfix-elsewhere: [lemon, plum]", "run: hotfix-elsewhere: no plum in its place; it was: lemon"},
		{"warned: [It is evening or night]", "warned: [It is Friday]", `warned: nothing says "It is Friday"`},
		{"paged: [olga]", "paged: [bob]", "paged: olga, not bob"},
	} {
		results, err := tryText(t, c.is, c.instead)
		if err != nil {
			t.Fatal(err)
		}
		printed := ""
		for _, r := range results {
			printed += r.String() + "\n"
		}
		if !strings.Contains(printed, c.says) {
			t.Errorf("%s: nothing says %q:\n%s", c.instead, c.says, printed)
		}
	}
}

// What is wrong with a file of tests is said where it stands.
func TestMistakesInTestsHaveTheirPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ is, instead, says string }{
		{"sev1-announced: {nobody: 3d}", "sev1-announcd: {nobody: 3d}", `:22:10: there is no step "sev1-announcd"; did you mean "sev1-announced"?`},
		{"{fails: build-failed}", "{fails: bild-failed}", `:28:28: there is no failure of rollout "bild-failed"; did you mean "build-failed"?`},
		{"failure: [retry]", "failure: [retri]", `:28:64: there is no choice "retri"; did you mean "retry"?`},
		{"{after: 40m}", "{after: 40}", `:25:33: "40" is not a time such as 40m or 3d`},
		{"{after: 40m}", "{aftr: 40m}", `there is no key "aftr"`},
		{"kill: everywhere", "kill: often", `kill is "often"; it can be everywhere alone`},
		{"procedure: hotfix", "procedure: hotfx", `:3:12: there is no procedure "hotfx"; did you mean "hotfix"?`},
		{"tests:", "test:", `there is no key "test"`},
	} {
		_, err := tryText(t, c.is, c.instead)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: nothing says %q: %v", c.instead, c.says, err)
		}
	}
}

// tryText runs the tests with one thing in the place of another.
func tryText(t *testing.T, is, instead string) ([]trial.Result, error) {
	t.Helper()
	data, err := os.ReadFile(theTests)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), is, instead, 1)
	if text == string(data) {
		t.Fatalf("%s does not stand there", is)
	}
	l, err := theLanguage()
	if err != nil {
		t.Fatal(err)
	}
	return trial.Run(l.setting(), filepath.Base(theTests), []byte(text))
}

// Walks by chance through all procedures come to an end, and keep what the core
// promises.
func TestWalksThroughAllProceduresEnd(t *testing.T) {
	t.Parallel()
	n, asked := slowtest.Size(t, "STATIONMASTER_WALKS")
	if !asked {
		n = slowtest.Runs(30, 300)
	}
	var settings []trial.Setting
	var ids []string
	for _, folder := range []string{languageFolder, "../../../templates/examples"} {
		l, err := open("", folder)
		if err != nil {
			t.Fatal(err)
		}
		setting := l.setting()
		for _, id := range slices.Sorted(maps.Keys(setting.Procedures)) {
			if !setting.Procedures[id].Abstract && !slices.Contains(ids, id) {
				settings, ids = append(settings, setting), append(ids, id)
			}
		}
	}
	for i := range n {
		if err := trial.Walk(settings[i%len(ids)], ids[i%len(ids)], uint64(i)); err != nil {
			t.Error(err)
		}
	}
}
