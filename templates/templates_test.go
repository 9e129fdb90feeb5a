package templates_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
)

var update = flag.Bool("update", false, "write what is reported into the cases")

var known = templates.Known{
	Kinds: append(deployer.CoreKinds(),
		deployer.Kind{Name: "kubernetes.verify", Params: []deployer.Param{
			{Name: "for", Type: deployer.TypeDuration}, {Name: "errors", Type: deployer.TypePattern},
		}},
		deployer.Kind{Name: "probe.http", Params: []deployer.Param{{Name: "url", Type: deployer.TypeURL, Required: true, Doc: "what is asked"}}},
		deployer.Kind{Name: "test.each", Scope: deployer.ScopeMembers}, deployer.Kind{Name: "test.services", Scope: deployer.ScopeServices},
	),
	Roles: []string{"tech-lead"}, Channels: []string{"deploys", "change", "support", "clients"},
}

func TestTheBuiltInProceduresAreValid(t *testing.T) {
	t.Parallel()
	all, err := templates.Load(templates.Known{Kinds: kinds(t)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := all["deployment"]
	at := slices.IndexFunc(p.Steps, func(s deployer.Step) bool { return s.ID == "rollout" })
	if at < 0 || p.SHA == "" || p.Steps[at].Timeout != 15*time.Minute {
		t.Fatalf("%+v", p)
	}
	if got := p.Steps[at].Needs; len(got) != 1 || got[0] != "starting" {
		t.Errorf("rollout needs %v", got)
	}
}

func TestAnOverlayReplacesById(t *testing.T) {
	t.Parallel()
	overlay := fstest.MapFS{"mine.yaml": {Data: []byte("id: deployment\ntitle: Mine\nphases:\n- steps:\n  - {id: a, uses: confirm}\n")}}
	all, err := templates.Load(templates.Known{Kinds: kinds(t)}, overlay)
	if err != nil || all["deployment"].Title != "Mine" || all["deployment"].Steps[0].Title != "A" {
		t.Errorf("%+v, %v", all["deployment"], err)
	}
}

// Times of the day are compared as texts: each has two digits for its hour.
func TestWindowsBeginAtTwoDigits(t *testing.T) {
	t.Parallel()
	p := parse(t, "id: p\ntitle: P\nwindows: [{from: '9:00', to: '17:30', is: fine, ends: hold, override: tech-lead}]\nphases: [{id: go, steps: [{id: a, uses: confirm}]}]\n")
	if w := p.Windows[0]; w.From != "09:00" || w.To != "17:30" || w.Ends != deployer.EndsHold || w.Override != "tech-lead" {
		t.Errorf("it is %+v", w)
	}
}

// A step is done for the members that its list names, in their order.
func TestEachNamesTheMembers(t *testing.T) {
	t.Parallel()
	p := parse(t, "id: p\ntitle: P\nphases: [{id: go, steps: [{id: a, uses: test.each, each: [two, one]}, {id: b, uses: test.services, each: services}]}]\n")
	if !slices.Equal(p.Steps[0].Each, []string{"two", "one"}) || p.Steps[1].Each != nil {
		t.Errorf("%+v", p.Steps)
	}
}

// Each case is a file in testdata with what is reported about it at its end.
func TestMistakesAreReportedWithTheirPlace(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text, want, ok := strings.Cut(string(data), "# reported:\n")
			if !ok {
				t.Fatal("no line '# reported:'")
			}
			_, err = templates.Parse(known, filepath.Base(name), []byte(text))
			if err == nil {
				t.Fatal("taken")
			}
			var got strings.Builder
			for line := range strings.Lines(err.Error() + "\n") {
				got.WriteString("# " + line)
			}
			if *update {
				if err := os.WriteFile(name, []byte(text+"# reported:\n"+got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got.String() != want {
				t.Errorf("got\n%swant\n%s", got.String(), want)
			}
		})
	}
}

// What a kind is called is its own: the core's names are taken, and so are those
// of other systems.
func TestTwoKindsOfOneNameAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{deployer.KindConfirm, "probe.http"} {
		twice := templates.Known{Kinds: append(slices.Clone(known.Kinds), deployer.Kind{Name: name})}
		if _, err := templates.Load(twice, nil); err == nil || !strings.Contains(err.Error(), "two that are called \""+name+"\"") {
			t.Errorf("a second %s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, folder := range []string{"testdata", "testdata/section12", "testdata/language", "procedures"} {
		files, _ := filepath.Glob(folder + "/*.yaml")
		for _, name := range files {
			data, _ := os.ReadFile(name)
			f.Add(data)
		}
	}
	known := templates.Known{Kinds: kinds(f), Roles: []string{"tech-lead"}, Channels: []string{"deploys"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := templates.Parse(known, "fuzz.yaml", data)
		if err == nil && (p.ID == "" || len(p.Steps) == 0 && !p.Abstract) {
			t.Errorf("took %q as %+v", data, p)
		}
	})
}
