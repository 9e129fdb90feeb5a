package deployer_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// crowd is everybody who may come by: the requester, those with one role each,
// other accounts of the same humans, and whoever may give no order at all, though
// the configuration gave them every role.
var crowd = map[string]struct {
	by  deployer.Actor
	who deployer.Person
}{
	"requester":       {ana, deployer.Person{}},
	"requester twice": {deployer.Actor{ID: "UANA2", Name: "Ana B."}, deployer.Person{Roles: everyRole, Accounts: []string{"UANA", "UANA2"}}},
	"lead":            {bob, deployer.Person{Roles: []string{"tech-lead"}, Accounts: []string{"UBOB", "UBOB2"}}},
	"lead twice":      {deployer.Actor{ID: "UBOB2", Name: "Bob B."}, deployer.Person{Roles: []string{"tech-lead", "sre"}, Accounts: []string{"UBOB", "UBOB2"}}},
	"both":            {rosa, deployer.Person{Roles: []string{"tech-lead", "sre"}}},
	"sre":             {tina, deployer.Person{Roles: []string{"sre"}}},
	"tester":          {deployer.Actor{ID: "UTESS", Name: "Tess"}, deployer.Person{Roles: []string{"qa"}}},
	"on call":         {deployer.Actor{ID: "UOTTO", Name: "Otto"}, deployer.Person{Roles: []string{"on-call"}}},
	"developer":       {deployer.Actor{ID: "UDEVA", Name: "Deva"}, deployer.Person{Roles: []string{"developers"}}},
	"tam elsewhere":   {deployer.Actor{ID: "UTAM", Name: "Tam"}, deployer.Person{Roles: []string{"tam of plum"}}},
	"nobody special":  {eve, deployer.Person{}},

	"guest":       {deployer.Actor{ID: "UGUEST", Name: "G"}, deployer.Person{Roles: everyRole, Standing: deployer.Guest}},
	"stranger":    {deployer.Actor{ID: "USTRANGE", Name: "S"}, deployer.Person{Roles: everyRole, Standing: deployer.Stranger}},
	"other team":  {deployer.Actor{ID: "UOTHER", Name: "O"}, deployer.Person{Roles: everyRole, Standing: deployer.OtherTeam}},
	"bot":         {deployer.Actor{ID: "UBOT", Name: "B"}, deployer.Person{Roles: everyRole, Standing: deployer.Machine}},
	"deactivated": {deployer.Actor{ID: "UGONE", Name: "D"}, deployer.Person{Roles: everyRole, Standing: deployer.Deactivated}},
	"unknown":     {deployer.Actor{ID: "UNONE", Name: "N"}, deployer.Person{Roles: everyRole, Standing: deployer.Nobody}},
	"no id":       {deployer.Actor{Name: "Ana"}, deployer.Person{Roles: everyRole}},
	"schedule":    {deployer.Actor{Kind: deployer.ActorSchedule, ID: "nightly", Name: "nightly"}, deployer.Person{Roles: everyRole}},
	"agent":       {deployer.Actor{Kind: deployer.ActorAgent, ID: "helper", Name: "helper"}, deployer.Person{Roles: everyRole}},
}

var everyRole = []string{"tech-lead", "sre", "qa", "on-call", "developers", "tam of tangerine"}

// house is who may do what in the tests of this file.
var house = &deployer.Policy{
	Services: map[string]deployer.ServicePolicy{
		"web": {Procedure: "guarded", Also: map[string]string{"hotfix": "on-call"}, Lock: []string{"tech-lead"}},
		"api": {Procedure: "guarded", Start: []string{"developers", "on-call"}, Lock: []string{"sre"}},
	},
	Lock: []string{"sre"}, Elsewhere: []string{"tam of plum"},
}

