package procedures

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/review"
	"github.com/stationmaster/stationmaster/templates/trial"
)

const theTests = "testdata/hotfix.test.yaml"

// homed is a procedure with its library and the folder of its tests.
type homed struct {
	Library
	templates.Entry
	folder string
}

// everyProcedure are those that come with stationmaster, and those of the language's page.
func everyProcedure(t *testing.T) []homed {
	t.Helper()
	builtIn, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	page, err := theLanguage()
	if err != nil {
		t.Fatal(err)
	}
	var out []homed
	for _, e := range builtIn.entries {
		out = append(out, homed{builtIn, e, builtInFolder})
	}
	for _, e := range page.entries {
		if !e.BuiltIn {
			out = append(out, homed{page, e, languageFolder})
		}
	}
	return out
}

// What the tests of a procedure say comes of it. Each that can be started has some, of which
// one at least is killed everywhere.
func TestAProcedureDoesWhatItsTestsSay(t *testing.T) {
	t.Parallel()
	for _, e := range everyProcedure(t) {
		if e.Procedure.Abstract {
			continue
		}
		file := filepath.Join(e.folder, e.Procedure.ID+".test.yaml")
		t.Run(strings.TrimSuffix(filepath.Base(e.folder)+"/"+e.File, ".yaml"), func(t *testing.T) {
			if e.Procedure.ID == "product" || e.Procedure.ID == "service" {
				slowtest.Only(t, "its longest tests die at every step")
			}
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(data), "kill: everywhere") {
				t.Fatalf("%s has no test that is killed everywhere: %v", file, err)
			}
			results, err := Try("", file)
			if err != nil || len(results) < 4 {
				t.Fatal(results, err)
			}
			for _, r := range results {
				if len(r.Wrong) > 0 {
					t.Errorf("%s:%d: %s", file, r.Line, r)
				}
			}
			if base, err := e.find(e.Extends); err == nil && !base.Procedure.Abstract {
				return // which is tried by itself
			}
			for _, gap := range untried(e.Procedure, results) {
				t.Errorf("%s: %s", file, gap)
			}
		})
	}
}

// untried is what no test of a procedure comes to: each condition both ways, each step done,
// each end.
func untried(p deployer.Procedure, results []trial.Result) []string {
	came, ends := map[string]bool{}, map[deployer.Status]bool{}
	for _, r := range results {
		ends[r.State] = true
		for _, s := range r.Steps {
			came[s.ID+" "+string(s.Status)] = true
		}
	}
	var out []string
	steps := slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After)
	maintains := slices.ContainsFunc(steps, func(s deployer.Step) bool { return s.Uses == "statuspage.schedule" })
	for _, s := range steps {
		if strings.Contains(s.When, "maintenance.own") && !maintains || strings.Contains(s.When, "steps.completed.") && !maintains {
			continue // of what is included here, what has nothing to do
		}
		if !came[s.ID+" "+string(deployer.Done)] {
			out = append(out, s.ID+" is never done")
		}
		if (s.When != "" || p.PhaseOf(s).When != "") && !came[s.ID+" "+string(deployer.StepNotNeeded)] {
			out = append(out, s.ID+" is always needed, though it has a condition")
		}
	}
	for _, end := range []deployer.Status{deployer.Complete, deployer.Stopped, deployer.RolledBack} {
		if !ends[end] && (end != deployer.RolledBack || len(p.Rollback) > 0) {
			out = append(out, "none of them ends "+string(end))
		}
	}
	return out
}

// A reviewer would miss nothing.
func TestAReviewerWouldMissNothingInTheBuiltInProcedures(t *testing.T) {
	t.Parallel()
	for _, e := range everyProcedure(t) {
		for _, p := range review.Check(e.Procedure, e.Source) {
			t.Error(p)
		}
	}
}

