package deployer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// agreed is a procedure of an approval with these parameters and a rollout, and between
// them what takes time.
func agreed(with deployer.Values) deployer.Procedure {
	with["role"] = deployer.Value{Text: "tech-lead"}
	return deployer.Procedure{ID: "p", SHA: "sha", Steps: []deployer.Step{
		{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: with},
		{ID: "start", Title: "Start", Uses: deployer.KindWait, Needs: []string{"approve"}, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}},
		{ID: "ready", Title: "Ready", Uses: deployer.KindConfirm, Needs: []string{"start"}},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"ready"}},
	}}
}

// resolved is a deployment by a procedure whose image is pinned.
func resolved(t *testing.T, p deployer.Procedure, change func(*deployer.Start)) deployer.Deployment {
	t.Helper()
	start := deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}}}
	if change != nil {
		change(&start)
	}
	d := at(t, deployer.Deployment{}, dawn, ana, start)
	return at(t, d, dawn, engine, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: runsV1, After: pinned}}})
}

var (
	pinned = deployer.State{Version: "v2", Image: "web:v2@sha256:2"}
	hours4 = deployer.Values{"expires": {Duration: 4 * time.Hour}}
)

func expiring() deployer.Procedure { return agreed(deployer.Values{"expires": hours4["expires"]}) }

func planAt(when time.Time) func(*deployer.Start) {
	return func(s *deployer.Start) { s.Planned = when }
}

// catchUp gives all orders that are due, as a process does that was down until then.
func catchUp(t *testing.T, d deployer.Deployment, now time.Time) deployer.Deployment {
	t.Helper()
	for range 20 {
		due := deployer.Next(d, now).Due
		if len(due) == 0 {
			return d
		}
		d = at(t, d, now, engine, due[0])
	}
	t.Fatal("there is no end of what is due")
	return d
}

// An approval holds for its time from when it was given, or from the planned start, and
// no longer, unless what rests on it has begun: samson, devtron and gitlab were asked for
// that (gitlab 441400, devtron 5401, Octopus 2856).
func TestAnApprovalHoldsForItsTime(t *testing.T) {
	t.Parallel()
	planned := dawn.Add(3 * time.Hour)
	for name, c := range map[string]struct {
		p        deployer.Procedure
		planned  time.Time
		approved time.Time
		over     time.Time // zero: never
	}{
		"from when it was given":             {expiring(), time.Time{}, dawn.Add(time.Hour), dawn.Add(5 * time.Hour)},
		"from the planned start":             {expiring(), planned, dawn.Add(time.Hour), planned.Add(4 * time.Hour)},
		"given after the planned start":      {expiring(), planned, planned.Add(time.Hour), planned.Add(5 * time.Hour)},
		"without a time":                     {agreed(deployer.Values{}), time.Time{}, dawn, time.Time{}},
		"without one, planned":               {agreed(deployer.Values{}), planned, dawn, planned.Add(deployer.StartWithin)},
		"without one, given after the start": {agreed(deployer.Values{}), planned, planned, time.Time{}},
	} {
		d := resolved(t, c.p, planAt(c.planned))
		d = at(t, d, c.approved, bob, yes(d))
		if got := deployer.LapsesAt(d, *d.Step("approve")); !got.Equal(c.over) {
			t.Errorf("%s: it is over at %s, want %s", name, got, c.over)
		}
		if c.over.IsZero() {
			continue
		}
		early := catchUp(t, d, c.over.Add(-1))
		if s := early.Step("approve"); s.Status != deployer.Done {
			t.Errorf("%s: just before its end it is %s", name, s.Status)
		}
		if wake := deployer.Next(early, c.over.Add(-1)).Wake; !wake.Equal(c.over) {
			t.Errorf("%s: it wakes at %s", name, wake)
		}
		late := catchUp(t, d, c.over)
		if s := late.Step("approve"); s.Status != deployer.Active || s.Attempt != 2 || len(s.Approvals) != 0 || !strings.HasPrefix(s.Why, "The approval of Bob is over: nothing has begun within ") {
			t.Errorf("%s: at its end it is %s in attempt %d with %v: %s", name, s.Status, s.Attempt, s.Approvals, s.Why)
		}
	}
}

