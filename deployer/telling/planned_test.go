package telling_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func planned(t *testing.T, change func(*deployer.Start)) *transcript {
	t.Helper()
	return plannedBy(t, ana, change)
}

// plannedBy has somebody ask for a planned start; ana holds a role, and eve none.
func plannedBy(t *testing.T, by deployer.Actor, change func(*deployer.Start)) *transcript {
	t.Helper()
	start := deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
		Channels: map[string]string{"deploys": "C1", "change": "C2", "clients": "C3"},
		Inputs:   map[string]string{"risk": "high", "downtime": "yes"}, Warnings: []string{"It is late.", "It is Friday."}, Planned: dawn.Add(2 * time.Hour),
		Procedure: deployer.Procedure{
			ID: "p", SHA: "sha", Inputs: []deployer.Input{{ID: "risk"}, {ID: "downtime"}}, Messages: map[string]string{
				"plan": "{what} {start} {notice}", "starting": "{what}", "clients": "From {start}, {duration}. {impact}",
				"held": "{why}", "resumed": "{approvers}", "stopped": "{why}",
			},
			Failure: deployer.Failure{Stopped: "stopped", To: []string{"change"}, Held: "held", Resumed: "resumed"},
			Steps: []deployer.Step{
				{ID: "plan", Title: "Plan", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "plan"}, "to": {List: []string{"deploys", "change"}}, "planned": {Flag: true}}},
				{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 1}}, Needs: []string{"plan"}},
				{ID: "clients", Title: "Tell clients", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "clients"}, "to": {List: []string{"clients"}}}, Needs: []string{"approve"}},
				{ID: "wait", Title: "Wait", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}, Needs: []string{"clients"}},
				{ID: "starting", Title: "Starting", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys", "change"}}}, Needs: []string{"wait"}},
				{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Estimate: 7 * time.Minute, Needs: []string{"starting"}},
			},
		},
	}
	change(&start)
	w := &transcript{t: t, now: dawn}
	w.must(by, start)
	w.must(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{
		Service: "web", Runner: "kubernetes", Before: deployer.State{Version: "v1", Image: "v1"}, After: deployer.State{Version: "v2", Image: "v2"},
	}}})
	return w
}

func (w *transcript) approves() {
	w.t.Helper()
	w.must(bob, deployer.Answer{Step: "approve", Attempt: w.d.Step("approve").Attempt, Subject: w.d.Subject().Hash(), Choice: deployer.ChoiceApprove})
}

// A start that is planned is announced at once, approved ahead, and begins at
// its time and not before, whatever becomes of the process.
func TestAPlannedStartWaits(t *testing.T) {
	t.Parallel()
	w := planned(t, func(*deployer.Start) {})
	if got := w.in("C2"); !slices.Equal(got, []string{"plan"}) {
		t.Fatalf("told %q", got)
	}
	if m := w.sent[len(w.sent)-2]; m.Args["start"] != "2026-11-21T04:00:00Z" || m.Args["notice"] != "It is late. It is Friday." {
		t.Errorf("the plan says %q", m.Args)
	}
	w.delivered()
	w.approves()
	w.must(ana, deployer.Answer{Step: "clients", Attempt: 1, Values: deployer.ClientWords("Ten minutes."), Choice: deployer.ChoiceSend})
	w.delivered()
	if wake := deployer.Next(w.d, w.now).Wake; !wake.Equal(w.d.Planned) {
		t.Errorf("it wakes at %s", wake)
	}
	w.now = w.d.Planned.Add(-time.Second)
	if err := w.does(deployer.Actor{}, deployer.Elapse{Step: "wait", Attempt: 1}); err == nil {
		t.Error("it begins a second early")
	}
	w.now = w.d.Planned
	if due := deployer.Next(w.d, w.now).Due; len(due) != 1 || w.does(deployer.Actor{}, due[0]) != nil {
		t.Fatalf("due %v", due)
	}
	if got := w.in("C2"); !slices.Equal(got, []string{"plan", "starting"}) {
		t.Errorf("told %q", got)
	}
}

// Without a plan and without clients nothing is told of them, in the channels
// or in the thread, and nothing waits.
func TestNothingPlannedCostsNothing(t *testing.T) {
	t.Parallel()
	w := planned(t, func(s *deployer.Start) {
		s.Planned, s.Warnings = time.Time{}, nil
		delete(s.Channels, deployer.ChannelClients)
	})
	w.approves()
	if got := w.in("C2"); !slices.Equal(got, []string{"starting"}) {
		t.Errorf("told %q", got)
	}
	var notes []string
	for _, m := range w.sent {
		if m.Thread {
			notes = append(notes, m.Kind+" "+string(m.Note.Kind))
		}
	}
	if want := []string{"ask approve", "note approved"}; !slices.Equal(notes, want) {
		t.Errorf("the thread has %q, want %q", notes, want)
	}
	if s := w.d.Step("clients"); s.Status != deployer.StepNotNeeded || s.Why != "tangerine has no channel for clients, so nobody was told." {
		t.Errorf("clients: %s %q", s.Status, s.Why)
	}
}

// Stopping before the time says so where the plan stands.
func TestAPlanCanBeStopped(t *testing.T) {
	t.Parallel()
	w := planned(t, func(*deployer.Start) {})
	w.delivered()
	w.approves()
	w.must(ana, deployer.Answer{Choice: deployer.ChoiceStop})
	if got := w.in("C2"); w.d.Status != deployer.Stopped || !slices.Equal(got, []string{"plan", "stopped"}) {
		t.Errorf("%s, told %q", w.d.Status, got)
	}
}

