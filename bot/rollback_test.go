package bot

import (
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// Rollback chose a deploy that had failed (samson 2366): a version whose
// deployment did not complete is gone back to only by name, and the history
// says so.
func TestRollbackPassesOverWhatFailed(t *testing.T) {
	t.Parallel()
	image := func(tag string) string { return "registry.example/web:" + tag }
	r := newFixture(t, func(s *setup) {
		s.systems.revisions = []deployer.Revision{
			{State: deployer.State{Revision: "4", Version: "v1", Image: image("v1")}, Current: true, By: "tangerine-1"},
			{State: deployer.State{Revision: "3", Version: "v2", Image: image("v2")}, By: "tangerine-1"},
			{State: deployer.State{Revision: "2", Version: "v1", Image: image("v1")}},
			{State: deployer.State{Revision: "1", Version: "v0", Image: image("v0")}, By: "elsewhere-7"},
		}
	})
	r.types("ana", "/deploy web v2")
	if said := r.types("ana", "/deploy history web"); strings.Contains(said, "did not complete") {
		t.Errorf("of a deployment that is under way it says how it ended: %s", said)
	}
	r.types("ana", "/deploy stop tangerine-1")
	said := r.types("ana", "/deploy history web")
	bottest.Contains(t, said, "`3` `v2` · ", "tangerine-1 · did not complete", "tangerine-1 · *runs now*\n")
	if said := r.types("ana", "/deploy rollback web"); said != "" {
		t.Errorf("it said %q", said)
	}
	if w := r.engine.all()[1].Releases[0]; w.Revision != "1" {
		t.Errorf("it goes back to revision %s, want 1: 3 failed, and 2 is what runs", w.Revision)
	}
	r.types("ana", "/deploy stop tangerine-2")
	if said := r.types("ana", "/deploy rollback web --to 3"); said != "" {
		t.Errorf("by name, it said %q", said)
	}
	if w := r.engine.all()[2].Releases[0]; w.Revision != "3" {
		t.Errorf("by name, it goes to revision %s, want 3", w.Revision)
	}
}

// What an ended deployment has brought goes the way back of its procedure, by its id or
// by the services, and nothing is asked of what comes before a deployment. Since that
// part has no approval, those start it who decide.
func TestWhatHasEndedGoesItsOwnWayBack(t *testing.T) {
	t.Parallel()
	state := func(revision, version string) deployer.State {
		return deployer.State{Revision: revision, Version: version, Image: "registry.example/web:" + version}
	}
	r := newFixture(t, func(s *setup) {
		p := standard()
		p.Rollback = []deployer.Step{
			{ID: "back", Title: "Roll back", Uses: deployer.KindRollout},
			{ID: "rolled-back", Title: "Tell", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "rolled-back"}, "to": {List: []string{"change"}}}, Needs: []string{"back"}},
		}
		p.Messages["rolled-back"] = "{environment} runs web {from} again, and not {to}"
		s.bot.Procedures = map[string]deployer.Procedure{"deployment": p}
		s.systems.revisions = []deployer.Revision{
			{State: state("2", "v2"), Current: true, By: "tangerine-1"}, {State: state("1", "v1")},
		}
	})
	order := func(id string, by deployer.Actor, c deployer.Command) {
		t.Helper()
		if _, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: id, By: by, Command: c}); err != nil {
			t.Fatalf("%T: %v", c, err)
		}
	}
	r.types("ana", "/deploy web v2")
	first := r.engine.all()[0]
	bob := deployer.Actor{Kind: deployer.ActorPerson, ID: "UBOB", Name: "Bob"}
	order(first.ID, first.Requester, deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone})
	order(first.ID, bob, deployer.Answer{Step: "approve", Attempt: 1, Choice: deployer.ChoiceApprove, Subject: first.Subject().Hash()})
	bottest.Contains(t, r.types("bob", "/deploy rollback tangerine-1 --procedure deployment"), "nothing to choose")
	r.eventually("the start is announced", func() bool { return r.engine.all()[0].Step("rollout").Status == deployer.Active })
	order(first.ID, deployer.Actor{}, deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: state("1", "v1")}})
	order(first.ID, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.OK, State: state("2", "v2")}})
	if d := r.engine.all()[0]; d.Status != deployer.Complete {
		t.Fatalf("it is %s", d.Status)
	}

	bottest.Contains(t, r.types("ana", "/deploy rollback tangerine-1"), "can roll back what tangerine-1 has brought")
	bottest.Contains(t, r.types("bob", "/deploy rollback web api --to 1"), "one by one")
	for i, words := range []string{"rollback tangerine-1", "rollback web"} {
		if said := r.types("bob", "/deploy "+words); said != "" {
			t.Fatalf("%s: it said %q", words, said)
		}
		d := r.engine.all()[i+1]
		if len(d.Steps) != 2 || d.Back != first.ID || d.Releases[0] != (deployer.Release{Service: "web", Revision: "1"}) || d.Procedure.ID != "deployment" || d.Inputs["risk"] != "low" {
			t.Fatalf("%s: it is %+v", words, d)
		}
		if s := d.Step("back"); s == nil || s.Status != deployer.Active {
			t.Errorf("%s: nothing is asked before, and it stands at %+v", words, d.Current())
		}
		// What is stopped before anybody was told of it has no card.
		r.eventually("the card says of what it is the rollback", func() bool {
			return slices.ContainsFunc(r.Messages(deploys), func(m emulator.Message) bool {
				return strings.Contains(string(m.Blocks), "rollback of tangerine-1") && m.Metadata != nil && m.Metadata.EventPayload["deployment"] == d.ID
			})
		})
		r.types("bob", "/deploy stop "+d.ID)
	}
}