// One of two approvals that is over is asked again, and the other one stays: whoever
// gave that is not called for nothing.
func TestOneOfTwoApprovalsLapses(t *testing.T) {
	t.Parallel()
	p := expiring()
	p.Steps[0].With["count"] = deployer.Value{Number: 2}
	d := resolved(t, p, nil)
	d = at(t, d, dawn, bob, yes(d))
	d = at(t, d, dawn.Add(time.Hour), rosa, yes(d))
	d = catchUp(t, d, dawn.Add(4*time.Hour))
	if s := d.Step("approve"); s.Status != deployer.Active || len(s.Approvals) != 1 || s.Approvals[0].By != rosa {
		t.Fatalf("it is %s with %v", s.Status, s.Approvals)
	}
	d = at(t, d, dawn.Add(4*time.Hour), bob, yes(d))
	if s := d.Step("approve"); s.Status != deployer.Done {
		t.Errorf("approved again, it is %s", s.Status)
	}
}

// The order to begin comes a moment before the timer: it begins nothing all the same.
func TestNothingBeginsOnAnApprovalThatIsOver(t *testing.T) {
	t.Parallel()
	d := resolved(t, expiring(), nil)
	d = at(t, d, dawn, bob, yes(d))
	d = at(t, d, dawn.Add(time.Hour), ana, deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone})
	begin := look("rollout/web", deployer.ObservedAbsent, runsV1)
	over := dawn.Add(4 * time.Hour)
	begun := at(t, d, over.Add(-1), engine, begin)
	if begun.Effect("rollout/web") == nil {
		t.Error("it does not begin in time")
	}
	late := at(t, d, over, engine, begin)
	if e := late.Effect("rollout/web"); e != nil {
		t.Errorf("it began: %+v", e)
	}
	if s := late.Step("rollout"); s.Status != deployer.Pending {
		t.Errorf("the rollout is %s", s.Status)
	}
	late = at(t, late, over, rosa, yes(late))
	if late = at(t, late, over, engine, begin); late.Effect("rollout/web") == nil {
		t.Error("approved again, it does not begin")
	}
	if begun = catchUp(t, begun, over.Add(time.Hour)); begun.Step("approve").Status != deployer.Done {
		t.Error("an approval is over though what rests on it has begun")
	}
}

// Whatever the clocks and the people do, no effect that changes what runs begins on an
// approval that is over.
func TestWhatIsOverLetsNothingBegin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		p := expiring()
		p.Steps[0].With["expires"] = deployer.Value{Duration: time.Duration(rapid.IntRange(1, 4).Draw(r, "expires")) * time.Hour}
		var planned time.Time
		if rapid.Bool().Draw(r, "planned") {
			planned = dawn.Add(time.Duration(rapid.IntRange(-1, 5).Draw(r, "ahead")) * time.Hour)
		}
		d, now := resolved(t, p, planAt(planned)), dawn
		for range rapid.IntRange(1, 25).Draw(r, "moves") {
			step := rapid.SampledFrom([]time.Duration{0, 1, time.Second, time.Hour - 1, time.Hour, time.Hour + 1}).Draw(r, "time")
			now = now.Add(step)
			by, c := engine, deployer.Command(deployer.Advance{})
			switch rapid.IntRange(0, 4).Draw(r, "what") {
			case 0:
				by = rapid.SampledFrom([]deployer.Actor{bob, rosa, tina}).Draw(r, "who")
				c = yes(d)
			case 1:
				by, c = ana, deployer.Answer{Step: "ready", Attempt: d.Step("ready").Attempt, Choice: deployer.ChoiceDone}
			case 2:
				c = look("rollout/web", deployer.ObservedAbsent, runsV1)
			case 3:
				if due := deployer.Next(d, now).Due; len(due) > 0 {
					c = due[0]
				}
			}
			events, _, err := telling.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: now, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}})
			if err != nil {
				continue
			}
			for _, e := range events {
				if _, begins := e.(deployer.EffectIntended); !begins {
					d = deployer.Apply(d, e)
					continue
				}
				given := d.Step("approve").Approvals
				if len(given) == 0 {
					r.Fatal("it begins without an approval")
				}
				since := given[0].At
				if planned.After(since) {
					since = planned
				}
				if !now.Before(since.Add(p.Steps[0].With["expires"].Duration)) {
					r.Fatalf("it begins at %s on what was approved at %s", now, given[0].At)
				}
				d = deployer.Apply(d, e)
			}
		}
	})
}

