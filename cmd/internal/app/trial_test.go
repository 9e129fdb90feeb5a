package app

import (
	"os"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/trial"
)

// languageProcedures are the procedures that the language was written with.
func languageProcedures(t testing.TB) map[string]deployer.Procedure {
	t.Helper()
	all, err := templates.Load(templates.Known{Kinds: Kinds()}, os.DirFS("../../../templates/testdata/language"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What the tests of a procedure say comes of it.
func TestProceduresDoWhatTheirTestsSay(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../templates/testdata/language/hotfix.test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	results, err := trial.Run(trial.Setting{Procedures: languageProcedures(t), Language: language.Runtime{}}, "hotfix.test.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Log(r.Real)
		if len(r.Wrong) > 0 {
			t.Error(r)
		}
	}
}
