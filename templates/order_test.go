package templates_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
)

// parse loads a procedure that is in order.
func parse(t interface {
	Helper()
	Fatal(...any)
}, text string) deployer.Procedure {
	t.Helper()
	p, err := templates.Parse(known, "test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const sideBySide = `
id: hot
title: Hotfix
phases:
  - id: prepare
    steps:
      - {id: approve, uses: approve, with: {role: tech-lead}}
      - {id: told, uses: confirm, needs: []}
  - id: go
    steps:
      - {id: rollout, uses: rollout}
      - {id: pods, uses: kubernetes.verify, needs: []}
      - {id: health, uses: confirm, needs: [rollout]}
      - {id: soak, uses: wait, with: {for: 1m}, needs: [approve]}
      - {id: agree, uses: confirm}
      - {id: seen, uses: confirm, needs: [health, rollout, told]}
  - id: close
    steps:
      - {id: close, uses: confirm}
      - {id: after, uses: confirm}
rollback:
  steps:
    - {id: back, uses: rollout}
    - {id: back-told, uses: confirm, needs: []}
    - {id: back-over, uses: confirm}
`

// A phase begins when the one before it is done as a whole, whatever stands side
// by side in it, and a step waits for all above it.
func TestPhasesAreBarriers(t *testing.T) {
	t.Parallel()
	p := parse(t, sideBySide)
	want := map[string]string{
		"approve": "", "told": "",
		"rollout": "approve told", "pods": "approve told", "health": "rollout", "soak": "approve told", "agree": "pods health soak",
		"seen": "health", "close": "agree seen", "after": "close",
		"back": "", "back-told": "", "back-over": "back back-told",
	}
	for _, s := range slices.Concat(p.Steps, p.Rollback) {
		if got := strings.Join(s.Needs, " "); got != want[s.ID] {
			t.Errorf("%s waits for %q, not for %q", s.ID, got, want[s.ID])
		}
	}
}

// With a confirmation beside the approval, the rollout of the next phase does
// not begin before both.
func TestRolloutOfTheNextPhaseWaitsForTheApproval(t *testing.T) {
	t.Parallel()
	ana := deployer.Actor{ID: "UANA", Name: "Ana"}
	d := deployer.Deployment{}
	do := func(by deployer.Actor, c deployer.Command) {
		t.Helper()
		events, err := deployer.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: time.Now(), ID: "t-1"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		d = deployer.Fold(d, events...)
	}
	do(ana, deployer.Start{Origin: "o", Site: deployer.Site{Name: "t", Environment: "prod"}, Procedure: parse(t, sideBySide), Releases: []deployer.Release{{Service: "web", Tag: "v2"}}})
	do(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: deployer.State{Image: "v1"}, After: deployer.State{Image: "v2"}}}})
	do(ana, deployer.Answer{Step: "told", Attempt: 1, Choice: deployer.ChoiceDone})
	if wanted := deployer.Next(d, time.Now()).Effects; d.Step("told").Status != deployer.Done || len(wanted) > 0 {
		t.Errorf("told is %s, and without an approval it wants %+v", d.Step("told").Status, wanted)
	}
}

// Whatever is written, a step waits, directly or not, for just what the language
// says, and names nobody twice: neither directly nor by way of another one.
func TestOrderIsThatOfTheLanguage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		text.WriteString("id: p\ntitle: P\nphases:\n")
		wants := map[string]map[string]bool{} // all that a step waits for
		var earlier []string
		for p := range rapid.IntRange(1, 4).Draw(t, "phases") {
			fmt.Fprintf(&text, "  - id: p%d\n    steps:\n", p)
			var above []string
			for range rapid.IntRange(1, 5).Draw(t, "steps") {
				id := fmt.Sprintf("s%d", len(wants))
				fmt.Fprintf(&text, "      - {id: %s, uses: confirm", id)
				direct := above
				if rapid.Bool().Draw(t, "named") {
					direct = rapid.SliceOfNDistinct(rapid.SampledFrom(append(slices.Concat(earlier, above), "")), 0, 3, rapid.ID).Draw(t, "needs")
					direct = slices.DeleteFunc(direct, func(id string) bool { return id == "" })
					fmt.Fprintf(&text, ", needs: [%s]", strings.Join(direct, ", "))
				}
				text.WriteString("}\n")
				wants[id] = map[string]bool{}
				for _, n := range slices.Concat(earlier, direct) {
					wants[id][n] = true
					for further := range wants[n] {
						wants[id][further] = true
					}
				}
				above = append(above, id)
			}
			earlier = append(earlier, above...)
		}
		got := map[string]map[string]bool{}
		for _, s := range parse(t, text.String()).Steps {
			got[s.ID] = map[string]bool{}
			for _, n := range s.Needs {
				if got[s.ID][n] {
					t.Errorf("%s names %s, although it waits for it anyway", s.ID, n)
				}
				for further := range got[n] {
					if slices.Contains(s.Needs, further) {
						t.Errorf("%s names %s, which %s waits for", s.ID, further, n)
					}
					got[s.ID][further] = true
				}
				got[s.ID][n] = true
			}
			if fmt.Sprint(got[s.ID]) != fmt.Sprint(wants[s.ID]) {
				t.Errorf("%s waits for %v, not for %v, in\n%s", s.ID, got[s.ID], wants[s.ID], text.String())
			}
		}
	})
}

// many is a procedure of phases that are that wide, of steps side by side or one
// below the other.
func many(phases, wide int, needs string) string {
	var text strings.Builder
	text.WriteString("id: p\ntitle: P\nphases:\n")
	for p := range phases {
		fmt.Fprintf(&text, "  - id: p%d\n    steps:\n", p)
		for s := range wide {
			fmt.Fprintf(&text, "      - {id: s%d-%d, uses: confirm%s}\n", p, s, needs)
		}
	}
	return text.String()
}

// A procedure of 500 steps is small: a step names few others.
func TestLongProcedureStaysSmall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		most int
	}{
		"one below the other":       {many(1, 500, ""), 499},
		"in phases":                 {many(50, 10, ""), 499},
		"ten side by side":          {many(50, 10, ", needs: []"), 4900},
		"all side by side, and one": {many(1, 500, ", needs: []") + "  - {id: end, steps: [{id: end, uses: confirm}]}\n", 500},
	} {
		n := 0
		for _, s := range parse(t, test.text).Steps {
			n += len(s.Needs)
		}
		if n > test.most {
			t.Errorf("%s: steps name others %d times", name, n)
		}
	}
	_, err := templates.Parse(known, "test.yaml", []byte(many(2, 150, ", needs: []")))
	if err == nil || !strings.Contains(err.Error(), "put one step that waits for all") || strings.Contains(err.Error(), "\n") {
		t.Errorf("150 after 150: %v", err)
	}
}

// What deploys has an approve above it, or the procedure says why not.
func TestDeployingNeedsAnApprovalOrAReason(t *testing.T) {
	t.Parallel()
	rollout := "phases: [{id: go, steps: [{id: rollout, uses: rollout}]}]\n"
	if p := parse(t, "id: p\ntitle: P\nunapproved: it is a toy\n"+rollout); p.Unapproved != "it is a toy" {
		t.Errorf("unapproved: %q", p.Unapproved)
	}
	approved := "phases: [{id: a, steps: [{id: approve, uses: approve, with: {role: tech-lead}}]}, {id: go, steps: [{id: rollout, uses: rollout, needs: []}]}]\n"
	if p := parse(t, "id: p\ntitle: P\n"+approved+"rollback: {steps: [{id: back, uses: rollout}]}\n"); p.Unapproved != "" {
		t.Errorf("unapproved: %q", p.Unapproved)
	}
}

// Nothing waits for what goes on in the background, so that a step that says it does would
// begin without it; and what deploys stands where somebody has agreed to it.
func TestStepsThatWouldBeginUnasked(t *testing.T) {
	t.Parallel()
	background := "{id: asked, uses: confirm, background: true}"
	go1 := "{id: go, parallel: true, steps: ["
	rollout := "phases: [{id: go, steps: [{id: approve, uses: approve, with: {role: tech-lead}}, {id: rollout, uses: rollout}, {id: pods, uses: kubernetes.verify}]}]\n"
	for text, want := range map[string]string{
		"phases: [" + go1 + background + ", {id: next, needs: [asked], uses: confirm}]}]":                                              `"asked" says background: true, so that nothing waits for it`,
		"phases: [" + go1 + background + "]}, {id: then, steps: [{id: next, needs: [asked], uses: confirm}]}]":                         `"asked" says background: true, so that nothing waits for it`,
		"phases: [" + go1 + background + ", {id: next, needs: [asked], uses: confirm, background: true}, {id: last, uses: confirm}]}]": "",
		"phases: [" + go1 + "{id: next, needs: [asked], uses: confirm}, " + background + "]}]":                                         `"asked" says background: true, so that nothing waits for it`,
		rollout + "after: [{id: again, uses: rollout, in: 1h}]":                                                                        `"again" deploys, and after the end its place is free`,
		rollout + "failure: {steps: [{id: again, uses: rollout}]}":                                                                     `"again" deploys, and the steps of failure begin before anybody has decided`,
		rollout + "rollback: {steps: [{id: again, uses: rollout}]}":                                                                    "",
	} {
		_, err := templates.Parse(known, "test.yaml", []byte("id: p\ntitle: P\n"+text+"\n"))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s\n%v, want %q", text, err, want)
		}
	}
}