// A planned start that nobody has to approve, and that was slept through, asks before it
// goes on, once.
func TestAStartThatWasSleptThroughAsks(t *testing.T) {
	t.Parallel()
	p := agreed(deployer.Values{})
	p.Steps = p.Steps[1:]
	p.Steps[0].Needs = nil
	planned := dawn.Add(time.Hour)
	d := resolved(t, p, planAt(planned))
	if early := catchUp(t, d, planned.Add(deployer.StartWithin-1)); early.Step("start").Status != deployer.Done {
		t.Errorf("just in time it is %s", early.Step("start").Status)
	}
	d = catchUp(t, d, planned.Add(deployer.StartWithin))
	if s := d.Step("start"); s.Status != deployer.StepInterrupted || !strings.HasPrefix(s.Why, "It was planned for 21 Nov 03:00 UTC, over 2 hours ago.") {
		t.Fatalf("it is %s: %s", s.Status, s.Why)
	}
	d = at(t, d, planned.Add(3*time.Hour), ana, deployer.Answer{Step: "start", Attempt: 1, Choice: deployer.ChoiceRetry})
	if d = catchUp(t, d, planned.Add(3*time.Hour)); d.Step("start").Status != deployer.Done {
		t.Errorf("after the decision it is %s", d.Step("start").Status)
	}
}

// earlier is an approval of what is deployed here that Bob gave elsewhere.
func earlier(id string, by deployer.Actor, when time.Time) deployer.EarlierApproval {
	return deployer.EarlierApproval{Deployment: id, Step: "approve", By: by, At: when, Images: map[string]string{"web": pinned.Image + " "}}
}

// Approvals are carried over from the last release (tramline 684), as far as the
// procedure says, and never the requester's own.
func TestApprovalsAreCarriedOver(t *testing.T) {
	t.Parallel()
	day, hour := 24*time.Hour, time.Hour
	ago := func(d time.Duration) time.Time { return dawn.Add(-d) }
	other := earlier("tangerine-0", bob, ago(hour))
	other.Images = map[string]string{"web": "web:v2@sha256:3 "}
	more := earlier("tangerine-0", bob, ago(hour))
	more.Images = map[string]string{"web": pinned.Image + " ", "api": "api:v1@sha256:1 "}
	elsewhere := earlier("tangerine-0", bob, ago(hour))
	elsewhere.Step = "other"
	for name, c := range map[string]struct {
		with    deployer.Values
		earlier []deployer.EarlierApproval
		from    []string // empty: nothing is carried over
	}{
		"the same":                      {deployer.Values{"carry_over": {Duration: day}}, []deployer.EarlierApproval{earlier("tangerine-0", bob, ago(day))}, []string{"tangerine-0"}},
		"too long ago":                  {deployer.Values{"carry_over": {Duration: day}}, []deployer.EarlierApproval{earlier("tangerine-0", bob, ago(day+1))}, nil},
		"not said":                      {deployer.Values{}, []deployer.EarlierApproval{earlier("tangerine-0", bob, ago(hour))}, nil},
		"over":                          {deployer.Values{"carry_over": {Duration: day}, "expires": {Duration: hour}}, []deployer.EarlierApproval{earlier("tangerine-0", bob, ago(hour))}, nil},
		"another image":                 {deployer.Values{"carry_over": {Duration: day}}, []deployer.EarlierApproval{other}, nil},
		"more services":                 {deployer.Values{"carry_over": {Duration: day}}, []deployer.EarlierApproval{more}, nil},
		"another step":                  {deployer.Values{"carry_over": {Duration: day}}, []deployer.EarlierApproval{elsewhere}, nil},
		"the requester's":               {deployer.Values{"carry_over": {Duration: day}}, []deployer.EarlierApproval{earlier("tangerine-0", ana, ago(hour))}, nil},
		"of the requester's other self": {deployer.Values{"carry_over": {Duration: day}}, []deployer.EarlierApproval{earlier("tangerine-0", deployer.Actor{ID: "UANA2"}, ago(hour))}, nil},
		"no more than are wanted":       {deployer.Values{"carry_over": {Duration: day}}, []deployer.EarlierApproval{earlier("tangerine-0", bob, ago(hour)), earlier("tangerine-0", rosa, ago(hour))}, []string{"tangerine-0"}},
	} {
		start := deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: agreed(c.with), Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Earlier: c.earlier}
		events, _, err := telling.Decide(deployer.Deployment{}, deployer.Order{By: ana, Command: start}, deployer.Facts{Now: dawn, ID: "tangerine-1", Person: deployer.Person{Accounts: []string{ana.ID, "UANA2"}}})
		if err != nil {
			t.Fatal(err)
		}
		d := deployer.Fold(deployer.Deployment{}, events...)
		d = at(t, d, dawn, engine, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: runsV1, After: pinned}}})
		var from []string
		for _, a := range d.Step("approve").Approvals {
			from = append(from, a.From)
		}
		if want := map[bool]deployer.StepStatus{true: deployer.Done, false: deployer.Active}[len(c.from) > 0]; !slices.Equal(from, c.from) || d.Step("approve").Status != want {
			t.Errorf("%s: carried over from %v, and it is %s", name, from, d.Step("approve").Status)
		}
	}
}