// A plan of somebody who holds no role is announced once it is approved: whoever
// starts and stops all day tells the channels nothing.
func TestAPlanIsAnnouncedOnceItIsApprovedOrByARole(t *testing.T) {
	t.Parallel()
	w := plannedBy(t, eve, func(*deployer.Start) {})
	if got := w.in("C2"); len(got) > 0 || w.d.Step("approve").Status != deployer.Active {
		t.Fatalf("told %q, and the approval is %s", got, w.d.Step("approve").Status)
	}
	w.approves()
	if got := w.in("C2"); !slices.Equal(got, []string{"plan"}) || w.d.Step("clients").Status != deployer.Pending {
		t.Errorf("approved, told %q, and clients are %s", got, w.d.Step("clients").Status)
	}
	w.delivered()
	if s := w.d.Step("clients"); s.Status != deployer.Active {
		t.Errorf("after the plan clients are %s", s.Status)
	}

	w = plannedBy(t, eve, func(*deployer.Start) {})
	w.must(eve, deployer.Answer{Choice: deployer.ChoiceStop})
	if got := slices.Concat(w.in("C1"), w.in("C2")); len(got) > 0 {
		t.Errorf("stopped before, told %q", got)
	}

	w = plannedBy(t, eve, func(*deployer.Start) {})
	w.now = w.d.Planned.Add(time.Second)
	w.approves()
	if got := w.in("C2"); slices.Contains(got, "plan") || w.d.Step("plan").Status != deployer.StepNotNeeded {
		t.Errorf("approved too late, told %q", got)
	}
}

// Where nobody approves before the planned start there is nothing to wait for.
func TestAPlanThatNobodyCanApproveBeforeIsAnnounced(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*deployer.Start){
		"no approval": func(s *deployer.Start) {
			s.Procedure.Steps[1].Uses, s.Procedure.Steps[1].With = deployer.KindConfirm, nil
		},
		"a later one": func(s *deployer.Start) {
			steps := s.Procedure.Steps
			steps[2].Needs, steps[1].Needs, steps[4].Needs = []string{"plan"}, []string{"wait"}, []string{"approve"}
		},
	} {
		w := plannedBy(t, eve, change)
		if got := w.in("C2"); !slices.Equal(got, []string{"plan"}) {
			t.Errorf("%s: told %q", name, got)
		}
	}
}

// Whoever started it is told of what the start warns of, once and in one note.
func TestWarningsAreToldToTheRequester(t *testing.T) {
	t.Parallel()
	w := planned(t, func(*deployer.Start) {})
	var told []string
	for _, m := range w.sent {
		if m.Note.Kind == deployer.NoteWarning {
			told = append(told, m.To+": "+m.Note.Why)
		}
	}
	if want := []string{ana.ID + ": It is late. It is Friday."}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// What a start says that a name stands for fills the words of messages, and
// never stands in for what the core says itself.
func TestTermsFillTheWords(t *testing.T) {
	t.Parallel()
	w := planned(t, func(s *deployer.Start) { s.Terms = map[string]string{"tam": "Tamara", "id": "another"} })
	m := w.sent[slices.IndexFunc(w.sent, func(m deployer.Message) bool { return m.Kind == "plan" })]
	if m.Args["tam"] != "Tamara" || m.Args["id"] != w.d.ID {
		t.Errorf("the words are filled with %q", m.Args)
	}
}

// The image changes between "starting" and the rollout, so that the approval is
// void: whoever read that it starts is told that it waits, and that it goes on.
// "Starting" is said once all the same.
func TestChannelsAreToldThatAnAnnouncedStartWaitsAgain(t *testing.T) {
	t.Parallel()
	w := planned(t, func(s *deployer.Start) { s.Planned = time.Time{} })
	w.approves()
	w.must(ana, deployer.Answer{Step: "clients", Attempt: 1, Values: deployer.ClientWords("Ten minutes."), Choice: deployer.ChoiceSend})
	w.delivered()
	v3 := deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "v3", Image: "v3"}}
	w.must(deployer.Actor{}, deployer.Intend{Key: "rollout/web", Observation: v3})
	if got := w.in("C2"); !slices.Equal(got, []string{"starting", "held"}) {
		t.Fatalf("told %q", got)
	}
	if m := w.sent[slices.IndexFunc(w.sent, func(m deployer.Message) bool { return m.Kind == deployer.MessageHeld })]; !strings.HasPrefix(m.Args["why"], "web runs v3 now") {
		t.Errorf("why: %q", m.Args["why"])
	}
	w.now = w.now.Add(time.Minute)
	w.approves()
	w.must(deployer.Actor{}, deployer.Intend{Key: "rollout/web", Observation: v3})
	for channel, want := range map[string][]string{"C1": {"starting", "held", "resumed"}, "C2": {"starting", "held", "resumed"}, "C3": {"clients"}} {
		if got := w.in(channel); !slices.Equal(got, want) {
			t.Errorf("%s was told %q, want %q", channel, got, want)
		}
	}
	if w.d.Effect("rollout/web") == nil {
		t.Error("the rollout has not begun")
	}
}
