package procedures

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// outside is where the language server is, as `npm ci` leaves it.
const outside = "../../../bot/emulator/testdata/npm"

// TestAnEditorKnowsProcedures: a YAML language server completes keys and parameters, shows the
// sentence of each, and marks what is wrong, by the schema alone.
func TestAnEditorKnowsProcedures(t *testing.T) {
	slowtest.Only(t, "a language server has to start")
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(outside, "node_modules", "yaml-language-server"))
	}
	if err != nil {
		slowtest.Missing(t, "no editor is tried: "+err.Error()+" (npm ci in bot/emulator/testdata/npm)")
	}
	folder := t.TempDir()
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "quick.yaml")
	text := "# yaml-language-server: $schema=procedure.schema.json\nid: quick\ntitle: Quick\nphases:\n  - id: go\n    steps:\n" +
		"      - id: look\n        uses: probe.http\n        estimat: 5m\n        with:\n          url: https://x.example\n          \n"
	for name, data := range map[string]string{"procedure.schema.json": string(schema), "quick.yaml": text} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), node, "editor.mjs", file, `{"complete": [[11, 10], [7, 14]], "hover": [[10, 11]]}`)
	cmd.Dir = outside
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Wrong, Hover []string
		Complete     [][]string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !slices.Contains(got.Wrong, "8:8 Property estimat is not allowed.") {
		t.Errorf("of a wrong key it says: %q", got.Wrong)
	}
	for i, want := range []string{"contains: what the answer contains", "wait: time passes"} {
		if !slices.Contains(got.Complete[i], want) {
			t.Errorf("it does not complete %q but %q", want, got.Complete[i])
		}
	}
	if !strings.Contains(got.Hover[0], "\nwhat\n") {
		t.Errorf("of url it shows %q", got.Hover[0])
	}
}