// guarded asks everybody something.
func guarded() deployer.Procedure {
	role := func(r string) deployer.Values { return deployer.Values{"role": {Text: r}, "count": {Number: 1}} }
	return deployer.Procedure{
		ID: "guarded", Kinds: []deployer.Kind{builds}, Failure: deployer.Failure{Decide: "tech-lead"},
		Steps: []deployer.Step{
			{ID: "ready", Title: "Ready", Uses: deployer.KindConfirm},
			{ID: "tested", Title: "Tested", Uses: deployer.KindConfirm, With: role("qa"), Timeout: time.Minute, Needs: []string{"ready"}},
			{ID: "one", Title: "Lead approves", Uses: deployer.KindApprove, With: role("tech-lead"), Needs: []string{"tested"}},
			{ID: "two", Title: "SRE approves", Uses: deployer.KindApprove, With: role("sre"), Needs: []string{"one"}},
			{ID: "build", Title: "Build", Uses: builds.Name, With: deployer.Values{"proceed": {Text: "sre"}}, Needs: []string{"two"}},
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"build"}},
			{ID: "pods", Title: "Pods run it", Uses: "kubernetes.verify", Needs: []string{"rollout"}},
		},
		Rollback: []deployer.Step{
			{ID: "back-ok", Title: "Going back is right", Uses: deployer.KindApprove, With: role("sre")},
			{ID: "back", Title: "Roll back", Uses: deployer.KindRollout, Needs: []string{"back-ok"}},
		},
	}
}

// asStarted is the start of web by the procedure of that id.
func asStarted(procedure string, services ...string) deployer.Start {
	p := guarded()
	p.ID = procedure
	s := deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p}
	for _, name := range services {
		s.Releases = append(s.Releases, deployer.Release{Service: name, Tag: "v2"})
	}
	return s
}

// moments are the states in which orders are given, by what waits then. They grow
// out of each other.
func moments(t *testing.T) map[string]deployer.Deployment {
	t.Helper()
	say := func(d deployer.Deployment, who string, a deployer.Answer) deployer.Deployment {
		t.Helper()
		if _, err := gives(&d, who, a); err != nil {
			t.Fatalf("%s: %v", who, err)
		}
		return d
	}
	system := deployer.Actor{}
	all := map[string]deployer.Deployment{}
	d := give(t, deployer.Deployment{}, ana, asStarted("guarded", "web"))
	all["resolving"] = d
	d = give(t, d, system, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: runsV1, After: runsV2, Pauses: true}}})
	all["ready"] = d
	d = say(d, "requester", done("ready"))
	all["tested"] = d
	all["tests expired"] = at(t, d, dawn.Add(2*time.Hour), system, deployer.Expire{Step: "tested", Attempt: 1})
	d = say(d, "tester", done("tested"))
	all["one"] = d
	all["changes"] = say(d, "lead", deployer.Answer{Step: "one", Attempt: 1, Choice: deployer.ChoiceChanges, Comment: "The ticket is missing"})
	d = say(d, "lead", approval(d, "one"))
	all["two"] = d
	d = say(d, "sre", approval(d, "two"))
	d = give(t, d, system, look("build", deployer.ObservedAbsent, deployer.State{}))
	d = give(t, d, system, deployer.Act{Key: "build", Ref: "#7"})
	all["building"] = d
	d = give(t, d, system, opens("g1"))
	all["gate"] = d
	d = say(d, "sre", proceed("g1"))
	d = settle(t, d, "build//proceed%20g1", deployer.OK)
	d = give(t, d, system, deployer.Settle{Key: "build", Outcome: deployer.Outcome{Result: deployer.OK}})
	d = give(t, d, system, look("rollout/web", deployer.ObservedAbsent, runsV1))
	all["rolling out"] = d
	all["halting"] = say(d, "lead", deployer.Answer{Choice: deployer.ChoiceStop})
	d = give(t, d, system, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it crashes"}})
	d = settle(t, d, "rollout/web/pause", deployer.OK)
	all["failed"] = d
	d = say(d, "lead", deployer.Answer{Choice: deployer.ChoiceRollBack})
	all["going back"] = d
	all["ended"] = say(d, "lead", deployer.Answer{Choice: deployer.ChoiceStop})
	return all
}

func approval(d deployer.Deployment, step string) deployer.Answer {
	return deployer.Answer{Step: step, Attempt: d.Step(step).Attempt, Choice: deployer.ChoiceApprove, Subject: d.Subject().Hash()}
}

// gives gives an order as one of the crowd, under the house's policy.
func gives(d *deployer.Deployment, who string, c deployer.Command) ([]deployer.Event, error) {
	return orders(dawn.Add(time.Hour), d, who, c)
}

