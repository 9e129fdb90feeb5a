package procedures

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/importer"
	"github.com/stationmaster/stationmaster/templates/review"
	"github.com/stationmaster/stationmaster/templates/skeleton"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// published is the copy of the schema that files name.
const published = "../../../templates/procedure.schema.json"

// builtInFolder has the procedures that come with stationmaster, languageFolder one of the
// language's page that differs from one of them.
const (
	builtInFolder  = "../../../templates/procedures"
	languageFolder = "../../../templates/testdata/language"
)

func TestThePublishedSchemaIsTheProgramsOwn(t *testing.T) {
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, published, got)
}

// TestTheSchemaTakesWhatTheLoaderTakes holds procedures of every sort, and every skeleton,
// against the schema.
func TestTheSchemaTakesWhatTheLoaderTakes(t *testing.T) {
	printed, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("procedure", parsed); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("procedure")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for folder, least := range map[string]int{builtInFolder: 11, languageFolder: 1, "../../../templates/examples": 4} {
		files, err := filepath.Glob(folder + "/*.yaml")
		if err != nil || len(files) < least {
			t.Fatal(folder, files, err)
		}
		names = append(names, files...)
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".test.yaml") {
			continue // which is of another form
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		judge(t, s, name, data)
	}
	for _, k := range skeleton.All {
		data, err := skeleton.Of(k.Kind, "mine")
		if err != nil {
			t.Fatal(err)
		}
		judge(t, s, k.Kind, data)
	}
}

