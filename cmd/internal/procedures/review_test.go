package procedures

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/review"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// reviewed is what is said of a procedure, one that loads.
func reviewed(t *testing.T, text string) []strict.Problem {
	t.Helper()
	entries, err := templates.List(templates.Known{Kinds: app.Kinds(), Folder: "procedures"}, fstest.MapFS{"good.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, e := range entries {
		if !e.BuiltIn {
			return review.Check(e.Procedure, e.Source)
		}
	}
	t.Fatal("it is not there")
	return nil
}

func good(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestNothingIsAskedForThatDoesNothing: neither a page nor a review speaks of what the
// program does not do.
func TestNothingIsAskedForThatDoesNothing(t *testing.T) {
	text := strings.Replace(good(t), "timeout: 30m, default: roll-back", "over: over", 1)
	text = strings.Replace(text, "defaults: {remind: [10m], escalate: {page: 30m}}", "defaults: {escalate: {page: 30m}}", 1)
	for _, f := range reviewed(t, text) {
		if !strings.Contains(f.Why, "nobody calls them again; add remind, or defaults") {
			t.Error(f)
		}
	}
	l, err := theLanguage()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"product", "hotfix", "deployment"} {
		e, err := l.find(id)
		if err != nil {
			t.Fatal(err)
		}
		page, err := l.page(e, Site{})
		for _, part := range []string{"paged;", "Nobody decides", "deputies", "Called in", "First button", "- Proceed", "again before the first step"} {
			if err != nil || strings.Contains(page, part) {
				t.Errorf("%s: %v, it says %q", id, err, part)
			}
		}
	}
}

// TestAnApprovalThatIsNotAskedSaysWhy: the else of a step, or of its phase, is that.
func TestAnApprovalThatIsNotAskedSaysWhy(t *testing.T) {
	for _, of := range []struct{ old, now string }{
		{"title: Approved, uses", "title: Approved, when: values.careful, else: It is harmless, uses"},
		{"title: Before\n", "title: Before\n    when: values.careful\n    else: It is harmless\n"},
	} {
		text := strings.Replace(good(t), of.old, of.now, 1)
		for _, f := range reviewed(t, text) {
			if text == good(t) || f.Code == "conditional-approval" {
				t.Error(of.now, f)
			}
		}
	}
}

func TestOfAGoodProcedureNothingIsSaid(t *testing.T) {
	for _, f := range reviewed(t, good(t)) {
		t.Error(f)
	}
}

// TestEachRuleFindsWhatItIsFor spoils the good procedure in one place, and wants what is said
// of that place.
func TestEachRuleFindsWhatItIsFor(t *testing.T) {
	whole := good(t)
	lines := strings.Split(whole, "\n")
	without := func(ids ...string) string { // the steps of those ids
		return strings.Join(slices.DeleteFunc(slices.Clone(lines), func(l string) bool {
			return slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(l, "{id: "+id+",") })
		}), "\n")
	}
	with := func(old, now string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("there is no %q to spoil", old)
		}
		return strings.Replace(whole, old, now, 1)
	}
	at := func(what string) int { // the line in which something stands
		return slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, what) }) + 1
	}
	before, back, _ := strings.Cut(whole, "rollback:\n")
	_, after, _ := strings.Cut(back, "after:\n")
	covered := map[string]bool{}
	for _, c := range []struct {
		code, text string
		line       int // 0: it is not looked at
		want       string
	}{
		{"four-eyes", strings.Replace(without("approve"), "uses: rollout, estimate: 5m", "uses: job.run, expect: x, how: x, with: {command: deploy}, estimate: 5m", 1), 0, "nobody but the requester has agreed"},
		{"conditional-approval", with("title: Approved, uses", "title: Approved, when: values.careful, uses"), at("{id: approve,"), "is asked only if values.careful"},
		{"conditional-approval", with("title: Before\n", "title: Before\n    when: values.careful\n"), at("{id: approve,") + 1, "is asked only if its phase is needed: values.careful"},
		{"no-proof", with("{id: pods, title: Well, uses: kubernetes.verify}", "{id: pods, title: Time, uses: wait, with: {for: 1m}}"), at("{id: rollout,"), "nothing after it proves"},
		{"no-proof", strings.Replace(without("back-pods"), "    - {id: restored, title: The schema is as before, uses: confirm, expect: It works}\n", "", 1), 0, "“Back” changes something"},
		{"no-rollback", before + "after:\n" + after, at("{id: rollout,"), "no rollback rolls back"},
		{"no-rollback", without("back-told"), at("{id: back,"), "nobody is told"},
		{"no-rollback", strings.Replace(without("back-pods"), "    - {id: restored, title: The schema is as before, uses: confirm, expect: It works}\n", "", 1), at("{id: back,"), "nothing proves"},
		{"no-rollback", with("failure: {decide: tech-lead, ", "failure: {"), at("{id: back,"), "nobody's to approve"},
		{"slow-rollback", with("estimate: 4m", "estimate: 40m"), at("{id: back,"), "takes about 40m, and the rollout 5m"},
		{"not-told", without("starting"), 0, "nobody is told that it begins"},
		{"not-told", without("complete"), 1, "nobody is told that it ends"},
		{"not-told", with("to: [deploys], timeout: 30m", "timeout: 30m"), at("failure:"), "nobody is told when a step fails"},
		{"no-decision", with("failure: {decide: tech-lead, ", "failure: {"), at("failure:"), "does not say who decides"},
		{"not-called", with("defaults: {remind: [10m], escalate: {page: 30m}}\n", ""), 0, "nobody calls them again"},
		{"no-time", with("title: Rolled out, uses: rollout, estimate: 5m, timeout: 15m", "title: Rolled out, uses: rollout, timeout: 15m"), at("{id: rollout,"), "has no estimate"},
		{"no-time", with("title: Rolled out, uses: rollout, estimate: 5m, timeout: 15m", "title: Rolled out, uses: rollout, estimate: 5m"), at("{id: rollout,"), "has no timeout"},
		{"no-time", with("uses: confirm, estimate: 5m, with", "uses: confirm, with"), at("{id: ready,"), "has no estimate"},
		{"no-expectation", with("uses: confirm, expect: It works", "uses: confirm"), at("{id: restored,"), "does not say what one sees"},
		{"no-how", with("uses: statuspage.schedule, how: Schedule it", "uses: statuspage.schedule"), at("{id: maintenance,"), "does not say how a person does it"},
		{"no-trouble", with("troubleshooting:\n  - {symptom: Anything, fix: Ask}\n", ""), 0, "troubleshooting"},
		{"no-prerequisite", strings.ReplaceAll(without("ready", "length"), " {steps.length.minutes}", ""), 0, "nothing is looked at or asked before"},
		{"not-watched", without("watch"), 1, "nothing is watched"},
		{"not-reviewed", without("review"), 1, "nobody looks back"},
		{"open-maintenance", strings.Replace(without("closed"), "  - {id: stopped-closed, title: Closed at last, uses: statuspage.complete, how: Close it, with: {message: page}}\n", "", 1), at("{id: maintenance,"), "left open at the end"},
		{"open-maintenance", strings.Replace(without("back-closed"), "  - {id: stopped-closed, title: Closed at last, uses: statuspage.complete, how: Close it, with: {message: page}}\n", "", 1), at("{id: maintenance,"), "left open by the rollback"},
		{"open-maintenance", without("stopped-closed"), at("{id: maintenance,"), "left open by a stop"},
		{"migration", without("backup"), 0, "nothing says that it was backed up"},
		{"migration", without("restored"), at("{id: migrate,"), "the rollback says nothing of it"},
		{"named-site", with("when: values.careful", `when: retailer.name == "tangerine"`), at("{id: length,"), "names a retailer"},
		{"asked-after-approval", strings.Replace(without("approve"), "      - {id: length,", "      - {id: approve, title: Approved, uses: approve, with: {role: tech-lead}}\n      - {id: length,", 1), 0, "was answered after the approval"},
		{"input", with("label: Risk, ", ""), at("{id: risk,"), "has no label"},
		{"input", with("inputs:\n", "inputs:\n  - {id: never, label: Never}\n"), 0, `nothing uses the input "never"`},
		{"about", with("about: Where nothing would be missed.\n", ""), 1, "when to use it"},
		{"about", with("owner: team-web\n", ""), 1, "nobody keeps it right"},
	} {
		t.Run(fmt.Sprint(c.code, " ", c.want), func(t *testing.T) {
			found := reviewed(t, c.text)
			i := slices.IndexFunc(found, func(p strict.Problem) bool {
				return p.Code == c.code && strings.Contains(p.Why, c.want) && (c.line == 0 || p.Line == c.line)
			})
			if i < 0 {
				t.Fatalf("it says nothing of it in line %d: %v", c.line, found)
			}
			if p := found[i]; p.File != "procedures/good.yaml" || p.Hint == "" {
				t.Errorf("%v, without its file or why it matters", p)
			}
			covered[c.code] = true
		})
	}
	for _, code := range review.Codes() {
		if !covered[code] {
			t.Errorf("no test spoils a procedure for %s", code)
		}
	}
}