func orders(now time.Time, d *deployer.Deployment, who string, c deployer.Command) ([]deployer.Event, error) {
	p := crowd[who]
	events, _, err := telling.Decide(*d, deployer.Order{By: p.by, Command: c}, deployer.Facts{Now: now, ID: "tangerine-1", Person: p.who, Policy: house})
	if err == nil {
		*d = deployer.Fold(*d, events...)
	}
	return events, err
}

// what is one order as the table has it: the step that it is about and the choice.
type what struct {
	step   string
	choice deployer.Choice
}

// The table: who may, in each state. Whatever stands in no cell is for nobody.
var (
	decide = []string{"requester", "lead", "lead twice", "both", "requester twice"}
	leads1 = []string{"lead", "lead twice", "both"}
	sres   = []string{"sre", "both", "lead twice", "requester twice"}
	mayDo  = map[string]map[what][]string{
		"resolving": {{"", deployer.ChoiceStop}: decide},
		"ready":     {{"", deployer.ChoiceStop}: decide, {"ready", deployer.ChoiceDone}: decide},
		"tested":    {{"", deployer.ChoiceStop}: decide, {"tested", deployer.ChoiceDone}: {"tester", "requester twice"}},
		"tests expired": {
			{"", deployer.ChoiceStop}: decide, {"tested", deployer.ChoiceRetry}: decide,
			{"tested", deployer.ChoiceSkip}: {"tester", "lead", "lead twice", "both", "requester twice"},
		},
		"one": {
			{"", deployer.ChoiceStop}: decide, {"one", deployer.ChoiceApprove}: leads1,
			{"one", deployer.ChoiceReject}:  append([]string{"requester twice"}, leads1...),
			{"one", deployer.ChoiceChanges}: append([]string{"requester twice"}, leads1...),
		},
		"changes": { // Bob wants some
			{"", deployer.ChoiceStop}: decide, {"one", deployer.ChoiceApprove}: {"lead", "lead twice"},
			{"one", deployer.ChoiceReject}:  append([]string{"requester twice"}, leads1...),
			{"one", deployer.ChoiceChanges}: append([]string{"requester twice"}, leads1...),
			{"one", deployer.ChoiceReply}:   {"requester", "requester twice"},
		},
		"two": { // Bob has approved the first
			{"", deployer.ChoiceStop}: decide, {"two", deployer.ChoiceApprove}: {"sre", "both"}, {"two", deployer.ChoiceReject}: sres,
			{"two", deployer.ChoiceChanges}: sres,
		},
		"building":    {{"", deployer.ChoiceStop}: decide},
		"gate":        {{"", deployer.ChoiceStop}: decide, {"build", deployer.ChoiceProceed}: sres, {"build", deployer.ChoiceAbort}: sres},
		"rolling out": {{"", deployer.ChoiceStop}: decide},
		"failed": {
			{"", deployer.ChoiceStop}: decide, {"", deployer.ChoiceRollBack}: append([]string{"requester twice"}, leads1...), // the procedure says who decides
			{"rollout", deployer.ChoiceRetry}: decide, {"rollout", deployer.ChoiceCheck}: decide,
		},
		"going back": { // Bob has decided it
			{"", deployer.ChoiceStop}: decide, {"back-ok", deployer.ChoiceApprove}: {"sre", "both"}, {"back-ok", deployer.ChoiceReject}: sres,
			{"back-ok", deployer.ChoiceChanges}: sres,
		},
	}
)

