package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// The procedures of the language's page have no mistakes for the kinds that this program
// has.
func TestTheProceduresOfTheLanguageHaveNoMistakes(t *testing.T) {
	t.Parallel()
	var files []string
	for _, folder := range []string{"testdata/language", "examples", "testdata/section12"} {
		found, err := filepath.Glob("../../../templates/" + folder + "/*.yaml")
		if err != nil || len(found) == 0 {
			t.Fatalf("no procedures in %s: %v", folder, err)
		}
		files = append(files, slices.DeleteFunc(found, func(name string) bool { return strings.HasSuffix(name, ".test.yaml") })...)
	}
	found, err := app.Validate("", files)
	if err != nil || len(found.Mistakes) > 0 {
		t.Errorf("%v\n%v", err, found.Mistakes)
	}
}

// A config's roles and channels count, whatever is wrong with its own procedures.
func TestValidateHoldsProceduresAgainstAConfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	config := write("config.yaml", "procedures: nowhere\nroles: {tech-lead: {users: [ana]}}\n")
	base := write("base.yaml", "id: base\ntitle: Base\nabstract: true\ninputs: [{id: risk}]\n")
	mine := write("mine.yaml", "id: mine\ntitle: Mine\nextends: base\nunapproved: a test\nphases: [{id: go, steps: [{id: a, uses: confirm, with: {role: tech-laed}, how: \"{inputs.risk}\"}]}]\n")
	for _, test := range []struct{ config, want string }{
		{"", ""}, {config, mine + `:5:63: the config has no role "tech-laed"; did you mean "tech-lead"?`},
	} {
		found, err := app.Validate(test.config, []string{mine, base})
		if err != nil || found.Mistakes.Error() != test.want {
			t.Errorf("with %q: %v, %v", test.config, err, found.Mistakes)
		}
	}
	if _, err := app.Validate("", []string{filepath.Join(dir, "nothing.yaml")}); err == nil || !strings.Contains(err.Error(), "nothing.yaml") {
		t.Errorf("a file that is not there: %v", err)
	}
}