// A tag may have come to mean something else (samson 593, branch-deploy 315).
func TestWhatIsNotPinnedIsNotCarriedOver(t *testing.T) {
	t.Parallel()
	e := earlier("tangerine-0", bob, dawn)
	e.Images = map[string]string{"web": "v2 "}
	d := resolved(t, agreed(deployer.Values{"carry_over": {Duration: time.Hour}}), func(s *deployer.Start) { s.Earlier = []deployer.EarlierApproval{e} })
	d.Steps[0].Status, d.Steps[0].Attempt, d.Targets[0].After = deployer.Pending, 0, runsV2
	if d = at(t, d, dawn, engine, deployer.Advance{}); len(d.Step("approve").Approvals) > 0 {
		t.Error("a tag was carried over")
	}
}

// One human is one yes, also where they said it in another deployment.
func TestWhoseApprovalIsCarriedOverDoesNotApproveAgain(t *testing.T) {
	t.Parallel()
	p := agreed(deployer.Values{"carry_over": {Duration: time.Hour}, "count": {Number: 2}})
	d := resolved(t, p, func(s *deployer.Start) {
		s.Earlier = []deployer.EarlierApproval{earlier("tangerine-0", bob, dawn), earlier("tangerine-0", bob, dawn)}
	})
	if s := d.Step("approve"); s.Status != deployer.Active || len(s.Approvals) != 1 {
		t.Fatalf("it is %s with %v", s.Status, s.Approvals)
	}
	refused(t, d, bob, yes(d), "You have approved already.")
	if d = at(t, d, dawn, rosa, yes(d)); d.Step("approve").Status != deployer.Done {
		t.Error("with another one it is not done")
	}
}

// What somebody wants changed is waited for, until whoever asked for the deployment has
// replied; nobody else says yes meanwhile.
func TestChangesAreWaitedFor(t *testing.T) {
	t.Parallel()
	d := resolved(t, agreed(deployer.Values{"count": {Number: 2}}), nil)
	ask := deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceChanges}
	refused(t, d, bob, ask, "Asking for changes needs words.")
	ask.Comment = "The ticket is missing"
	d = at(t, d, dawn, rosa, yes(d))
	d = at(t, d, dawn, rosa, ask) // who thought better of it
	if s := d.Step("approve"); len(s.Approvals) != 0 || len(deployer.OpenRequests(*s)) != 1 {
		t.Fatalf("approved by %v, asked for %v", s.Approvals, s.Requests)
	}
	refused(t, d, bob, yes(d), "Rosa asks for changes: The ticket is missing.")
	reply := deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceReply, Comment: " "}
	refused(t, d, bob, reply, "Ana was asked, and replies.")
	refused(t, d, ana, reply, "A reply needs words.")
	reply.Comment = "It is CC-1"
	d = at(t, d, dawn.Add(time.Minute), ana, reply)
	refused(t, d, ana, reply, "Nobody waits for a reply there now.")
	if r := d.Step("approve").Requests[0]; r.Reply.Comment != "It is CC-1" || r.Reply.By != ana {
		t.Errorf("replied was %+v", r.Reply)
	}
	d = at(t, d, dawn.Add(time.Minute), bob, yes(d))
	d = at(t, d, dawn.Add(time.Minute), rosa, yes(d))
	if s := d.Step("approve"); s.Status != deployer.Done {
		t.Errorf("approved by both it is %s", s.Status)
	}
}