// The card of what is complete, and the history of its service, have a button that starts
// the way back. Who may is decided at the click; a card that has gone old starts nothing,
// and says what runs.
func TestWhatHasEndedIsTakenBackByAButton(t *testing.T) {
	t.Parallel()
	state := func(revision, version string) deployer.State {
		return deployer.State{Revision: revision, Version: version, Image: "registry.example/web:" + version}
	}
	r := newFixture(t, func(s *setup) {
		p := standard()
		p.Steps = p.Steps[3:]
		p.Steps[0].Needs = nil
		p.Unapproved = "a test"
		p.Rollback = []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}}
		p.Failure.Decide = "tech-lead"
		s.bot.Procedures = map[string]deployer.Procedure{"deployment": p}
		s.systems.revisions = []deployer.Revision{
			{State: state("2", "v2"), Current: true, By: "tangerine-1"}, {State: state("1", "v1")},
		}
	})
	r.engine.Resolve = func(d deployer.Deployment) []deployer.Target {
		targets := deployertest.TargetsByTag(d)
		for i := range targets {
			if d.Releases[i].Revision != "" {
				targets[i].Before, targets[i].After = targets[i].After, targets[i].Before
			}
			targets[i].Good = deployer.Good{How: deployer.EvidenceSeen, State: targets[i].Before}
		}
		return targets
	}
	completes := func(i int) {
		t.Helper()
		d := r.engine.all()[i]
		s := d.Steps[0].ID
		for _, c := range []deployer.Command{
			deployer.Intend{Key: s + "/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Targets[0].Before}},
			deployer.Settle{Key: s + "/web", Outcome: deployer.Outcome{Result: deployer.OK, State: d.Targets[0].After}},
		} {
			if _, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: d.ID, Command: c}); err != nil {
				t.Fatal(err)
			}
		}
		if d := r.engine.all()[i]; d.Status != deployer.Complete {
			t.Fatalf("it is %s", d.Status)
		}
	}
	r.types("ana", "/deploy web v2")
	completes(0)
	const label = "Roll back to v1, which ran when this began"
	r.clicks("ana", label)
	r.hears("ana", "can roll back what tangerine-1 has brought")
	if n := len(r.engine.all()); n != 1 {
		t.Fatalf("there are %d deployments", n)
	}
	old := r.card(label)
	r.clicks("bob", label)
	r.eventually("the way back has begun", func() bool { return len(r.engine.all()) == 2 })
	if d := r.engine.all()[1]; d.Back != "tangerine-1" || d.Releases[0] != (deployer.Release{Service: "web", Revision: "1"}) || d.Requester.ID != "UBOB" {
		t.Fatalf("it is %+v", d)
	}
	press := func() {
		t.Helper()
		r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: old.TS, Button: label}))
	}
	press()
	r.hears("bob", "tangerine-2")
	r.types("bob", "/deploy stop tangerine-2")

	r.types("bob", "/deploy history web")
	said, err := r.WaitEphemeral(r.ctx(), "bob", func(m emulator.Message) bool { return strings.Contains(string(m.Blocks), label) })
	r.must(err)
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: said.TS, Button: label}))
	r.eventually("the history has a button, too", func() bool { return len(r.engine.all()) == 3 })
	if d := r.engine.all()[2]; d.Back != "tangerine-1" {
		t.Errorf("it is %+v", d)
	}
	completes(2)
	press()
	r.hears("bob", "web runs v1 now, which tangerine-3 has brought. Nothing was done.")
	if n := len(r.engine.all()); n != 3 {
		t.Errorf("there are %d deployments", n)
	}
}

