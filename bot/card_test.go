package bot

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a message with the file that people have read.
func golden(t *testing.T, name, text string, blocks []slack.Block) {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(map[string]any{"text": text, "blocks": blocks}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), buf.String()); diff != "" {
		t.Errorf("%s (-file +now; go test -run %s -update if that is what it should say):\n%s", path, t.Name(), diff)
	}
}

// A scene is a state of a card.
type scene struct {
	name     string
	d        deployer.Deployment
	progress map[string]deployer.Progress
	now      time.Time
	guide    guide
}

const web, orders, stock = "decanting-service", "orders", "stock"

const crash = "app is in CrashLoopBackOff, exit code 1"

// scenes are the states that a card can be in.
func scenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *night, progress map[string]deployer.Progress) {
		out = append(out, scene{name: name, d: n.d(), progress: progress, now: n.time, guide: noted})
	}
	up := func(updated, available, old int) map[string]deployer.Progress {
		return map[string]deployer.Progress{"rollout/" + web: {Total: 6, Updated: updated, Ready: available, Available: available, Old: old}}
	}
	add("resolving", newNight(t, startOf(web)), nil)
	add("resolving-two", newNight(t, startOf(web, orders)), nil)
	confirm := newNight(t, startOf(web)).resolved(targetsOf(web)...)
	add("confirm", confirm, nil)
	add("approve", confirm.does(ana, deployer.Confirm{Step: "control", Attempt: 1}), nil)
	add("announcing", confirm.does(rosa, deployer.Approve{Step: "approve", Attempt: 1, Subject: confirm.d().Subject().Hash()}), nil)
	add("rollout-begins", rollingOut(t, web), nil)
	add("rollout", rollingOut(t, web), up(4, 3, 3))
	slow := rollingOut(t, web)
	slow.time = slow.time.Add(10 * time.Minute)
	add("rollout-slow", slow, up(6, 6, 2))
	add("soak", rollingOut(t, web).ends("rollout/"+web, deployer.OK, "", "").begins("pods", web).ends("pods/"+web, deployer.OK, "", ""), nil)
	add("failed", failedNight(t), nil)
	add("check-failed", rollingOut(t, web).ends("rollout/"+web, deployer.OK, "", "").begins("pods", web).
		ends("pods/"+web, deployer.Failed, "1 of 6 pods restarts.", ""), nil)
	add("unclear", rollingOut(t, web).ends("rollout/"+web, deployer.Interrupted, "Somebody else has changed it to 24-02-06.1 meanwhile.", ""), nil)
	add("stopping", rollingOut(t, web).does(ana, deployer.Stop{Reason: "wrong tag"}), up(4, 3, 3))
	add("stopped-untouched", newNight(t, startOf(web)).resolved(targetsOf(web)...).does(bob, deployer.Stop{}), nil)
	add("stopped", failedNight(t).does(bob, deployer.Stop{Reason: "the fix comes tomorrow"}), nil)
	add("rejected", confirmedNight(t).does(bob, deployer.Reject{Step: "approve", Attempt: 1, Reason: "not tonight"}), nil)
	back := failedNight(t).does(bob, deployer.RollBack{Reason: "customers wait"})
	add("rolling-back", back.begins("back", web), map[string]deployer.Progress{"back/" + web: {Total: 6, Updated: 2, Available: 5, Old: 4}})
	add("rolled-back", back.ends("back/"+web, deployer.OK, "", "").begins("back-pods", web).ends("back-pods/"+web, deployer.OK, "", ""), nil)
	add("complete", completeNight(t), nil)
	out = append(out, linkedScenes(t)...)
	return append(out, several(t)...)
}