// Every order of every kind of person in every state is decided as the table says.
// A guest, a member of another team, whoever took the requester's second account,
// and the requester when QA is asleep, all came through once.
func TestWhoMayGiveWhichOrder(t *testing.T) {
	t.Parallel()
	choices := []deployer.Choice{
		deployer.ChoiceDone, deployer.ChoiceApprove, deployer.ChoiceReject, deployer.ChoiceSend, deployer.ChoiceCheck, deployer.ChoiceRetry,
		deployer.ChoiceSkip, deployer.ChoiceRollBack, deployer.ChoiceProceed, deployer.ChoiceAbort, deployer.ChoiceStop,
		deployer.ChoiceChanges, deployer.ChoiceReply,
	}
	tried, taken := 0, 0
	for state, d := range moments(t) {
		for _, choice := range choices {
			steps := []string{""}
			if choice != deployer.ChoiceStop && choice != deployer.ChoiceRollBack { // which are about no step
				for _, s := range d.Steps {
					steps = append(steps, s.ID)
				}
			}
			for _, step := range steps {
				may := mayDo[state][what{step, choice}]
				for who := range crowd {
					a := deployer.Answer{Step: step, Choice: choice, Comment: "since it is so", Values: deployer.ClientWords("Ten minutes.")}
					if s := d.Step(step); s != nil {
						a.Attempt = s.Attempt
					}
					switch choice {
					case deployer.ChoiceApprove:
						a.Subject = d.Subject().Hash()
					case deployer.ChoiceProceed, deployer.ChoiceAbort:
						a.Subject = "g1"
					}
					next := d
					_, err := orders(dawn.Add(2*time.Hour), &next, who, a)
					if tried++; err == nil {
						taken++
					}
					if (err == nil) != slices.Contains(may, who) {
						t.Errorf("%s: %s saying %s of %q: %v", state, who, choice, step, err)
					}
				}
			}
		}
	}
	if tried < 10_000 || taken < 80 {
		t.Errorf("%d orders were tried and %d taken", tried, taken)
	}
}

// Whoever chooses the procedure chooses who approves: a service's own is a floor,
// others are for the roles that the configuration names, and nothing else is
// taken. `/deploy pay v9 --procedure staging` went to production once.
func TestWhoMayStartWithWhichProcedure(t *testing.T) {
	t.Parallel()
	everybody := []string{"requester", "requester twice", "lead", "lead twice", "both", "sre", "tester", "on call", "developer", "tam elsewhere", "nobody special", "schedule", "agent"}
	named := []string{"on call", "developer", "requester twice", "schedule", "agent"} // the last two were given every role
	hotfix := []string{"on call", "requester twice", "schedule", "agent"}
	for _, c := range []struct {
		procedure, services string
		may                 []string
	}{
		{"guarded", "web", everybody},
		{"guarded", "api", named},
		{"guarded", "web api", named},
		{"hotfix", "web", hotfix},
		{"hotfix", "api", nil},
		{"hotfix", "web api", nil},
		{"staging", "web", nil},
		{"", "web", nil},
		{"guarded", "cron", nil},
	} {
		for who := range crowd {
			var d deployer.Deployment
			_, err := gives(&d, who, asStarted(c.procedure, strings.Fields(c.services)...))
			if (err == nil) != slices.Contains(c.may, who) {
				t.Errorf("%s starting %s by %q: %v", who, c.services, c.procedure, err)
			}
		}
	}
	p := crowd["nobody special"]
	_, _, err := telling.Decide(deployer.Deployment{}, deployer.Order{By: p.by, Command: asStarted("staging", "web")},
		deployer.Facts{Now: dawn, ID: "tangerine-1", Policy: house, Child: true})
	if err != nil {
		t.Errorf("what a step runs is refused: %v", err)
	}
}

// Whoever starts a way back decides, or somebody approves it: else anybody could put
// back an old version.
func TestWhoMayStartAWayBack(t *testing.T) {
	t.Parallel()
	back := asStarted("guarded", "web")
	back.Back = "tangerine-7"
	bare := back
	bare.Procedure.Steps = slices.DeleteFunc(slices.Clone(back.Procedure.Steps), deployer.Step.Approves)
	for who, c := range crowd {
		var d [3]deployer.Deployment
		_, plain := gives(&d[0], who, asStarted("guarded", "web"))
		if _, err := gives(&d[1], who, bare); (err == nil) != (plain == nil && slices.Contains(c.who.Roles, "tech-lead")) {
			t.Errorf("%s starting one that nobody approves: %v", who, err)
		}
		if _, err := gives(&d[2], who, back); (err == nil) != (plain == nil) {
			t.Errorf("%s starting one that is approved: %v, and a deployment: %v", who, err, plain)
		}
	}
}