// While a list of the first is open, the second begins, and that goes back when somebody
// says so; the card of the first says that its place is free, and takes back nothing.
func TestPaperworkLetsTheNextBegin(t *testing.T) {
	t.Parallel()
	state := func(revision, version string) deployer.State {
		return deployer.State{Revision: revision, Version: version, Image: "registry.example/web:" + version}
	}
	r := newFixture(t, func(s *setup) {
		p := standard()
		p.Kinds = []deployer.Kind{{Name: "proof", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}}
		p.Steps = []deployer.Step{
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout},
			{ID: "proof", Title: "It runs", Uses: "proof", Needs: []string{"rollout"}},
			{ID: "complete", Title: "Complete", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys"}}}, Needs: []string{"proof"}},
			{ID: "list", Title: "The list is closed", Uses: deployer.KindConfirm, Needs: []string{"complete"}},
		}
		p.Rollback = []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}}
		s.bot.Procedures = map[string]deployer.Procedure{"deployment": p}
		s.systems.revisions = []deployer.Revision{
			{State: state("3", "v3"), Current: true, By: "tangerine-2"}, {State: state("2", "v2"), By: "tangerine-1"}, {State: state("1", "v1")},
		}
	})
	r.engine.Resolve = func(d deployer.Deployment) []deployer.Target {
		targets := deployertest.TargetsByTag(d)
		if d.ID != "tangerine-1" {
			targets[0].Before = state("2", "v2")
		}
		targets[0].Good = deployer.Good{How: deployer.EvidenceSeen, State: targets[0].Before}
		return targets
	}
	for i, tag := range []string{"v2", "v3"} {
		if said := r.types("ana", "/deploy web "+tag); said != "" {
			t.Fatalf("%s: it said %q", tag, said)
		}
		d := r.engine.all()[i]
		for _, key := range []string{"rollout/web", "proof/web"} {
			for _, c := range []deployer.Command{
				deployer.Intend{Key: key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: d.Targets[0].Before}},
				deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: deployer.OK, State: d.Targets[0].After}},
			} {
				if _, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: d.ID, Command: c}); err != nil {
					t.Fatal(err)
				}
			}
		}
		r.eventually("only the list is left", func() bool { return r.engine.all()[i].Freed })
	}
	first, err := r.WaitMessage(r.ctx(), deploys, func(m emulator.Message) bool {
		return strings.Contains(string(m.Blocks), "Roll back to v1") && strings.Contains(string(m.Blocks), "The place is free: another deployment may begin.")
	})
	r.must(err)
	r.must(r.Act(r.ctx(), emulator.Action{User: "ana", Channel: deploys, MessageTS: first.TS, Button: "Roll back to v1, which ran when this began"}))
	r.hears("ana", "web runs v3 now, which tangerine-2 has brought")
	bottest.Contains(t, r.types("ana", "/deploy rollback tangerine-1"), "web runs v3 now, and not what tangerine-1 has brought")
	if said := r.types("ana", "/deploy rollback tangerine-2"); said != "" {
		t.Fatalf("it said %q", said)
	}
	if d := r.engine.all()[2]; d.Back != "tangerine-2" || d.Releases[0] != (deployer.Release{Service: "web", Revision: "2"}) {
		t.Errorf("it is %+v", d)
	}
	r.must(r.Act(r.ctx(), emulator.Action{User: "ana", Channel: deploys, MessageTS: first.TS, Button: "Done"}))
	r.eventually("the first is complete", func() bool { return r.engine.all()[0].Status == deployer.Complete })
}