// linkedScenes are states where the config knows more than names, and where
// time has passed.
func linkedScenes(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *night) {
		out = append(out, scene{name: name, d: n.d(), now: n.time, guide: handbook})
	}
	start := startOf(web)
	start.Inputs["ticket"] = "CHG-1234"
	add("linked", newNight(t, start).resolved(targetsOf(web)...).does(ana, deployer.Confirm{Step: "control", Attempt: 1}))
	start = startOf(web)
	start.Inputs["ticket"] = "https://tickets.example/CHG/1234?view=all&x=1"
	add("linked-input", newNight(t, start).resolved(targetsOf(web)...))
	add("linked-services", rollingOut(t, web, orders))

	start = startOf(web)
	start.Planned = tenPM.Add(26 * time.Hour)
	start.Procedure.Steps = slices.Insert(start.Procedure.Steps, 2, deployer.Step{
		ID: "planned-start", Title: "The planned start", Uses: deployer.KindWait, Until: deployer.UntilPlanned, Needs: []string{"approve"},
	})
	start.Procedure.Steps[3].Needs = []string{"planned-start"}
	planned := newNight(t, start).resolved(targetsOf(web)...)
	add("planned", planned)
	add("planned-waiting", planned.approved())

	late := confirmedNight(t)
	late.time = late.time.Add(9 * time.Minute)
	add("reminded", late.engine(deployer.Remind{Step: "approve", Attempt: 1}))
	late.time = late.time.Add(20 * time.Minute)
	add("reminded-last", late.engine(deployer.Remind{Step: "approve", Attempt: 1}))
	return append(out, scene{name: "waived", d: waivedNight(t).d(), now: tenPM, guide: noted})
}

// waivedNight is one whose last check failed and was skipped.
func waivedNight(t testing.TB) *night {
	n := rollingOut(t, web).ends("rollout/"+web, deployer.OK, "", "").begins("pods", web).
		ends("pods/"+web, deployer.Failed, "ERROR in the log of app: 3 lines", "")
	n.does(bob, deployer.Skip{Step: "pods", Attempt: 1, Reason: "log noise that we know"})
	n.time = n.time.Add(5 * time.Minute)
	return n.engine(deployer.Elapse{Step: "soak", Attempt: 1}).announced("complete")
}

func confirmedNight(t testing.TB) *night {
	return newNight(t, startOf(web)).resolved(targetsOf(web)...).does(ana, deployer.Confirm{Step: "control", Attempt: 1})
}

