package report_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
	"github.com/stationmaster/stationmaster/deployer/report"
)

// well is a deployment that went well.
func well(t *testing.T) *fixture {
	f := start(t, procedure(), "web", "api").approved()
	f.runs("smoke", deployer.Outcome{Result: deployer.OK, Why: "200 in 30 ms", Outputs: deployer.Values{"status": {Number: 200}}})
	f.runs("rollout/web", deployer.Outcome{Result: deployer.OK, Remark: "An old pod still ends."})
	return f.runs("rollout/api", deployer.Outcome{Result: deployer.OK, State: deployer.State{Version: "v2"}}).announced()
}

// badly is one with a failure that is skipped, and one that is rolled back.
func badly(t *testing.T) *fixture {
	f := start(t, procedure(), "web").approved()
	f.runs("smoke", deployer.Outcome{Result: deployer.Failed, Kind: "not-well", Why: "503", Detail: "GET /health\n```\ntoken: abcdef123456"})
	f.says(bob, "smoke", deployer.ChoiceRetry, "once more")
	f.runs("smoke", deployer.Outcome{Result: deployer.Failed, Kind: "not-well", Why: "503 again"})
	f.says(rosa, "smoke", deployer.ChoiceSkip, "known, <b>CHG-2</b>")
	f.runs("rollout/web", deployer.Outcome{Result: deployer.Failed, Why: "app is in CrashLoopBackOff", Detail: "panic: no database\n\ngoroutine 1"})
	f.says(bob, "rollout", deployer.ChoiceRollBack, "clients can't order")
	return f.runs("back/web", deployer.Outcome{Result: deployer.OK})
}

// byHand is one whose systems are not there.
func byHand(t *testing.T) *fixture {
	p := procedure()
	p.Steps[3].Hand, p.Steps[3].Fields = true, []deployer.Input{{ID: "status", Label: "Status", Kind: deployer.InputNumber, Required: true}}
	p.Steps[4].Hand = true
	f := start(t, p, "web").approved()
	f.does(bob, deployer.Answer{Step: "smoke", Attempt: 1, Choice: deployer.ChoiceDone, Values: map[string]string{"status": "200"}})
	return f.says(ana, "rollout", deployer.ChoiceDone, "kubectl said so").announced()
}

// takenOver is one that somebody takes over: they do by hand what has failed, and bring
// what is wanted.
func takenOver(t *testing.T) *fixture {
	f := start(t, procedure(), "web").approved()
	f.runs("smoke", deployer.Outcome{Result: deployer.Failed, Kind: "not-well", Why: "503"})
	f.does(bob, deployer.Answer{Choice: deployer.ChoiceTakeOver, Comment: "it is <mine> now"})
	f.says(bob, "smoke", deployer.ChoiceByHand, "asked it from inside | 200")
	f.does(bob, deployer.Answer{Choice: deployer.ChoiceHandBack})
	d := f.deployment()
	f.by(deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Target("web").After}})
	return f.announced()
}

// voided is one whose approval is about something else in the end, and is given again.
func voided(t *testing.T) *fixture {
	f := start(t, procedure(), "web").approved()
	f.runs("smoke", deployer.Outcome{Result: deployer.OK})
	f.by(deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "v1.1", Image: "registry.example/web:v1.1"}}})
	f.says(bob, "approve", deployer.ChoiceApprove, "")
	return f.runs("rollout/web", deployer.Outcome{Result: deployer.OK}).announced()
}

// lapsed is one whose approval was carried over and is over before anything has begun, and
// given again after changes.
func lapsed(t *testing.T) *fixture {
	p := procedure()
	p.Steps[1].With = deployer.Values{"role": {Text: "tech-lead"}, "expires": {Duration: 4 * time.Hour}, "carry_over": {Duration: 24 * time.Hour}}
	f := begin(t, p, func(s *deployer.Start) {
		s.Earlier = []deployer.EarlierApproval{{Deployment: "tangerine-0", Step: "approve", By: bob, At: tenPM.Add(-time.Hour), Images: map[string]string{"web": "web:v2@sha256:2 "}}}
	}, "web")
	d := f.deployment()
	targets := deployertest.TargetsByTag(d)
	targets[0].After.Image = "web:v2@sha256:2"
	f.does(deployer.Actor{}, deployer.Resolve{Targets: targets}).says(ana, "control", deployer.ChoiceDone, "")
	f.now = f.now.Add(4 * time.Hour)
	f.by(deployer.Advance{}).says(rosa, "approve", deployer.ChoiceChanges, "The ticket | is missing")
	f.says(ana, "approve", deployer.ChoiceReply, "It is CHG-2").says(rosa, "approve", deployer.ChoiceApprove, "")
	f.runs("smoke", deployer.Outcome{Result: deployer.OK})
	return f.runs("rollout/web", deployer.Outcome{Result: deployer.OK}).announced()
}

// drilled is a drill.
func drilled(t *testing.T) *fixture {
	f := begin(t, procedure(), func(s *deployer.Start) { s.Drill = deployer.Drill{On: true, Fail: []string{"smoke", "back"}} }, "web")
	f.does(deployer.Actor{}, deployer.Resolve{Targets: deployertest.TargetsByTag(f.deployment())}).approved()
	f.runs("smoke", deployer.Outcome{Result: deployer.OK, Why: "Simulated."})
	return f.runs("rollout/web", deployer.Outcome{Result: deployer.OK, Why: "Simulated."}).announced()
}

// What is exported reads as in its files.
func TestReportsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(*testing.T) *fixture
		ends deployer.Status
	}{
		"well": {well, deployer.Complete}, "rolled-back": {badly, deployer.RolledBack},
		"by-hand": {byHand, deployer.Complete}, "voided": {voided, deployer.Complete}, "lapsed": {lapsed, deployer.Complete}, "drill": {drilled, deployer.Complete},
		"taken-over": {takenOver, deployer.Complete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := c.make(t)
			if is := f.deployment().Status; is != c.ends {
				t.Errorf("it is %s, want %s", is, c.ends)
			}
			h := f.history()
			for format, end := range map[report.Format]string{report.JSONLines: ".jsonl", report.CSV: ".csv", report.Markdown: ".md"} {
				got := written(t, format, h)
				if !bytes.Equal(got, written(t, format, c.make(t).history())) {
					t.Errorf("the same deployment comes to another %s", format)
				}
				goldentest.Compare(t, filepath.Join("testdata", name+end), got)
			}
		})
	}
}