// Of several services, one button takes back what has failed, and another all.
func TestAllServicesGoBackByAButton(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		p := standard()
		p.Steps = p.Steps[3:]
		p.Steps[0].Needs, p.Failure.Decide = nil, "tech-lead"
		p.Rollback = []deployer.Step{{ID: "back", Title: "Roll back", Uses: deployer.KindRollout}}
		s.bot.Procedures = map[string]deployer.Procedure{"deployment": p}
	})
	r.types("ana", "/deploy web v2 api v2")
	first := r.engine.all()[0]
	for service, result := range map[string]deployer.Result{"web": deployer.OK, "api": deployer.Failed} {
		for _, c := range []deployer.Command{
			deployer.Intend{Key: "rollout/" + service, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: first.Target(service).Before}},
			deployer.Settle{Key: "rollout/" + service, Outcome: deployer.Outcome{Result: result, Why: "it crashes", State: first.Target(service).After}},
		} {
			if _, err := r.engine.Do(r.ctx(), deployer.Order{Deployment: first.ID, Command: c}); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.card("Roll back api to v1")
	r.clicks("bob", "Roll back all")
	r.eventually("all go back", func() bool { return slices.Equal(r.engine.all()[0].RollbackServices, []string{"web", "api"}) })
}

func TestRollbackGoesToTheRevisionBefore(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.systems.revisions = []deployer.Revision{
			{State: deployer.State{Revision: "8", Version: "v2", Image: "web:v2"}, Current: true},
			{State: deployer.State{Revision: "7", Version: "v1", Image: "web:v1"}}, {State: deployer.State{Revision: "5", Version: "v0", Image: "web:v0"}},
		}
	})
	bottest.Contains(t, r.types("ana", "/deploy rollback web --to 8"), "runs revision 8 already")
	bottest.Contains(t, r.types("ana", "/deploy rollback web --to 6"), "no revision", "It has: 8, 7 and 5.")
	if said := r.types("ana", "/deploy rollback web"); said != "" {
		t.Errorf("it said %q", said)
	}
	all := r.engine.all()
	if len(all) != 1 || all[0].Releases[0] != (deployer.Release{Service: "web", Revision: "7"}) {
		t.Fatalf("there are %+v", all)
	}
	bottest.Contains(t, r.types("ana", "/deploy rollback tangerine-1"), "can't be rolled back now")
	bottest.Contains(t, r.types("eve", "/deploy stop tangerine-1"), "or tech-lead can decide that")
	r.eventually("its card is there", func() bool { return r.engine.all()[0].Card.TS != "" }) // else stopping says so
	if said := r.types("ana", "/deploy stop tangerine-1 --reason 'wrong one'"); said != "" {
		t.Errorf("it said %q", said)
	}
	if d := r.engine.all()[0]; d.Status != deployer.Stopped || !strings.Contains(d.Why, "wrong one") {
		t.Errorf("it is %s: %s", d.Status, d.Why)
	}
	bottest.Contains(t, r.types("ana", "/deploy stop tangerine-1"), "has ended")
	bottest.Contains(t, r.types("ana", "/deploy rollback tangerine-1"), "has ended", "/deploy rollback web")
}