// Whoever asked for changes may say yes after all, and reject.
func TestWhoAskedForChangesMayApprove(t *testing.T) {
	t.Parallel()
	d := resolved(t, agreed(deployer.Values{}), nil)
	d = at(t, d, dawn, rosa, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceChanges, Comment: "Why now?"})
	if after := at(t, d, dawn, rosa, yes(d)); after.Step("approve").Status != deployer.Done {
		t.Errorf("it is %s", after.Step("approve").Status)
	}
	no := at(t, d, dawn, bob, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceReject, Comment: "Not today"})
	if no.Status != deployer.Stopped || !no.Rejected {
		t.Errorf("rejected it is %s", no.Status)
	}
}

// A kind that was frozen before there was such a choice has none.
func TestWhatWasStartedBeforeKnowsNoRequests(t *testing.T) {
	t.Parallel()
	all := deployer.CoreKinds()
	old := all[slices.IndexFunc(all, func(k deployer.Kind) bool { return k.Name == deployer.KindApprove })]
	asks := *old.Asks
	asks.Choices = []deployer.Option{{Choice: deployer.ChoiceApprove, Leads: deployer.LeadDone}, {Choice: deployer.ChoiceReject, Leads: deployer.LeadStop}}
	old.Asks = &asks
	p := agreed(deployer.Values{})
	p.Kinds = []deployer.Kind{old}
	d := resolved(t, p, nil)
	refused(t, d, rosa, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceChanges, Comment: "Why now?"}, "has no such step")
}

// What differs since somebody asked for changes is said by the bot, not by the requester.
func TestWhatHasChangedSinceIsSaid(t *testing.T) {
	t.Parallel()
	d := resolved(t, agreed(deployer.Values{}), nil)
	d = at(t, d, dawn, rosa, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceChanges, Comment: "Why now?"})
	request := d.Step("approve").Requests[0]
	if got := deployer.ChangesSince(d, request); len(got) > 0 {
		t.Errorf("at once, %q", got)
	}
	d.Targets[0].Before = runsV9
	d.Procedure.Inputs, d.Inputs = []deployer.Input{{ID: "risk", Label: "Risk"}}, map[string]string{"risk": "high"}
	d.Planned = dawn.Add(time.Hour)
	want := []string{"web runs v9 now; it ran v1.", "Risk is “high”, not “”.", "It is planned for 21 Nov 03:00 UTC."}
	if got := deployer.ChangesSince(d, request); !slices.Equal(got, want) {
		t.Errorf("it is %q", got)
	}
	d.Targets[0].After = runsV9
	if got := deployer.ChangesSince(d, request); got[0] != "web goes to v9, not to v2." {
		t.Errorf("it is %q", got)
	}
}

// A click that comes twice finds another question under the finger, where the card was
// drawn anew between: it is not answered by that.
func TestADoubleTapAnswersOneQuestion(t *testing.T) {
	t.Parallel()
	d := asked(t, 1, "web")
	d = give(t, d, bob, yes(d))
	refused(t, d, bob, yes(d), "done already, approved by Bob")
	d = give(t, d, engine, look("rollout/web", deployer.ObservedAbsent, runsV9)) // asked again
	refused(t, d, bob, yes(d), "You approved a moment ago, and this is another question.")
	if d = at(t, d, dawn.Add(time.Second), bob, yes(d)); d.Step("approve").Status != deployer.Done {
		t.Error("a second later it is not taken")
	}
}

// An approval says as what it counts: who holds several roles is taken for the one that
// is left.
func TestAnApprovalSaysAsWhatItCounts(t *testing.T) {
	t.Parallel()
	d := resolved(t, deployer.Procedure{Steps: []deployer.Step{
		{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"roles": {Counts: map[string]int{"tech-lead": 1, "sre": 1}}}},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"approve"}},
	}}, nil)
	d = at(t, d, dawn, rosa, yes(d))
	if role, missing := deployer.ApprovedAs(d, *d.Step("approve"), rosa); role != "sre" || !slices.Equal(missing, []string{"tech-lead"}) {
		t.Errorf("alone she counts as %q, missing %v", role, missing)
	}
	d = at(t, d, dawn, bob, yes(d))
	if role, missing := deployer.ApprovedAs(d, *d.Step("approve"), bob); role != "tech-lead" || len(missing) > 0 {
		t.Errorf("he counts as %q, missing %v", role, missing)
	}
}