// A test that says what is not so fails, and says what was so instead.
func TestATestThatIsWrongFails(t *testing.T) {
	slowtest.Only(t, "it runs all tests of a procedure once for each mistake")
	t.Parallel()
	for _, c := range []struct{ is, instead, says string }{
		{"end: rolled-back", "end: complete", "end: it is rolled-back, not complete"},
		{"not_needed: [room, maintenance]", "not_needed: [ticket]", "not_needed: ticket is done"},
		{"incident: [plan, starting]", "incident: [starting, plan]", "told: incident: no plan in its place; it was: plan, starting"},
		{"approved_by: [rosa]", "approved_by: [bob]", "approved_by: it was rosa; it should be bob"},
		{"at_most: 30m", "at_most: 3m", "took: 28m, more than 3m"},
		{"sev1-announced: 2026-03-06T21:40:00Z}", "sev1-announced: 2026-03-06T21:41:00Z}", "at: sev1-announced was over at 2026-03-06T21:40:00Z, not 2026-03-06T21:41:00Z"},
		{"hotfix-elsewhere: [lemon]", "hotfix-elsewhere: [lemon, plum]", "run: hotfix-elsewhere: no plum in its place; it was: lemon"},
		{"warned: [It is evening or night]", "warned: [It is Friday]", `warned: nothing says "It is Friday"`},
		{"paged: [olga]", "paged: [bob]", "paged: it was olga; it should be bob"},
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

// Nobody is a set of people as well, and where one of a role is enough, one answers.
func TestWhoApprovedIsComparedAsASet(t *testing.T) {
	t.Parallel()
	all, err := templates.Load(templates.Known{Kinds: app.Kinds()}, fstest.MapFS{"two.yaml": {Data: []byte(`id: two
title: Two
services: none
windows: [{days: [thu], is: refuse, why: Never on Thursdays}]
phases: [{id: go, steps: [{id: approve, uses: approve, with: {roles: {tech-lead: 1, security: 1}}}]}]
`)}})
	if err != nil {
		t.Fatal(err)
	}
	const file = `procedure: two
roles: {tech-lead: [bob, rosa], security: [sam]}
start: {by: ana, at: 2026-03-06T10:00:00Z}
tests:
  - {name: One of each, expect: {end: complete, approved_by: [bob, sam], told: {deploys: []}}}
  - {name: Nobody, expect: {approved_by: [], end: stopped}}
  - {name: Thursday, start: {at: 2026-03-05T10:00:00Z}, expect: {approved_by: []}}
`
	results, err := trial.Run(trial.Setting{Procedures: all, Language: language.Runtime{}}, "two.test.yaml", []byte(file))
	if err != nil || len(results) != 3 {
		t.Fatal(results, err)
	}
	if len(results[0].Wrong) > 0 {
		t.Error(results[0])
	}
	if wrong := strings.Join(results[1].Wrong, "\n"); wrong != "end: it is complete, not stopped\napproved_by: it was bob, sam; it should be nobody" {
		t.Error(wrong)
	}
	if said := results[2].String(); !strings.HasPrefix(said, "--- FAIL: Thursday (0s)\n    it was refused: ") {
		t.Error(said)
	}
}

// Where nobody comes, whoever is on call is paged, and it goes on when somebody does.
func TestNobodyComesInATest(t *testing.T) {
	t.Parallel()
	all, err := templates.Load(templates.Known{Kinds: app.Kinds()}, fstest.MapFS{"two.yaml": {Data: []byte(`id: two
title: Two
services: none
defaults: {remind: [10m], escalate: {deputies: 20m, page: 45m, break_glass: 2h}}
phases: [{id: go, steps: [{id: approve, uses: approve, with: {role: tech-lead}}]}]
`)}})
	if err != nil {
		t.Fatal(err)
	}
	const file = `procedure: two
roles: {tech-lead: [bob], on-call: [olga]}
start: {by: ana, at: 2026-03-06T10:00:00Z}
tests:
  - {name: In time, do: {approve: {after: 44m}}, expect: {end: complete, paged: []}}
  - {name: Late, do: {approve: {nobody: 3d}}, expect: {end: complete, paged: [olga], at: {approve: 2026-03-09T10:00:00Z}}}
  - {name: Killed, kill: everywhere, do: {approve: {nobody: 3d}}, expect: {end: complete, paged: [olga]}}
`
	results, err := trial.Run(trial.Setting{Procedures: all, Language: language.Runtime{}}, "two.test.yaml", []byte(file))
	if err != nil || len(results) != 3 {
		t.Fatal(results, err)
	}
	for _, r := range results {
		if len(r.Wrong) > 0 {
			t.Error(r)
		}
	}
}

// Direct messages are counted by person, those of a failure once however often it is
// tried again, and what one is not told is none.
func TestDirectMessagesAreCounted(t *testing.T) {
	t.Parallel()
	all, err := templates.Load(templates.Known{Kinds: app.Kinds()}, fstest.MapFS{"tells.yaml": {Data: []byte(`id: tells
title: Tells
services: none
phases: [{id: go, steps: [{id: hello, uses: announce, with: {to: [deploys], people: [tech-lead]}}, {id: site, uses: probe.http, with: {url: "https://example.com"}}]}]
failure: {decide: tech-lead, message: failed, people: [tech-lead]}
messages: {hello: It begins., failed: "{failure.why}"}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	const file = `procedure: tells
roles: {tech-lead: [bob, rosa]}
start: {by: ana, at: 2026-03-06T10:00:00Z}
tests:
  - name: It fails twice
    do: {site: [{fails: timeout}, {fails: timeout}, succeeds], failure: [retry, retry]}
    expect: {end: complete, told: {deploys: [hello]}, direct: {bob: [hello, failed], rosa: [hello, failed]}}
  - {name: Nobody is told of a failure, expect: {direct: {bob: [hello, failed]}}}
`
	results, err := trial.Run(trial.Setting{Procedures: all, Language: language.Runtime{}}, "tells.test.yaml", []byte(file))
	if err != nil || len(results) != 2 {
		t.Fatal(results, err)
	}
	if len(results[0].Wrong) > 0 {
		t.Error(results[0])
	}
	if wrong := strings.Join(results[1].Wrong, "\n"); !strings.Contains(wrong, "direct: bob: no failed in its place; it was: hello") {
		t.Error(wrong)
	}
}

// What is wrong with a file of tests is said where it stands.
func TestMistakesInTestsHaveTheirPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ is, instead, says string }{
		{"sev1-announced: {nobody: 3d}", "sev1-announcd: {nobody: 3d}", `:23:10: there is no step "sev1-announcd"; did you mean "sev1-announced"?`},
		{"{fails: build-failed}", "{fails: bild-failed}", `:29:28: there is no failure of rollout "bild-failed"; did you mean "build-failed"?`},
		{"failure: [retry]", "failure: [retri]", `:29:64: there is no choice "retri"; did you mean "retry"?`},
		{"{after: 40m}", "{after: 40}", `:26:33: "40" is not a time such as 40m or 3d`},
		{"{after: 40m}", "{aftr: 40m}", `there is no key "aftr"`},
		{"kill: everywhere", "kill: often", `kill is "often"; it can be everywhere alone`},
		{"procedure: hotfix", "procedure: hotfx", `:3:12: there is no procedure "hotfx"; did you mean "hotfix"?`},
		{"tests:", "test:", `there is no key "test"`},
		{"in: {retailer: tangerine, environment: prod, channel: tangerine-deploys}", "in: tangerine", `:8:7: in must be a mapping with keys, not a single text; such as in: {retailer: NAME, environment: NAME, channel: NAME}`},
		{"in: {retailer: tangerine,", "environment: prod\n  in: {retailer: tangerine,", `:8:3: there is no key "environment" in start; it stands in in, such as in: {environment: NAME}`},
		{"approve: {bob: {after: 40m}, rosa: {after: 12m}}", "approve: rejects", `:26:19: an approve has no choice "rejects"; write request-changes, {fails: rejected}, or {after: 40m}`},
		{"{touched: false}", "{tuched: false}", `there is no output of schema "tuched"; did you mean "touched"?`},
		{"{touched: false}", "{touched: no}", `"no" is not what touched can be; write true or false`},
		{"pods: {fails: crash-loop}", "pods: {nobody: 3d}", `kubernetes.verify asks nobody; how long it takes is written such as {after: 3d}`},
		{"pods: {fails: crash-loop}", "planned-start: {fails: timeout}", `whether wait fails follows from what it says, and no test says it`},
		{"pods: {fails: crash-loop}", "post-mortem: {fails: timeout}", `post-mortem has no timeout, so that it is waited for; say for how long, such as {nobody: 3d}`},
		{"pods: {fails: crash-loop}", "pods: {succeeds: false}", `write how it fails, or that it succeeds`},
		{"expect: {approved_by: [rosa], end: complete}", "", `this test expects nothing, so that it shows nothing; add expect, such as expect: {end: complete}`},
		{"end: rolled-back", "end: done", `there is no end "done"; there are: complete, rolled-back, stopped, refused`},
		{"not_needed: [fits]", "not_needed: [fit]", `:33:45: there is no step "fit"; did you mean "fits"?`},
		{"{at_most: 30m}", "{at_mots: 30m}", `there is no key "at_mots" in took; did you mean "at_most"?`},
		{"severity: sev1", "severity: sev9", `:10:22: there is no option of severity "sev9"`},
		{"severity: sev1", "severiti: sev1", `:10:12: there is no input "severiti"; did you mean "severity"?`},
		{"told: {change: [failed", "told: {chnge: [failed", `there is no channel that it tells "chnge"; did you mean "change"?`},
		{"told: {change: [failed", "told: {change: [faild", `there is no message "faild"; did you mean "failed"?`},
		{"paged: [olga]", "paged: [bbo]", `there is no person here "bbo"; did you mean "bob"?`},
		{"hotfix-elsewhere: [lemon]", "hotfix-elsewher: [lemon]", `there is no procedure that it runs "hotfix-elsewher"; did you mean "hotfix-elsewhere"?`},
		{"tech-lead: [", "tech-laed: [", `there is no role in hotfix "tech-laed"; did you mean "tech-lead"?`},
		{"at: 2026-03-05T22:10:00Z", "at: 22:10", `:7:7: "22:10" is no moment`},
	} {
		_, err := tryText(t, c.is, c.instead)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: nothing says %q: %v", c.instead, c.says, err)
		}
	}
}

// What a test says that happens, and does not, shows nothing: it fails.
func TestWhatNeverHappensFailsATest(t *testing.T) {
	t.Parallel()
	results, err := tryText(t, "approve: {bob: {after: 40m}", "approve: {olga: {after: 40m}",
		"{fails: build-failed}, succeeds], failure: [retry]", "{fails: build-failed}, succeeds, succeeds], failure: [retry, stop]",
		"schema: {outputs: {touched: false}}", "schema: {outputs: {touched: false}}, fits: {after: 5m}")
	if err != nil {
		t.Fatal(err)
	}
	wrong := ""
	for _, r := range results {
		wrong += strings.Join(r.Wrong, "\n")
	}
	for _, says := range []string{
		"do: approve: olga: it never came to that", "do: rollout: it says what happens in 3 attempts, and there was 2",
		"do: fits: it never came to that", "do: failure: it says what is decided 2 times, and it came to 1",
	} {
		if !strings.Contains(wrong, says) {
			t.Errorf("nothing says %q: %s", says, wrong)
		}
	}
}

// Where nothing comes of what is decided, and where a start is refused, a test says so.
func TestATestThatCanNotEndEnds(t *testing.T) {
	t.Parallel()
	p, err := templates.Parse(templates.Known{Kinds: app.Kinds()}, "p.yaml", []byte("id: p\ntitle: P\nservices: none\ninputs: [{id: n, label: N, kind: number}]\nphases: [{id: a, steps: [{id: b, uses: confirm, deadline: now - hours(1)}]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	results, err := trial.Run(trial.Setting{Procedures: map[string]deployer.Procedure{"p": p}, Language: language.Runtime{}}, "p.test.yaml", []byte(`
procedure: p
tests:
  - {name: again and again, expect: {end: complete}}
  - {name: refused, start: {inputs: {n: many}}, expect: {end: refused, failed: [b]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"and nothing comes of it: It was not done by", "it was refused, so that nothing else can come of it"} {
		if wrong := strings.Join(results[i].Wrong, "\n"); !strings.Contains(wrong, want) {
			t.Errorf("%s: nothing says %q: %s", results[i].Name, want, wrong)
		}
	}
}

// eachService is a procedure that looks at each of its services, again by itself if that fails.
const eachService = `id: looks
title: Looks
services: many
unapproved: a test
phases: [{id: go, steps: [{id: smoke, uses: probe.http, retries: 2, each: services, with: {url: "https://{service}.example"}}, {id: once, uses: probe.http, with: {url: "https://x.example"}}, {id: ready, uses: confirm}]}]
`

// tryLooks runs a test of it.
func tryLooks(t *testing.T, test string) (string, error) {
	t.Helper()
	all, err := templates.Load(templates.Known{Kinds: app.Kinds()}, fstest.MapFS{"looks.yaml": {Data: []byte(eachService)}})
	if err != nil {
		t.Fatal(err)
	}
	text := "procedure: looks\nstart: {by: ana, services: {web: v2, api: v1}}\ntests:\n  - " + test + "\n"
	results, err := trial.Run(trial.Setting{Procedures: all, Language: language.Runtime{}}, "looks.test.yaml", []byte(text))
	out := ""
	for _, r := range results {
		out += r.String() + "\n"
	}
	return out, err
}

// What happens to nobody and nothing is a mistake, with what it was probably meant for.
func TestWhatHappensHappensToWhatIsThere(t *testing.T) {
	t.Parallel()
	for do, want := range map[string]string{
		"smoke: {wbe: {fails: timeout}}":       `looks.test.yaml:4:28: there is no member of smoke "wbe"; did you mean "web"?`,
		"smoke: {fials: timeout}":              `looks.test.yaml:4:28: there is no key "fials"; did you mean "fails"?`,
		"once: {web: {fails: timeout}}":        `looks.test.yaml:4:27: once is done once, so that nothing of it happens to "web" by itself; write once: {fails: timeout}, for one`,
		"ready: {anna: {after: 2m}}":           `looks.test.yaml:4:28: there is no member or person of ready "anna"; did you mean "ana"?`,
		"smoke: {fails: timeout, always: yes}": `looks.test.yaml:4:52: always is "yes"; it can be true or false`,
		"smoke: {web: {fails: timeout}}":       "",
		"ready: {ana: {after: 2m}}":            "",
	} {
		if _, err := tryLooks(t, "{name: A, do: {"+do+"}, expect: {end: complete}}"); want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v", do, err)
		}
	}
	if _, err := tryLooks(t, "{name: A, expect: {taps: {anna: 2}}}"); err == nil || !strings.Contains(err.Error(), `there is no person here "anna"; did you mean "ana"?`) {
		t.Error(err)
	}
	if _, err := tryLooks(t, "{name: A, expect: {taps: {ana: often}}}"); err == nil || !strings.Contains(err.Error(), `"often" is not how often somebody presses; write for example ana: 2`) {
		t.Error(err)
	}
}

// Retries use up what a test says of one attempt: that is said, and how it fails for good.
func TestAFailureThatRetriesUseUpIsSaid(t *testing.T) {
	t.Parallel()
	const fails, expect = "{name: A, do: {smoke: {web: {fails: timeout", ", failure: [stop]}, expect: {end: stopped, failed: [smoke]}}"
	out, err := tryLooks(t, fails+"}}"+expect)
	want := "note: of smoke 1 attempt failed, and it was tried again by itself (retries) until it went well; {fails: …, always: true} has it fail each time"
	if err != nil || !strings.Contains(out, want) {
		t.Error(err, out)
	}
	if out, err := tryLooks(t, fails+", always: true}}"+expect); err != nil || !strings.HasPrefix(out, "--- PASS") {
		t.Error(err, out)
	}
}

// A procedure is looked for beside its tests, and in the folder of the config, where a
// config among the tests is no procedure without a name.
func TestAProcedureIsFoundInTheFolderOfTheConfig(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	config, tests := filepath.Join(folder, "stationmaster.yaml"), filepath.Join(folder, "looks.test.yaml")
	for name, text := range map[string]string{
		config: "procedures: ./own\n", filepath.Join(folder, "own", "looks.yaml"): eachService,
		tests: "procedure: looks\nstart: {services: {web: v2}}\ntests: [{name: A, expect: {end: complete}}]\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if results, err := Try(config, tests); err != nil || len(results) != 1 || len(results[0].Wrong) > 0 {
		t.Error(results, err)
	}
	want := tests + `:1:12: there is no procedure "looks"; there are: closing, deployment, emergency-data-loss, hotfix, hotfix-elsewhere, house, product, release-train, …; it is looked for beside the tests, and with --config in the config’s folder of procedures`
	if _, err := Try("", tests); err == nil || err.Error() != want {
		t.Error(err)
	}
	for config, want := range map[string]string{
		"":     "These come with stationmaster; --config FILE lists those of the config’s folder too.",
		config: "Yours are in " + filepath.Join(folder, "own") + ".",
	} {
		if l, err := Open(config); err != nil || l.Where() != want {
			t.Errorf("%q: %q, %v", config, l.Where(), err)
		}
	}
}

// tryText runs the tests with one thing in the place of another, and others so.
func tryText(t *testing.T, is, instead string, more ...string) ([]trial.Result, error) {
	t.Helper()
	data, err := os.ReadFile(theTests)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), is, instead, 1)
	if text == string(data) {
		t.Fatalf("%s does not stand there", is)
	}
	text = strings.NewReplacer(more...).Replace(text)
	if !strings.Contains(is, "kill") {
		text, _, _ = strings.Cut(text, "  - name: The process dies") // which is the longest, and says nothing else
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
		n = slowtest.Runs(20, 300)
	}
	type walker struct {
		trial.Setting
		id string
	}
	var all []walker
	for _, e := range everyProcedure(t) {
		if !e.Procedure.Abstract {
			all = append(all, walker{e.setting(), e.Procedure.ID})
		}
	}
	examples, err := open("", "../../../templates/examples")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples.entries {
		if !e.BuiltIn {
			all = append(all, walker{examples.setting(), e.Procedure.ID})
		}
	}
	for i := range n {
		of := all[i%len(all)]
		if err := trial.Walk(of.Setting, of.id, uint64(i)); err != nil {
			t.Error(err)
		}
	}
}

// A test lets somebody ask for changes first, which is replied to; and an approval that
// is over is given again.
func TestApprovalsAreTriedWithRequestsAndTime(t *testing.T) {
	t.Parallel()
	all, err := templates.Load(templates.Known{Kinds: app.Kinds()}, fstest.MapFS{"agree.yaml": {Data: []byte(`id: agree
title: Agree
phases:
  - id: go
    steps:
      - {id: approve, uses: approve, with: {role: tech-lead, expires: 4h}}
      - {id: ready, uses: confirm}
      - {id: rollout, uses: rollout}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	results, err := trial.Run(trial.Setting{Procedures: all, Language: language.Runtime{}}, "agree.test.yaml", []byte(`procedure: agree
roles: {tech-lead: [bob]}
start: {by: ana, services: {web: v2}}
tests:
  - {name: Changes, do: {approve: request-changes}, expect: {end: complete, approved_by: [bob], taps: {bob: 2, ana: 2}}}
  - {name: In time, do: {ready: {nobody: 3h}}, expect: {end: complete, taps: {bob: 1}}}
  - {name: Too late, do: {ready: {nobody: 5h}}, expect: {end: complete, taps: {bob: 2}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(r.Wrong) > 0 {
			t.Error(r)
		}
	}
}