func judge(t *testing.T, s *jsonschema.Schema, name string, data []byte) {
	t.Helper()
	var v any
	if err := yaml.Load(data, &v); err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// theLanguage are the procedures of the language's page, read once.
var theLanguage = sync.OnceValues(func() (Library, error) { return open("", languageFolder) })

// shown is the page of one of them.
func shown(t *testing.T, id string, site Site) (string, error) {
	t.Helper()
	l, err := theLanguage()
	if err != nil {
		t.Fatal(err)
	}
	e, err := l.find(id)
	if err != nil {
		t.Fatal(err)
	}
	return l.page(e, site)
}

// TestProceduresAreShown: what people read of three procedures that extend and include.
func TestProceduresAreShown(t *testing.T) {
	for _, id := range []string{"deployment", "hotfix", "product"} {
		page, err := shown(t, id, Site{})
		if err != nil {
			t.Fatal(err)
		}
		goldentest.Compare(t, "testdata/"+id+".md", []byte(page))
	}
}

// TestAPageForASiteStrikesWhatDoesNotApply, and fills in what is known there.
func TestAPageForASiteStrikesWhatDoesNotApply(t *testing.T) {
	page, err := shown(t, "product", Site{
		Services: []string{"api"}, Product: "widgets", Environment: "alpha", Inputs: map[string]string{"way": "pipeline", "migration": "none"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"- Shown for: api · widgets · alpha · migration=none · way=pipeline",
		"~~A stakeholder approves~~ (`approve`) is not needed: Alpha needs nobody's approval",
		"~~The database is backed up~~ (`backup`) is not needed",
		"**The code is reviewed and its checks are green**",
		"Url: `https://widgets.example/health/live`",
		"Repository: example/api",
		"{service.to}", // which version it will be is not known
	} {
		if !strings.Contains(page, part) {
			t.Errorf("nothing of %q in\n%s", part, page)
		}
	}
	if strings.Contains(page, "~~The pipeline deploys it~~") {
		t.Error("it strikes what is needed")
	}
	if _, err := shown(t, "product", Site{Inputs: map[string]string{"wya": "pipeline"}}); err == nil {
		t.Error("an input that there is not is taken")
	}
}

func TestProceduresAreListed(t *testing.T) {
	l, err := theLanguage()
	if err != nil {
		t.Fatal(err)
	}
	table, err := l.List()
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, "testdata/list.txt", []byte(table))
}

func TestAProcedureThatIsNotThereIsSaid(t *testing.T) {
	for which, want := range map[string]string{
		"deploymnet":            `did you mean "deployment"?`,
		"nothing-like-it":       "`stationmaster procedure list` lists them",
		"testdata/missing.yaml": "there is no procedure in testdata/missing.yaml",
	} {
		if _, _, err := OpenFor("", which); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", which, err)
		}
	}
}

// TestWhatLiesBesideAFileBreaksNothing: only what it extends and includes is read.
func TestWhatLiesBesideAFileBreaksNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	mine := "id: mine\ntitle: Mine\nservices: none\nextends: base\nphases: [{id: go, steps: [{id: a, uses: confirm}, {include: more}]}]\n"
	for name, text := range map[string]string{
		"mine.yaml": mine, "a-copy.yaml": mine, "stationmaster.yaml": "retailers: {}\n", "broken.yaml": "a: [\n",
		"base.yaml":      "id: base\ntitle: Base\nabstract: true\n",
		"more.yaml":      "id: more\ntitle: More\nphases: [{id: go, steps: [{id: b, uses: confirm}]}]\n",
		"mine.test.yaml": "procedure: mine\ntests: [{name: All goes well, expect: {end: complete}}]\n",
		"lost.test.yaml": "procedure: mien\ntests: [{name: A}]\n",
		"lost.yaml":      "id: lost\ntitle: Lost\nextends: bsae\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(folder, "mine.yaml")
	if page, err := Show("", file, Site{}); err != nil || !strings.Contains(page, "Includes: `more`") {
		t.Error(err, page)
	}
	if _, err := Check("", file); err != nil {
		t.Error(err)
	}
	if results, err := Try("", filepath.Join(folder, "mine.test.yaml")); err != nil || len(results) != 1 || len(results[0].Wrong) > 0 {
		t.Error(results, err)
	}
	for name, want := range map[string]string{"lost.yaml": `did you mean "base"?`, "mine.test.yaml": "holds tests"} {
		if _, err := Check("", filepath.Join(folder, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(name, err)
		}
	}
	if _, err := Try("", filepath.Join(folder, "lost.test.yaml")); err == nil || !strings.Contains(err.Error(), `did you mean "mine"?`) {
		t.Error(err)
	}
}

// loaded says what is wrong with a procedure of one's own.
func loaded(name string, data []byte) error {
	doubts := strict.Problems{}
	known := templates.Known{Kinds: app.Kinds(), Doubt: func(p strict.Problem) {
		if p.File == name {
			doubts = append(doubts, p)
		}
	}}
	files := fstest.MapFS{name: {Data: data}}
	_, err := templates.List(known, files)
	return errors.Join(err, doubts.Err())
}

// TestEverySkeletonIsValidAsItIs, without a warning.
func TestEverySkeletonIsValidAsItIs(t *testing.T) {
	for _, k := range skeleton.All {
		data, err := skeleton.Of(k.Kind, "mine")
		if err != nil {
			t.Fatal(err)
		}
		if err := loaded("mine.yaml", data); err != nil {
			t.Errorf("%s: %v", k.Kind, err)
		}
	}
}

// TestASkeletonIsAnExample: a reviewer would miss nothing in it.
func TestASkeletonIsAnExample(t *testing.T) {
	folder := t.TempDir()
	for _, k := range skeleton.All {
		if _, err := skeleton.Write(folder, k.Kind, "my-"+k.Kind); err != nil {
			t.Fatal(err)
		}
	}
	l, err := open("", folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l.entries {
		if !e.BuiltIn {
			for _, f := range review.Check(e.Procedure, e.Source) {
				t.Error(f)
			}
		}
	}
}

// TestWhatIsImportedIsValidAsItIs: whatever stands in a document.
func TestWhatIsImportedIsValidAsItIs(t *testing.T) {
	for _, document := range []string{
		"# T\n\n## P\n\n1. Do it, then look: {service} ${{ x }} ${HOME} {{y}}.\n   - a, b: [c](https://x.example/{service})\n   - {inputs.risk} & *x* `!`\n2. true\n",
		"## P\n- [ ] yes\n- [ ] no\n- [x] \"quoted\" 'twice'\n\n```\necho ${X}y\n```\n",
		"A list:\n\n1. one\n2. one\n3. @here <!channel> <b>bold</b> # not a comment\n",
	} {
		made, err := importer.Import("doc.md", []byte(document))
		if err != nil {
			t.Fatal(err)
		}
		if err := loaded("doc.yaml", made); err != nil {
			t.Errorf("%v\n%s", err, made)
		}
	}
}

// FuzzImportLoads: what is made of a document loads, whatever that holds.
func FuzzImportLoads(f *testing.F) {
	f.Add([]byte("# T\n- a: b\n- {x}\n1. ${y} {service.name}\n```\n  z\t\n"))
	f.Fuzz(func(t *testing.T, document []byte) {
		made, err := importer.Import("doc.md", document)
		if err != nil {
			return
		}
		if err := loaded("doc.yaml", made); err != nil {
			t.Fatalf("%v\n%s", err, made)
		}
	})
}

func TestANewProcedureGoesIntoTheFolderOfTheConfig(t *testing.T) {
	folder := t.TempDir()
	config := filepath.Join(folder, "config.yaml")
	write := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("procedures: " + folder + "\nanything: else\n")
	if name, err := New(config, "checklist", "list"); err != nil || name != filepath.Join(folder, "list.yaml") {
		t.Error(name, err)
	}
	write("listen: x\n")
	if _, err := New(config, "checklist", "list"); err == nil || !strings.Contains(err.Error(), "has no folder of procedures") {
		t.Error(err)
	}
}

func TestKindsArePrinted(t *testing.T) {
	for format, want := range map[string]string{"text": "wait: time passes", "markdown": "### wait", "json": `"name": "wait"`} {
		if got, err := Kinds("wait", format); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v\n%s", format, err, got)
		}
	}
	if _, err := Kinds("wiat", ""); err == nil || !strings.Contains(err.Error(), `did you mean "wait"?`) {
		t.Error(err)
	}
	if _, err := Kinds("", "xml"); err == nil || !strings.Contains(err.Error(), `there is no format "xml"`) {
		t.Error(err)
	}
}
