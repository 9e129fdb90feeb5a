package app_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

const nightProcedure = `
id: night
title: A night
phases:
  - id: before
    title: Before
    steps:
      - {id: ready, title: All is ready, uses: confirm}
      - {id: approve, title: Tech lead approves, uses: approve, with: {role: tech-lead}}
      - {id: alone, title: Others are kept away, uses: lock, estimate: 100ms, with: {for: 2h, reason: A night, everything: true}}
      - {id: starting, title: It is starting, uses: announce, with: {message: starting, to: [deploys, change]}}
  - id: go
    title: Rollout
    steps:
      - {id: rollout, title: Roll out, uses: rollout, estimate: 100ms}
      - {id: pods, title: It runs, uses: kubernetes.verify, estimate: 100ms, with: {for: 1s}}
      - {id: complete, title: It is complete, uses: announce, with: {message: complete, to: [deploys, change]}}
failure: {decide: tech-lead, message: failed, to: [change, support]}
rollback:
  steps:
    - {id: back, title: Roll back, uses: rollout, estimate: 100ms}
    - {id: back-pods, title: The old one runs, uses: kubernetes.verify, estimate: 100ms, with: {for: 1s}}
    - {id: rolled-back, title: It is told, uses: announce, with: {message: rolled-back, to: [deploys, change]}}
messages:
  starting: "*It starts:* {what}."
  complete: "*It is done:* {what}."
  failed: "*A problem:* {what}. {failure.why}"
  rolled-back: "*Rolled back:* {what_back}."
`

// A drill goes through the real procedure, with the people who really answer: the way back
// as well. Nothing runs otherwise then, all that anybody reads says that it is a drill, a
// deployment of the same service begins and ends beside another drill, and none is counted
// as one.
func TestDrillTouchesNothingAndSaysSoEverywhere(t *testing.T) {
	slowtest.Only(t, "it plays two drills and a deployment")
	t.Parallel()
	tw := newAppFixture(t, plan{
		files: map[string]string{"procedures/night.yaml": nightProcedure},
		config: func(text string) string {
			return strings.Replace(text, "{short: developers}", "{night: developers}", 1)
		},
	})
	if said := tw.says("ana", "/deploy web v2 --procedure night --drill --fail rolout"); !strings.Contains(said, "Did you mean rollout?") {
		t.Errorf("of a step that there is not it says %q", said)
	}
	if said := tw.says("ana", "/deploy web v2 --procedure night --drill --fail ready"); !strings.Contains(said, "people do it") {
		t.Errorf("of a step that people do it says %q", said)
	}
	if said := tw.says("ana", "/deploy web v2 --procedure night --fail rollout"); !strings.Contains(said, "--drill") {
		t.Errorf("without a drill it says %q", said)
	}
	tw.starts("ana", "/deploy web v2 --procedure night --drill --fail rollout")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.shows("It fails here, as the drill was asked to.")
	tw.presses("bob", "Roll back")
	tw.shows("Nothing was touched.")
	tw.shows("Back after ")
	tw.quiet()
	for _, m := range tw.everything() {
		if !strings.HasPrefix(m.Text, "DRILL · ") || !strings.HasPrefix(shown(m), "DRILL · ") {
			t.Errorf("in %s stands %q: %q", m.Channel, m.Text, shown(m))
		}
	}
	if w := tw.runs("prod", "web"); w.tag() != "v1" {
		t.Errorf("it runs %s", w.tag())
	}
	if said := tw.says("bob", "/deploy rollback tangerine-1"); !strings.Contains(said, "was a drill") {
		t.Errorf("to go back of a drill says %q", said)
	}

	tw.starts("ana", "/deploy web v1 --procedure night --drill") // which runs already
	tw.shows("Waiting for ana: All is ready")
	if said := tw.says("ana", "/deploy web v1 --procedure night --drill"); !strings.Contains(said, "tangerine-2") {
		t.Errorf("of a second drill it says %q", said)
	}
	tw.starts("ana", "/deploy web v2 --procedure night")
	tw.shows("tangerine-3")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.shows("Complete.")
	if w := tw.runs("prod", "web"); w.tag() != "v2" {
		t.Errorf("it runs %s", w.tag())
	}
	for what, words := range map[string]string{"/deploy history web": "DRILL · web", "/deploy status": "DRILL · "} {
		if said := tw.says("ana", what); !strings.Contains(said, words) {
			t.Errorf("%s says %q", what, said)
		}
	}
	all := tw.deployments()
	d := all["tangerine-1"]
	if d.Status != deployer.RolledBack || !d.Drill.On || readout.RanWell(d, "web") != nil {
		t.Errorf("the first drill is %s: %+v", d.Status, d.Drill)
	}
	for _, s := range d.Steps {
		for _, e := range s.Effects {
			if e.Runner != deployer.DrillRunner {
				t.Errorf("%s was done by %s", e.Key, e.Runner)
			}
		}
	}
	if g := all["tangerine-3"].Targets[0].Good; g.State.Version != "v1" || g.By != "" {
		t.Errorf("what ran well before is %+v", g)
	}
}
