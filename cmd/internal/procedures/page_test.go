package procedures

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/idle"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/manual"
	"github.com/stationmaster/stationmaster/templates/review"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/trial"
)

// The folder of the page of the language.
const folder = "../../../templates"

// generated are the parts of the page that are made of what the program knows.
var generated = map[string]func() string{
	"keys of a procedure":     keysOf[source.File],
	"keys of a phase":         keysOf[source.Phase],
	"keys of a step":          keysOf[source.Step],
	"keys of an input":        keysOf[source.Input],
	"keys of a window":        keysOf[source.Window],
	"keys of failure":         keysOf[source.Failure],
	"keys of a change":        keysOf[source.Change],
	"keys of troubleshooting": keysOf[source.Trouble],
	"keys of tests":           func() string { return keysIn(trial.Forms()["tests"]) },
	"keys of start":           func() string { return keysIn(trial.Forms()["start"]) },
	"keys of in":              func() string { return keysIn(trial.Forms()["in"]) },
	"keys of a test":          func() string { return keysIn(trial.Forms()["a test"]) },
	"keys of do":              func() string { return keysIn(trial.Forms()["do"]) },
	"keys of expect":          func() string { return keysIn(trial.Forms()["expect"]) },
	"names":                   names,
	"kinds":                   func() string { return manual.Table(app.Kinds(), app.DoneByHand) },
	"does nothing yet":        idle.Markdown,
	"review":                  review.Markdown,
}

var part = regexp.MustCompile(`(?s)(<!-- generated: ([a-z ]+) -->\n)(.*?)(<!-- end -->)`)

// TestThePageIsTrue writes the generated parts of the page anew; -update keeps them.
func TestThePageIsTrue(t *testing.T) {
	file := filepath.Join(folder, "README.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	page := part.ReplaceAllStringFunc(string(data), func(text string) string {
		m := part.FindStringSubmatch(text)
		make, ok := generated[m[2]]
		if !ok {
			t.Errorf("nothing makes the part %q", m[2])
			return text
		}
		seen[m[2]] = true
		return m[1] + "\n" + make() + "\n" + m[4]
	})
	for name := range generated {
		if !seen[name] {
			t.Errorf("the page has no part %q", name)
		}
	}
	goldentest.Compare(t, file, []byte(page))
	goldentest.Compare(t, filepath.Join(folder, "KINDS.md"), []byte("# What a step can do\n\nMade of the program; `stationmaster procedure kinds --format markdown` prints the same.\n\n"+manual.Markdown(app.Kinds())))
}

// keysOf is the table of the keys of a mapping.
func keysOf[T any]() string { return keysIn(reflect.TypeFor[T]()) }

func keysIn(t reflect.Type) string {
	var b strings.Builder
	b.WriteString("| key | says |\n|---|---|\n")
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		says := f.Tag.Get("doc")
		if words := f.Tag.Get("enum"); words != "" && !strings.Contains(says, strings.Split(words, ",")[0]) {
			says += ": " + strings.ReplaceAll(words, ",", ", ")
		}
		switch otherwise := f.Tag.Get("default"); {
		case f.Tag.Get("required") != "":
			says += " (required)"
		case otherwise != "":
			says += " (otherwise " + otherwise + ")"
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", key, strings.ReplaceAll(says, "|", `\|`))
	}
	return b.String()
}

// names is the table of what texts and conditions may hold.
func names() string {
	var b strings.Builder
	b.WriteString("| name | is | |\n|---|---|---|\n")
	for _, n := range language.Reference() {
		says := n.Doc
		if n.Texts {
			says += "; in texts alone"
		}
		if n.Clients {
			says += "; clients may read it"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", n.Path, n.Type, says)
	}
	return b.String()
}

// blocks are the YAML of the page, in its order.
func blocks(t *testing.T) (procedures, tests []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(data), "```yaml\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		switch {
		case strings.Contains("\n"+text, "\nid: "):
			procedures = append(procedures, text)
		case strings.HasPrefix(text, "procedure: "):
			tests = append(tests, text)
		}
	}
	return procedures, tests
}

// TestThePageCanBeCopied loads every procedure of the page, tries those that begin it, and
// runs its test: each as somebody would who has copied it.
func TestThePageCanBeCopied(t *testing.T) {
	procedures, tests := blocks(t)
	if len(procedures) < 5 || len(tests) != 1 {
		t.Fatalf("%d procedures, %d tests", len(procedures), len(tests))
	}
	setting := trial.Setting{Language: language.Runtime{}}
	stages := 0
	others := fstest.MapFS{}
	for i, text := range procedures {
		if !strings.Contains("\n"+text, "\nid: quick\n") {
			others[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{Data: []byte(text)}
			continue
		}
		stages++
		all, err := templates.Load(templates.Known{Kinds: app.Kinds()}, fstest.MapFS{"quick.yaml": {Data: []byte(text)}})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		setting.Procedures = all
		passes(t, setting, "procedure: quick\nroles: {tech-lead: [bob]}\nstart: {by: ana, services: {web: v2}}\ntests: [{name: All goes well, expect: {end: complete}}]")
	}
	if stages < 4 {
		t.Errorf("%d stages", stages)
	}
	passes(t, setting, tests[0])
	if _, err := templates.Load(templates.Known{Kinds: app.Kinds()}, others); err != nil {
		t.Error(err)
	}
}

// passes runs a test of a procedure.
func passes(t *testing.T, s trial.Setting, text string) {
	t.Helper()
	results, err := trial.Run(s, "quick.test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(r.Wrong) > 0 {
			t.Errorf("%v\n%s", r, text)
		}
	}
}

// TestTheExamplesLoad: the page names each, and they have no mistakes.
func TestTheExamplesLoad(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "examples", "*.yaml"))
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if name := "examples/" + filepath.Base(f); !strings.Contains(string(page), "]("+name+")") {
			t.Errorf("the page does not name %s", name)
		}
	}
	if _, err := templates.Load(templates.Known{Kinds: app.Kinds()}, os.DirFS(filepath.Join(folder, "examples"))); err != nil {
		t.Error(err)
	}
}