func failedNight(t testing.TB) *night {
	return rollingOut(t, web).ends("rollout/"+web, deployer.Failed, crash, "boom\npanic: no database").
		engine(deployer.Intend{Key: "rollout/" + web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		ends("rollout/"+web+"/pause", deployer.OK, "", "")
}

func completeNight(t testing.TB) *night {
	n := rollingOut(t, web).ends("rollout/"+web, deployer.OK, "", "").begins("pods", web).ends("pods/"+web, deployer.OK, "6 pods, healthy for 5 min", "")
	n.time = n.time.Add(5 * time.Minute)
	return n.engine(deployer.Elapse{Step: "soak", Attempt: 1}).announced("complete")
}

// several are states with more services, steps, and approvals than one.
func several(t testing.TB) []scene {
	var out []scene
	add := func(name string, n *night, progress map[string]deployer.Progress) {
		out = append(out, scene{name: name, d: n.d(), progress: progress, now: n.time, guide: noted})
	}
	tagged := targetsOf(web, orders, stock)
	tagged[1].After.Image = "registry.example/orders:24-02-05.619-hotfix.627"
	tagged[2].After, tagged[2].Live = tagged[2].Before, true
	services := newNight(t, startOf(web, orders, stock)).resolved(tagged...)
	add("services-confirm", services, nil)
	services.approved().announced("starting").begins("rollout", web).begins("rollout", orders)
	add("services-rollout", services, map[string]deployer.Progress{
		"rollout/" + web: {Total: 6, Updated: 4, Available: 3}, "rollout/" + orders: {Total: 2, Updated: 2, Available: 2, Old: 1},
	})
	services.ends("rollout/"+web, deployer.OK, "", "").ends("rollout/"+orders, deployer.Failed, crash, "").
		engine(deployer.Intend{Key: "rollout/orders/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		ends("rollout/orders/pause", deployer.OK, "", "")
	add("services-failed", services, nil)
	services.does(bob, deployer.RollBack{}).begins("back", orders).ends("back/orders", deployer.OK, "", "")
	for _, s := range []string{web, orders} {
		services.begins("back-pods", s).ends("back-pods/"+s, deployer.OK, "", "")
	}
	add("services-rolled-back", services, nil)

	start := startOf(web)
	start.Procedure.Steps[1].Count = 2
	start.Procedure.Steps[1].Needs = nil
	sideways := newNight(t, start).resolved(targetsOf(web)...)
	sideways.does(bob, deployer.Approve{Step: "approve", Attempt: 1, Subject: sideways.d().Subject().Hash()})
	add("side-by-side", sideways, nil)

	voided := newNight(t, startOf(web)).resolved(targetsOf(web)...).approved().announced("starting").
		engine(deployer.Intend{Key: "rollout/" + web, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "24-02-06.1", Image: "other"}}})
	add("approval-voided", voided, nil)
	return out
}

func TestCards(t *testing.T) {
	for _, s := range scenes(t) {
		t.Run(s.name, func(t *testing.T) {
			text, blocks := drawCard(s.d, s.progress, s.guide, s.now)
			golden(t, filepath.Join("card", s.name), text, blocks)
		})
	}
}

// The buttons are the contract's, and only those that make sense now.
func TestButtonsOfEveryState(t *testing.T) {
	want := map[string]string{
		"resolving": "Stop", "resolving-two": "Stop", "confirm": "Done Stop", "approve": "Approve Reject Stop", "announcing": "Stop",
		"rollout-begins": "Stop", "rollout": "Stop", "rollout-slow": "Stop", "soak": "Stop",
		"check-failed": "Check again, Retry, Skip, Roll back, Stop",
		"failed":       "Check again, Retry, Roll back, Stop", "unclear": "Check again, Retry, Roll back, Stop",
		"stopping": "", "stopped-untouched": "", "stopped": "", "rejected": "", "rolling-back": "Stop", "rolled-back": "", "complete": "",
		"services-confirm": "Done Stop", "services-rollout": "Stop", "services-failed": "Check again, Retry, Roll back, Stop",
		"services-rolled-back": "", "planned": "Done Stop", "planned-waiting": "Stop", "linked": "Approve Reject Stop", "linked-input": "Done Stop", "linked-services": "Stop", "reminded": "Approve Reject Stop",
		"reminded-last": "Approve Reject Stop", "waived": "",
		"side-by-side": "Done Approve Reject Stop", "approval-voided": "Approve Reject Stop",
	}
	for _, s := range scenes(t) {
		_, blocks := drawCard(s.d, s.progress, s.guide, s.now)
		var labels []string
		for _, b := range buttonsOf(blocks) {
			labels = append(labels, b.Text.Text)
			if v, err := decodeValue(b.Value); err != nil || v.Deployment != s.d.ID {
				t.Errorf("%s: the button %s carries %q: %v", s.name, b.Text.Text, b.Value, err)
			}
		}
		if got, want := strings.Join(labels, " "), strings.ReplaceAll(want[s.name], ",", ""); got != want {
			t.Errorf("%s has the buttons %q, want %q", s.name, got, want)
		}
	}
}

func buttonsOf(blocks []slack.Block) []*slack.ButtonBlockElement {
	var out []*slack.ButtonBlockElement
	for _, b := range blocks {
		if a, ok := b.(*slack.ActionBlock); ok {
			for _, e := range a.Elements.ElementSet {
				out = append(out, e.(*slack.ButtonBlockElement))
			}
		}
	}
	return out
}

// What a button carries is accepted by the core: the step, the attempt, and
// the hash of what is approved.
func TestApproveButtonNamesItsSubject(t *testing.T) {
	n := confirmedNight(t)
	_, blocks := drawCard(n.d(), nil, noted, n.time)
	for _, b := range buttonsOf(blocks) {
		v, err := decodeValue(b.Value)
		if err != nil {
			t.Fatal(err)
		}
		if b.ActionID == verbApprove {
			n.does(bob, deployer.Approve{Step: v.Step, Attempt: v.Attempt, Subject: v.Subject})
		}
	}
	d := n.d()
	if s := d.Step("approve"); s.Status != deployer.Done {
		t.Errorf("the approval is %s", s.Status)
	}
}

// An old client that kept the buttons of an earlier state would act on it.
// The row's id changes with the state, and not with progress.
func TestButtonRowsChangeWithTheState(t *testing.T) {
	row := func(d deployer.Deployment, p map[string]deployer.Progress) string {
		_, blocks := drawCard(d, p, noted, tenPM)
		for _, b := range blocks {
			if a, ok := b.(*slack.ActionBlock); ok {
				return a.BlockID
			}
		}
		return ""
	}
	n := rollingOut(t, web)
	one, two := row(n.d(), nil), row(n.d(), map[string]deployer.Progress{"rollout/" + web: {Total: 6, Updated: 1}})
	if one != two {
		t.Errorf("progress changed the row from %s to %s", one, two)
	}
	n.ends("rollout/"+web, deployer.Failed, crash, "")
	if three := row(n.d(), nil); three == one {
		t.Errorf("the row is %s before and after the failure", three)
	}
}

// The passing of time alone must not edit a card.
func TestTimeAloneChangesNothing(t *testing.T) {
	n := confirmedNight(t)
	_, before := drawCard(n.d(), nil, noted, n.time)
	_, after := drawCard(n.d(), nil, noted, n.time.Add(7*time.Hour))
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeValueRefusesWhatIsNotOurs(t *testing.T) {
	for _, s := range []string{"", "x", "{}", "[]", `{"d":1}`} {
		if v, err := decodeValue(s); err == nil {
			t.Errorf("decodeValue(%q) = %+v", s, v)
		}
	}
	want := buttonValue{Deployment: "tangerine-1", Step: "a", Attempt: 2, Subject: "h"}
	if got, err := decodeValue(want.encode()); err != nil || got != want {
		t.Errorf("decodeValue(encode) = %+v, %v", got, err)
	}
}

func Example_span() {
	for _, d := range []time.Duration{0, 40 * time.Second, time.Minute, 99 * time.Minute, 112 * time.Minute, 2 * time.Hour} {
		fmt.Print(span(d), "; ")
	}
	// Output: 0 s; 40 s; 1 min; 99 min; 1 h 52 min; 2 h;
}

// What is half way when it is stopped says so, and how to go back; a rollback
// that is proven is not called half way; and nobody reads a digest whole.
func TestStopTellsWhatIsLeft(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	n := rollingOut(t, web).ends("rollout/"+web, deployer.Failed, "can't get its image: r/web@"+digest+": not found.", "").
		engine(deployer.Intend{Key: "rollout/" + web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).
		ends("rollout/"+web+"/pause", deployer.OK, "", "").does(ana, deployer.Stop{})
	text, _ := drawCard(n.d(), nil, noted, n.time)
	state := card{guide: noted, d: n.d(), now: n.time, cardBudget: cardBudgets[0]}.state()
	contains(t, state, "*Stopped by Ana.*", "r/web@sha256:0123456789ab…: not found", "To go back: `/deploy rollback "+web+" --env prod`")
	if strings.Contains(text+state, digest) {
		t.Errorf("the digest is there whole: %s", state)
	}
}

// Stopping a rollback that is half way says so; one that is done is called done.
func TestStopOfARollback(t *testing.T) {
	step := func(uses string, s deployer.StepStatus) deployer.StepState {
		return deployer.StepState{Step: deployer.Step{Uses: uses}, Back: true, Status: s}
	}
	for want, steps := range map[string][]deployer.StepState{
		"It may be half way: web.":       {step(deployer.KindRollout, deployer.Done), step("kubernetes.verify", deployer.Active)},
		"The rollback is done and stays": {step(deployer.KindRollout, deployer.Done), step("kubernetes.verify", deployer.Done), step(deployer.KindConfirm, deployer.Active)},
	} {
		c := card{guide: noted, d: deployer.Deployment{Status: deployer.Running, Back: true, RollbackServices: []string{"web"}, Steps: steps}}
		contains(t, c.halt(), want)
	}
}
