package procedures

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
	"github.com/stationmaster/stationmaster/deployer/launch"
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
	"built in":                builtIns,
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

// builtIns is the table of what comes with stationmaster.
func builtIns() string {
	l, err := Open("")
	if err != nil {
		return err.Error()
	}
	listed := func(names []string) string {
		if len(names) == 0 {
			return "–"
		}
		return "`" + strings.Join(names, "` `") + "`"
	}
	var b strings.Builder
	b.WriteString("| procedure | is for | roles that it asks | channels that it tells | vars |\n|---|---|---|---|---|\n")
	for _, e := range l.entries {
		p := e.Procedure
		is := p.Title
		if p.Abstract {
			is += "; it only serves others"
		}
		asks := slices.DeleteFunc(app.Asks(p), func(role string) bool { return slices.Contains(language.BuiltInRoles, role) })
		fmt.Fprintf(&b, "| [`%s`](procedures/%s) | %s | %s | %s | %s |\n", p.ID, e.File, is, listed(asks), listed(launch.Told(p)), listed(sortedKeys(p.Vars)))
	}
	return b.String()
}

var (
	answer   = regexp.MustCompile("(?m)^\\| [^|]+ \\| (`[^|]+) \\| ([^|]+) \\|$")
	answered = regexp.MustCompile("`([^`]+)`(:?)")
)

// TestThePageSaysWhereThingsAreAnswered: each step that it names is there, and what it says
// is done by hand is.
func TestThePageSaysWhereThingsAreAnswered(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "<!-- answers -->")
	table, _, ok := strings.Cut(rest, "<!-- end of answers -->")
	rows := answer.FindAllStringSubmatch(table, -1)
	if !ok || len(rows) < 60 {
		t.Fatalf("the page has %d answers", len(rows))
	}
	l, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		var p deployer.Procedure
		hand, people := false, false
		for _, m := range answered.FindAllStringSubmatch(row[1], -1) {
			if m[2] == ":" {
				e, err := l.find(m[1])
				if err != nil {
					t.Fatalf("%s: %v", row[0], err)
				}
				p = e.Procedure
				p.Bind()
				continue
			}
			i := slices.IndexFunc(allSteps(p), func(s deployer.Step) bool { return s.ID == m[1] })
			if i < 0 && !isPart(p, m[1]) {
				t.Errorf("%s: %s has no %s", row[0], p.ID, m[1])
			}
			if i >= 0 {
				s := allSteps(p)[i]
				hand, people = hand || app.DoneByHand(*s.Kind), people || s.Work() == deployer.WorkPeople
			}
		}
		if says := strings.Contains(row[2], "by hand"); hand && !says || says && !hand && !people {
			t.Errorf("%s: it is by hand: %v", row[0], hand)
		}
	}
}

// allSteps are those of all parts.
func allSteps(p deployer.Procedure) []deployer.Step {
	return slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After)
}

// isPart reports whether a procedure has something that is no step: an input, a value, or a
// part of its file.
func isPart(p deployer.Procedure, name string) bool {
	input, isInput := strings.CutPrefix(name, "inputs.")
	value, isValue := strings.CutPrefix(name, "values.")
	switch {
	case isInput:
		return slices.ContainsFunc(p.Inputs, func(in deployer.Input) bool { return in.ID == input })
	case isValue:
		return p.Values[value] != ""
	}
	return map[string]bool{"windows": len(p.Windows) > 0, "failure": p.Failure.Decide != "" || len(p.Failure.Roles) > 0, "environments": len(p.Environments) > 0}[name]
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