// The configuration lets a kind of person in, and no more than that.
func TestAccessLetsInWhomItNames(t *testing.T) {
	t.Parallel()
	for _, access := range [][]deployer.Standing{nil, {deployer.Guest}, {deployer.Stranger, deployer.Machine}, {deployer.OtherTeam}, {deployer.Deactivated, deployer.Nobody}} {
		p := *house
		p.Access = access
		for who, c := range crowd {
			in := c.by.Kind != deployer.ActorPerson || c.by.ID != "" && (c.who.Standing == deployer.Member || slices.Contains(deployer.Admissible, c.who.Standing) && slices.Contains(access, c.who.Standing))
			if r := p.Admits(c.by, c.who); (r == nil) != in {
				t.Errorf("with %v, %s: %v", access, who, r)
			}
		}
	}
}

// A lock is set and lifted by the roles that the configuration names; whoever
// holds one lifts their own. An account manager of another retailer lifted one.
func TestWhoMayLock(t *testing.T) {
	t.Parallel()
	for service, may := range map[string][]string{
		"":     {"sre", "both", "lead twice", "requester twice"},
		"web":  {"lead", "lead twice", "both", "requester twice"},
		"api":  {"sre", "both", "lead twice", "requester twice"},
		"cron": nil,
	} {
		for who, c := range crowd {
			if c.by.Kind != deployer.ActorPerson {
				continue
			}
			lock := deployer.Lock{Service: service, By: c.by, Reason: "stocktaking", At: midnight, Until: midnight.Add(time.Hour)}
			none := deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}}
			if _, err := none.Set(lock, c.who, house); (err == nil) != slices.Contains(may, who) {
				t.Errorf("%s locking %q: %v", who, service, err)
			}
			lock.By = deployer.Actor{ID: "UKIM", Name: "Kim"}
			none.All = []deployer.Lock{lock}
			if _, _, err := none.Lift(service, c.by, c.who, house, midnight); (err == nil) != slices.Contains(may, who) {
				t.Errorf("%s lifting Kim's lock of %q: %v", who, service, err)
			}
			if lock.By = c.by; c.who.Standing == deployer.Member && c.by.ID != "" {
				none.All = []deployer.Lock{lock}
				if _, _, err := none.Lift(service, c.by, deployer.Person{}, house, midnight); err != nil {
					t.Errorf("%s lifting their own lock of %q: %v", who, service, err)
				}
			}
		}
	}
}

// Ten thousand orders of people who may not, with whatever stands in them, and not
// one is taken.
func TestNothingIsTakenFromWhoeverMayNot(t *testing.T) {
	t.Parallel()
	states := moments(t)
	names, outside := []string{}, []string{}
	for name := range states {
		names = append(names, name)
	}
	slices.Sort(names)
	for who, c := range crowd {
		if c.by.Kind == deployer.ActorPerson && c.who.Standing != deployer.Member || c.by.ID == "" || who == "nobody special" || who == "tam elsewhere" {
			outside = append(outside, who)
		}
	}
	slices.Sort(outside)
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	for i := range 10_000 {
		state, who := pick(names...), pick(outside...)
		d := states[state]
		a := deployer.Answer{
			Step: pick("", d.Steps[rng.IntN(len(d.Steps))].ID, "rollout/web", "none"), Attempt: rng.IntN(3), Item: pick("", "web", "api"),
			Choice: deployer.Choice(pick("Done", "Approve", "Reject", "Send", "Check again", "Retry", "Skip", "Roll back", "Proceed", "Abort", "View", "Stop", "", "Yes")),
			Values: deployer.ClientWords(pick("", "Ten minutes.")), Comment: pick("", "so", "\u3164"),
			Subject:  pick("", "g1", d.Subject().Hash(), d.Undo().Hash(), deployer.LeftBy(d).Hash(), fmt.Sprint(rng.Uint64())),
			Services: [][]string{nil, nil, {"web"}, {"web", "none"}}[rng.IntN(4)],
		}
		var c deployer.Command = a
		if who != "nobody special" && who != "tam elsewhere" && rng.IntN(5) == 0 {
			c, d = asStarted(pick("guarded", "hotfix", "staging", ""), pick("web", "api", "cron")), deployer.Deployment{}
		}
		events, err := gives(&d, who, c)
		if err == nil || len(events) > 0 {
			t.Fatalf("attempt %d of seed %d: %s, %s giving %+v: %v, %v", i, seed, state, who, c, events, err)
		}
	}
}
