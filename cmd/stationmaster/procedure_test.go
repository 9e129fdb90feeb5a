package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with procedures is said in lines that editors and CI can jump to, and in
// the code with which the program ends.
func TestValidateSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "web.yaml")
	text := "id: web\ntitle: 'Web'\nservices: none\nphases: [{id: go, steps: [{id: a, uses: confrim}, {id: b, uses: wait, with: {for: 15}}]}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const kind, unit = `there is no step kind "confrim"; did you mean "confirm"?`, "15 has no unit; write 15s, 15m or 15h"
	for _, test := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{file}, 1, []string{file + ":4:41: " + kind + "\n", file + ":4:83: " + unit + "\n", "2 mistakes in 1 file\n", "Roles, channels, environments and retailers were not looked at"}},
		{[]string{"--format", "json", file}, 1, []string{`"code": "unknown-kind"`, `"message": "15 has no unit"`, `"hint": "write 15s, 15m or 15h"`, `"severity": "error"`}},
		{[]string{"--format", "github", file}, 1, []string{"::error file=" + file + ",line=4,col=41::" + kind + "\n"}},
		{[]string{"--format", "xml", file}, 2, []string{`there is no format "xml"`}},
		{[]string{filepath.Join("nowhere", "web.yaml")}, 2, []string{"read a procedure: open nowhere/web.yaml"}},
		{[]string{"../../templates/procedures/house.yaml"}, 0, []string{"No mistakes in 1 file.\n"}},
		{[]string{"web.test.yaml"}, 0, []string{"web.test.yaml holds tests; `stationmaster procedure test` runs it.\n"}},
	} {
		p := start(t, nil, append([]string{"procedure", "validate"}, test.args...)...)
		code := p.exit(t, patience)
		for _, want := range test.want {
			if said := p.out.String(); code != test.code || !strings.Contains(said, want) || strings.Contains(said, "stationmaster: ") {
				t.Errorf("%v: ended with %d and said %q, without %q", test.args, code, said, want)
			}
		}
		if code != test.code {
			t.Errorf("%v: ended with %d", test.args, code)
		}
	}
}
