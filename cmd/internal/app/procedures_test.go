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
	for _, folder := range []string{"procedures", "testdata/language", "examples", "testdata/section12"} {
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
	sites := write("sites.yaml", "retailers: {tangerine: {environments: {prod: {}, staging: {}}}}\n")
	named := write("named.yaml", `id: named
title: Named
environments: [stage, prod]
unapproved: a test
windows: [{environments: [production], is: fine}]
values: {prod: environment.name == "production"}
phases:
  - id: go
    when: environment.name in ["prod", "live"]
    steps:
      - {id: a, uses: confirm, when: 'values.prod || "tangarine" == retailer.name || environment.name == "staging"'}
      - {id: b, uses: confirm, when: product.name != "plum"}
      - {id: c, uses: run, with: {procedure: mien, retailer: tangarine, environment: production}}
      - {id: d, uses: run, with: {procedure: named, retailer: "{retailer}", environment: prod}}
      - {id: e, uses: history, with: {environment: staging, procedure: base}}
`)
	if found, err := app.Validate("", []string{named}); err != nil || len(found.Mistakes) > 0 {
		t.Error("without a config", err, found.Mistakes)
	}
	found, err := app.Validate(sites, []string{named})
	want := strings.Join([]string{
		`:3:16: the config has no environment "stage"; did you mean "staging"?`,
		`:5:27: the config has no environment "production"; did you mean "prod"?`,
		`:6:36: the config has no environment "production"; did you mean "prod"?`,
		`:9:40: the config has no environment "live"; there are: prod, staging`,
		`:11:54: the config has no retailer "tangarine"; did you mean "tangerine"?`,
		`:12:54: the config has no product "plum"; there are: tangerine`,
		`:13:46: there is no procedure "mien"; did you mean "mine"?`,
		`:13:62: the config has no retailer "tangarine"; did you mean "tangerine"?`,
		`:13:86: the config has no environment "production"; did you mean "prod"?`,
		`:15:72: "base" only serves other procedures, and no deployment follows it; name one that extends it`,
	}, "\n"+named)
	if err != nil || found.Mistakes.Error() != named+want {
		t.Errorf("%v\n%v", err, found.Mistakes)
	}
	if _, err := app.Validate("", []string{filepath.Join(dir, "nothing.yaml")}); err == nil || !strings.Contains(err.Error(), "nothing.yaml") {
		t.Errorf("a file that is not there: %v", err)
	}
}
