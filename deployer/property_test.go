package deployer_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

var (
	ana   = deployer.Actor{ID: "UANA", Name: "Ana"}
	bob   = deployer.Actor{ID: "UBOB", Name: "Bob"}
	rosa  = deployer.Actor{ID: "UROSA", Name: "Rosa"}
	tina  = deployer.Actor{ID: "UTINA", Name: "Tina"}
	eve   = deployer.Actor{ID: "UEVE", Name: "Eve"}
	roles = map[string][]string{bob.ID: {"tech-lead"}, rosa.ID: {"tech-lead", "sre"}, tina.ID: {"tech-lead"}, ana.ID: {"tech-lead"}}

	// leads are as many as a procedure could ever ask, since nobody says yes twice.
	leads = func() (all []deployer.Actor) {
		for i := range 16 {
			p := deployer.Actor{ID: fmt.Sprint("ULEAD", i), Name: fmt.Sprint("Lead ", i)}
			all, roles[p.ID] = append(all, p), []string{"tech-lead"}
		}
		return all
	}()
	dawn = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
)

// The kinds of outside systems that walks have: one that proves, one that
// changes what runs, is found again and asks half way, and one that is never
// tried twice.
var (
	proves = deployer.Kind{Name: "kubernetes.verify", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}
	builds = deployer.Kind{
		Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Mutates: true, Gate: "proceed",
		Params: []deployer.Param{{Name: "proceed", Type: deployer.TypeRole}}, Outputs: []deployer.Param{{Name: "number", Type: deployer.TypeNumber}},
	}
	mails = deployer.Kind{Name: "mail.send", Work: deployer.WorkSystem, Scope: deployer.ScopeMembers, Repeat: deployer.RepeatAtMostOnce}
)

// A fixture drives one deployment the way that the engine, people and the outbox
// do, and holds every promise of the core after each step.
type fixture struct {
	t        *rapid.T
	d        deployer.Deployment
	now      time.Time
	events   []deployer.Event
	past     []deployer.Event // with those of the commit that is being made
	messages []deployer.Message
	held     map[string]bool
	image    map[string]string // what the targets run
	gates    map[string]int    // how many each effect has asked
	locks    deployer.Locks
	closed   []closing // when a rule refuses
	order    deployer.Order
	language deployer.Language
}

// A closing is a time in which a rule refuses, which a role may override.
type closing struct{ from, to time.Time }

// drawClosings are some of the next hours.
func drawClosings(t *rapid.T) []closing {
	var out []closing
	from := dawn
	for range max(rapid.IntRange(-1, 2).Draw(t, "closings"), 0) {
		from = from.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "opens for")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "closes for")) * time.Minute)
		out, from = append(out, closing{from, to}), to
	}
	return out
}

// verdicts are what the rules say now.
func (w *fixture) verdicts() []deployer.Verdict {
	for i, c := range w.closed {
		if !w.now.Before(c.from) && w.now.Before(c.to) {
			return []deployer.Verdict{{Rule: fmt.Sprint("rule ", i), Is: deployer.WindowRefuse, Why: "It is closed.", Override: "sre", Next: c.to}}
		}
	}
	return nil
}

func drawProcedure(t *rapid.T) deployer.Procedure {
	p := deployer.Procedure{ID: "p", SHA: "sha", Kinds: spokenKinds(), Messages: map[string]string{"starting": "{what}", "failed": "{why}", "clients": "It takes {duration}."}}
	if rapid.Bool().Draw(t, "tells") {
		p.Failure = deployer.Failure{Message: "failed", To: []string{"change"}, Held: "failed", Resumed: "starting"}
	}
	draw := func(prefix string, kinds []string, n int) []deployer.Step {
		var steps []deployer.Step
		for i := range n {
			s := deployer.Step{ID: fmt.Sprint(prefix, i), Uses: rapid.SampledFrom(kinds).Draw(t, "kind")}
			s.Title = s.ID
			if s.Deploys() { // at most one, as procedures are loaded
				kinds = slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == deployer.KindRollout })
			}
			switch s.Uses {
			case deployer.KindApprove:
				s.With = deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: rapid.IntRange(1, 2).Draw(t, "count")}}
				if rapid.IntRange(0, 2).Draw(t, "holds for a time") == 0 {
					s.With["expires"] = deployer.Value{Duration: time.Duration(rapid.IntRange(1, 10).Draw(t, "expires")) * time.Minute}
				}
			case deployer.KindAnnounce:
				s.With = deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys", "change"}}}
				switch rapid.IntRange(0, 3).Draw(t, "announces") {
				case 0:
					s.With["planned"] = deployer.Value{Flag: true}
				case 1:
					s.With = deployer.Values{"message": {Text: "clients"}, "to": {List: []string{deployer.ChannelClients}}}
					s.With["review"] = deployer.Value{Text: rapid.SampledFrom([]string{"", "sre"}).Draw(t, "reviewer")}
				}
			case deployer.KindWait:
				s.With = deployer.Values{"for": {Duration: time.Minute}}
				if rapid.Bool().Draw(t, "until planned") {
					s.With = deployer.Values{"until": {Text: deployer.UntilPlanned}}
				}
			case deployer.KindConfirm:
				s.With = deployer.Values{"role": {Text: rapid.SampledFrom([]string{"", "sre"}).Draw(t, "role")}}
			}
			switch s.Uses {
			case builds.Name:
				s.With = deployer.Values{"proceed": {Text: "sre"}}
			case mails.Name:
				s.Each = [][]string{nil, {"a@example"}, {"a@example", "b/c@example"}}[rapid.IntRange(0, 2).Draw(t, "members")]
			}
			if rapid.IntRange(0, 3).Draw(t, "conditional") == 0 {
				s.When, s.Else = "inputs.risk", "Low risk."
			}
			if s.Approves() || s.Confirms() {
				s.Remind = [][]time.Duration{nil, {2 * time.Minute}, {2 * time.Minute, 4 * time.Minute, 11 * time.Minute}}[rapid.IntRange(0, 2).Draw(t, "reminders")]
			}
			if s.Uses != deployer.KindWait && rapid.Bool().Draw(t, "has time-out") {
				s.Timeout = 10 * time.Minute
			}
			drawFailing(t, &s)
			drawBeginning(t, &s)
			for _, earlier := range steps {
				if rapid.IntRange(0, 2).Draw(t, "needs") > 0 {
					s.Needs = append(s.Needs, earlier.ID)
				}
			}
			steps = append(steps, s)
		}
		return steps
	}
	all := []string{"confirm", "approve", "announce", "rollout", "rollout", "wait", proves.Name, builds.Name, mails.Name}
	p.Steps = draw("s", all, rapid.IntRange(1, 6).Draw(t, "steps"))
	p.Rollback = draw("r", []string{"rollout", "announce", "approve", proves.Name}, rapid.IntRange(0, 3).Draw(t, "rollback"))
	drawPhases(t, &p)
	aside := []string{"confirm", "announce", "wait", proves.Name, builds.Name, mails.Name}
	if rapid.IntRange(0, 2).Draw(t, "more") == 0 {
		p.Failure.Steps = draw("f", aside, rapid.IntRange(0, 2).Draw(t, "at once"))
		p.After = draw("a", aside, rapid.IntRange(0, 3).Draw(t, "after"))
		for i := range p.After {
			if s := &p.After[i]; rapid.Bool().Draw(t, "again and again") {
				s.Every, s.Lasts = 5*time.Minute, time.Duration(rapid.IntRange(0, 15).Draw(t, "lasts"))*time.Minute
			} else {
				s.In = time.Duration(rapid.IntRange(0, 60).Draw(t, "in")) * time.Minute
			}
		}
	}
	return p
}

// drawFailing says of some steps what comes of their failing, and has some stand in the
// background.
func drawFailing(t *rapid.T, s *deployer.Step) {
	if rapid.IntRange(0, 2).Draw(t, "fails in its own way") > 0 {
		return
	}
	s.OnFailure = rapid.SampledFrom([]deployer.OnFailure{deployer.FailureDecide, deployer.FailureContinue, deployer.FailureContinue, deployer.FailureStop, deployer.FailureRollBack}).Draw(t, "on failure")
	s.Retries = deployer.Retries{Times: rapid.IntRange(0, 2).Draw(t, "retries"), Every: time.Duration(rapid.IntRange(0, 90).Draw(t, "pause")) * time.Second}
	s.MaySkip = rapid.SampledFrom([]string{"", "", "sre", deployer.MaySkipNobody}).Draw(t, "may skip")
	s.Background = rapid.Bool().Draw(t, "background") && !s.Approves() && !s.Deploys()
}

func newFixture(t *rapid.T) *fixture {
	w := &fixture{t: t, closed: drawClosings(t), language: deployertest.Language{Names: drawNames(t)}, now: dawn, held: map[string]bool{}, image: map[string]string{}, gates: map[string]int{}}
	start := deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: drawProcedure(t),
		Channels: map[string]string{"deploys": "C1", "change": "C2"}, Warnings: []string{"It is late."},
	}
	if rapid.Bool().Draw(t, "planned") {
		start.Planned = dawn.Add(time.Duration(rapid.IntRange(-1, 90).Draw(t, "ahead")) * time.Minute)
	}
	if rapid.Bool().Draw(t, "tells clients") {
		start.Channels[deployer.ChannelClients] = "C3"
	}
	start.Drill.On = rapid.IntRange(0, 3).Draw(t, "drill") == 0
	for i := range rapid.IntRange(1, 3).Draw(t, "services") {
		start.Releases = append(start.Releases, deployer.Release{Service: fmt.Sprint("svc", i), Tag: "v2"})
		w.image[fmt.Sprint("svc", i)] = "v1"
	}
	if err := w.do(deployer.Order{By: ana, Nonce: "start", Command: start}); err != nil {
		t.Fatalf("start: %v", err)
	}
	return w
}

// do decides an order and checks what every commit promises.
func (w *fixture) do(o deployer.Order) error {
	before := w.d
	facts := deployer.Facts{Now: w.now, ID: "tangerine-1", Person: deployer.Person{Roles: roles[o.By.ID]}, Locks: w.locks, Verdicts: w.verdicts(), Language: w.language}
	w.order = o
	events, messages, err := telling.Decide(w.d, o, facts)
	if err != nil {
		return err
	}
	again, _, _ := telling.Decide(w.d, o, facts)
	if !reflect.DeepEqual(events, again) {
		w.t.Fatalf("deciding twice differs:\n%#v\n%#v", events, again)
	}
	if !reflect.DeepEqual(before, w.d) {
		w.t.Fatal("Decide changed its argument")
	}
	for _, e := range events {
		if i, ok := e.(deployer.EffectIntended); ok && w.d.Drill.On && i.Runner != deployer.DrillRunner && !strings.Contains(i.Key, deployer.VerbUnless) && !strings.HasPrefix(i.Runner, deployer.KindRun) {
			w.t.Fatalf("in a drill %s is done by %s", i.Key, i.Runner)
		}
		w.promises(e)
		w.spokenPromises(e)
		w.past = append(w.past, e)
		w.d = deployer.Apply(w.d, e)
	}
	c := deployer.Pack(before, o, events, messages)
	if !reflect.DeepEqual(c.After, w.d) {
		w.t.Fatal("Pack and Apply differ")
	}
	for _, p := range c.Claim {
		w.held[p] = true
	}
	for _, p := range c.Release {
		if !w.held[p] {
			w.t.Fatalf("released a place that was not held: %s", p)
		}
		delete(w.held, p)
	}
	for _, m := range messages {
		w.told(m)
		if w.d.Drill.On && m.Channel == "C3" {
			w.t.Fatalf("clients are told of a drill: %+v", m)
		}
	}
	w.events, w.messages = append(w.events, events...), append(w.messages, messages...)
	if w.d.Status.Ended() && !reflect.DeepEqual(deployer.Fold(deployer.Deployment{}, w.events...), w.d) {
		w.t.Fatalf("folding again gives something else: %s", cmp.Diff(deployer.Fold(deployer.Deployment{}, w.events...), w.d))
	}
	if (w.d.Status.Ended() || w.d.Freed) != (len(w.held) == 0) { // paperwork keeps none
		w.t.Fatalf("status %s holds %v", w.d.Status, w.held)
	}
	return nil
}

func (w *fixture) targets() []deployer.Target {
	var out []deployer.Target
	for _, want := range deployer.Unresolved(w.d) {
		out = append(out, deployer.Target{
			Service: want.Service, Runner: "kubernetes", Pauses: true,
			Before: deployer.State{Image: w.image[want.Service], Version: w.image[want.Service]}, After: deployer.State{Image: want.Tag, Version: want.Tag},
		})
	}
	return out
}

// machine does one thing that the engine would do; kind says how the world
// answers. It reports whether there was anything to do.
func (w *fixture) machine(draw func(string, int) int) bool {
	p := deployer.Next(w.d, w.now)
	if p.Resolve {
		if deployer.Patching(w.d) != nil && draw("no such tag", 4) == 3 {
			w.must(deployer.Order{Command: deployer.RejectStart{Refusal: *deployer.Refuse("", "There is no such tag."), Releases: deployer.Unresolved(w.d)}})
			return true
		}
		w.must(deployer.Order{Command: deployer.Resolve{Targets: w.targets(), Releases: deployer.Unresolved(w.d)}})
		return true
	}
	if len(p.Due) > 0 {
		w.must(deployer.Order{Command: p.Due[draw("due", len(p.Due))]})
		return true
	}
	for i := len(w.messages) - 1; i >= 0; i-- {
		m := w.messages[i]
		w.messages = slices.Delete(w.messages, i, i+1)
		if !m.Receipt {
			continue
		}
		if draw("lost", 8) == 7 {
			w.must(deployer.Order{Command: deployer.GiveUp{DedupKey: m.DedupKey, Why: "archived"}})
		} else {
			w.must(deployer.Order{Command: deployer.Deliver{Kind: m.Kind, Post: deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: "1"}}})
		}
		return true
	}
	if w.watched(p.Watches, draw) {
		return true
	}
	if len(p.Effects) == 0 {
		return false
	}
	w.effect(p.Effects[draw("effect", len(p.Effects))], draw)
	return true
}

// watched looks once more at what something rests on, or finds by chance that what
// is watched is not so any more.
func (w *fixture) watched(all []deployer.Watch, draw func(string, int) int) bool {
	for _, watch := range all {
		out := deployer.Outcome{Result: deployer.OK}
		if draw("still so", 8) == 7 {
			out = deployer.Outcome{Result: []deployer.Result{deployer.Failed, deployer.Interrupted, deployer.Absent}[draw("what", 3)], Why: "It is not so any more."}
		}
		if watch.Now || out.Result != deployer.OK {
			w.must(deployer.Order{Command: deployer.Recheck{Key: watch.Key, Outcome: out}})
			return true
		}
	}
	return false
}

func (w *fixture) effect(e deployer.Wanted, draw func(string, int) int) {
	svc := e.Intent.Service
	switch {
	case e.Stage == "":
		w.intend(e, draw)
	case e.Held != "" && draw("is there all the same", 2) == 0: // it is only looked
	case e.Stage == deployer.Intended && e.Halt == "" && !e.LookOnly:
		if e.Repeat == deployer.RepeatFindable || e.Repeat == deployer.RepeatAtMostOnce {
			w.must(deployer.Order{Command: deployer.Try{Key: e.Key}})
		}
		if e.Repeat == deployer.RepeatConditional && svc != "" {
			w.image[svc] = e.Intent.To.Image
		}
		w.must(deployer.Order{Command: deployer.Act{Key: e.Key, Ref: "r"}})
	case e.Stage == deployer.Acted && e.Intent.With["proceed"].Text != "" && w.gates[e.Key] < 2 && draw("asks", 3) == 2:
		w.gates[e.Key]++
		w.must(deployer.Order{Command: deployer.OpenGate{Key: e.Key, Gate: deployer.Gate{ID: fmt.Sprint("gate ", w.gates[e.Key]), Asks: "Go on?"}}})
	default:
		result := []deployer.Result{deployer.OK, deployer.OK, deployer.OK, deployer.Failed, deployer.Interrupted, deployer.Absent}[draw("result", 6)]
		if e.Halt != "" && result != deployer.Interrupted {
			result = deployer.Failed
		}
		w.must(deployer.Order{Command: deployer.Settle{Key: e.Key, Outcome: deployer.Outcome{Result: result, Why: "so", Outputs: deployer.Values{"number": {Number: 7}}}}})
	}
}

// intend begins an effect, unless a lock holds it, which is there by chance.
func (w *fixture) intend(e deployer.Wanted, draw func(string, int) int) {
	svc := e.Intent.Service
	kind := deployer.ObservedAbsent
	if svc != "" && w.image[svc] == e.Intent.To.Image && draw("present", 2) == 1 {
		kind = deployer.ObservedPresent
	}
	if draw("locks", 8) == 7 {
		w.locks.All = []deployer.Lock{{By: bob, Reason: "incident", At: w.now, Until: w.now.Add(time.Minute)}}
	}
	o := deployer.Order{Command: deployer.Intend{Key: e.Key, Observation: deployer.Observation{Kind: kind, State: deployer.State{Image: w.image[svc], Version: w.image[svc]}}}}
	if err := w.do(o); errors.Is(err, deployer.ErrHeld) {
		w.now = w.now.Add(time.Minute) // until the lock is over
	} else if err != nil {
		w.t.Fatalf("%#v was planned and then refused: %v", o.Command, err)
	}
}

func (w *fixture) must(o deployer.Order) {
	if err := w.do(o); err != nil {
		w.t.Fatalf("%#v was planned and then refused: %v", o.Command, err)
	}
}

// people gives a random order of a person; refusals are fine.
func (w *fixture) people() {
	t := w.t
	by := rapid.SampledFrom([]deployer.Actor{ana, bob, rosa, tina, eve}).Draw(t, "by")
	s := w.d.Steps[rapid.IntRange(0, len(w.d.Steps)-1).Draw(t, "step")]
	attempt := s.Attempt - rapid.IntRange(0, 1).Draw(t, "stale")
	hash := w.d.Subject().Hash()
	if rapid.IntRange(0, 4).Draw(t, "old hash") == 0 {
		hash = "stale"
	}
	cmd := rapid.SampledFrom([]deployer.Command{
		deployer.Answer{Step: s.ID, Attempt: attempt, Choice: deployer.ChoiceDone, Values: filledIn}, deployer.Answer{Step: s.ID, Attempt: attempt, Choice: deployer.ChoiceDone}, deployer.Answer{Step: s.ID, Attempt: attempt, Subject: hash, Choice: deployer.ChoiceApprove},
		deployer.Answer{Step: s.ID, Attempt: attempt, Subject: hash, Choice: deployer.ChoiceApprove}, deployer.Answer{Step: s.ID, Attempt: attempt, Comment: "not tonight", Choice: deployer.ChoiceReject},
		deployer.Answer{Step: s.ID, Attempt: attempt, Choice: deployer.ChoiceRetry}, deployer.Answer{Step: s.ID, Attempt: attempt, Choice: deployer.ChoiceCheck},
		deployer.Answer{Step: s.ID, Attempt: attempt, Comment: "the ticket", Choice: deployer.ChoiceChanges}, deployer.Answer{Step: s.ID, Attempt: attempt, Comment: "it is there", Choice: deployer.ChoiceReply},
		deployer.Answer{Step: s.ID, Attempt: attempt, Comment: rapid.SampledFrom([]string{"log noise", " "}).Draw(t, "reason"), Choice: deployer.ChoiceSkip},
		deployer.Answer{Step: s.ID, Attempt: attempt, Comment: rapid.SampledFrom([]string{"it burns", " "}).Draw(t, "why now"), Choice: deployer.ChoiceOverride},
		deployer.Answer{Choice: deployer.ChoiceTakeOver}, deployer.Answer{Choice: deployer.ChoiceTakeOver}, deployer.Answer{Choice: deployer.ChoiceHandBack},
		deployer.Answer{Step: s.ID, Attempt: attempt, Comment: rapid.SampledFrom([]string{"on its page", " "}).Draw(t, "how"), Choice: deployer.ChoiceByHand},
		deployer.Answer{Step: s.ID, Attempt: attempt, Comment: "it mends that", Choice: deployer.ChoicePatch, Values: map[string]string{"svc0": fmt.Sprint("v", len(w.events))}},
		deployer.Answer{Choice: deployer.ChoiceRollBack}, deployer.Answer{Choice: deployer.ChoiceRollBack, Services: []string{"svc0"}}, deployer.Answer{Choice: deployer.ChoiceStop}, deployer.Answer{Step: s.ID, Attempt: attempt, Values: deployer.ClientWords("Ten minutes."), Choice: deployer.ChoiceSend},
		deployer.Answer{Step: s.ID, Attempt: attempt, Values: deployer.ClientWords("svc0 takes ten minutes."), Choice: deployer.ChoiceSend},
	}).Draw(t, "command")
	err := w.do(deployer.Order{By: by, Nonce: fmt.Sprint(len(w.events), rapid.IntRange(0, 2).Draw(t, "nonce")), Command: cmd})
	var refusal *deployer.Refusal
	if err != nil && !errors.As(err, &refusal) {
		t.Fatalf("a person got %v", err)
	}
}

// finish plays a world in which everything goes well from now on.
func (w *fixture) finish() {
	well := func(string, int) int { return 0 }
	if slices.Contains(w.d.Options(), deployer.ChoiceHandBack) {
		w.must(deployer.Order{By: ana, Nonce: "hand back", Command: deployer.Answer{Choice: deployer.ChoiceHandBack}})
	}
	for range 900 {
		if !deployer.Lives(w.d) {
			return
		}
		if w.machine(well) {
			continue
		}
		if !w.answer() {
			wake := deployer.Next(w.d, w.now).Wake
			if wake.IsZero() {
				w.t.Fatalf("stuck: %s %+v", w.d.Status, w.d.Current())
			}
			w.now = wake
		}
	}
	w.t.Fatalf("does not end: %s %+v", w.d.Status, w.d.Current())
}

// answer gives one answer that a well-meaning person would give.
func (w *fixture) answer() bool {
	nonce := fmt.Sprint("well", len(w.events))
	if w.d.Status == deployer.Halting && len(w.d.Options()) > 0 {
		w.must(deployer.Order{By: ana, Nonce: nonce, Command: deployer.Answer{Choice: deployer.ChoiceStop, Comment: "it is left so"}})
		return true
	}
	for _, s := range w.d.Current() {
		if g, item, ok := s.GateOf(); ok {
			w.must(deployer.Order{By: rosa, Nonce: nonce, Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Item: item, Choice: deployer.ChoiceProceed, Subject: g.ID}})
			return true
		}
	}
	if s := w.d.Broken(); w.d.Status == deployer.Deciding && s != nil && slices.Contains(w.d.Options(), deployer.ChoiceRetry) {
		w.must(deployer.Order{By: ana, Nonce: nonce, Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry}})
		return true
	}
	for _, s := range w.d.Current() {
		if s.Status != deployer.Active {
			if (w.d.Status.Ended() || w.d.Status == deployer.Running) && slices.Contains(deployer.StepOptions(w.d, s), deployer.ChoiceRetry) {
				w.must(deployer.Order{By: ana, Nonce: nonce, Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry}})
				return true
			}
			continue
		}
		if w.d.Status == deployer.Stopped && s.Part != deployer.PartAfter {
			continue // nobody is asked any more
		}
		by, says := doneBy(w, s)
		switch {
		case s.Announces() && w.d.AwaitsPerson(s):
			w.must(deployer.Order{By: by, Nonce: nonce, Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Values: deployer.ClientWords("Ten minutes."), Choice: deployer.ChoiceSend}})
			return true
		case s.Confirms():
			w.must(deployer.Order{By: by, Nonce: nonce, Command: says})
			return true
		case s.Approves() && len(deployer.OpenRequests(s)) > 0:
			w.must(deployer.Order{By: ana, Nonce: nonce, Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Comment: "it is there", Choice: deployer.ChoiceReply}})
			return true
		case s.Approves():
			for _, p := range slices.Concat([]deployer.Actor{bob, rosa, tina}, leads) { // whoever has decided a rollback does not approve it
				err := w.do(deployer.Order{By: p, Nonce: nonce + p.ID, Command: deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: w.d.Subject().Hash(), Choice: deployer.ChoiceApprove}})
				if err == nil {
					return true
				}
			}
		}
	}
	return false
}

func (w *fixture) random() {
	for range rapid.IntRange(0, 40).Draw(w.t, "length") {
		if !deployer.Lives(w.d) {
			return
		}
		switch rapid.IntRange(0, 9).Draw(w.t, "what") {
		case 0:
			w.now = w.now.Add(time.Duration(rapid.IntRange(1, 700).Draw(w.t, "seconds")) * time.Second)
		case 1: // somebody else changes the image
			w.image["svc0"] = fmt.Sprint("v", rapid.IntRange(1, 9).Draw(w.t, "other"))
		case 2, 3, 4:
			w.people()
		default:
			w.machine(func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(w.t, label) })
		}
	}
}

// Whatever happens, a deployment can go on to an end.
func TestEverySequenceCanEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newFixture(t)
		w.random()
		w.finish()
	})
}

// Whatever is broken, somebody who skips all that can be skipped, and retries
// the rest, comes to an end.
func TestSkippingLeadsToAnEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newFixture(t)
		w.random()
		for range 20 {
			s := w.d.Skippable()
			if s == nil || w.d.Status != deployer.Deciding || !slices.Contains(w.d.Options(), deployer.ChoiceSkip) {
				break
			}
			id := s.ID
			by := ana
			if s.Role() != "" || s.GateRole() != "" || s.MaySkip != "" {
				by = rosa
			}
			w.must(deployer.Order{By: by, Nonce: "skip " + id, Command: deployer.Answer{Step: id, Attempt: s.Attempt, Comment: "log noise", Choice: deployer.ChoiceSkip}})
			if s := w.d.Step(id); s.Status != deployer.Done || s.Skipped.By != by {
				t.Fatalf("%s is %s, skipped by %+v", id, s.Status, s.Skipped.By)
			}
		}
		w.finish()
	})
}

// Stop is always an answer, and nothing is left under way after it.
func TestStopAlwaysEndsADeployment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newFixture(t)
		w.random()
		if w.d.Status.Ended() {
			if slices.Contains(w.d.Options(), deployer.ChoiceStop) {
				w.must(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
			}
			w.finish()
			return
		}
		if w.d.Status != deployer.Halting {
			w.must(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
		}
		w.finish()
		if w.d.Status != deployer.Stopped {
			t.Fatalf("ended as %s", w.d.Status)
		}
	})
}

// The same order with the same nonce changes nothing (deliveries of one Slack
// command up to three times: bolt-js 2188 and 2487).
func TestAnOrderIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newFixture(t)
		w.random()
		if w.d.Status.Ended() {
			return
		}
		o := deployer.Order{By: ana, Nonce: "twice", Command: deployer.Answer{Choice: deployer.ChoiceStop}}
		if w.do(o) != nil {
			return
		}
		n := len(w.events)
		if err := w.do(o); err != nil && !w.d.Status.Ended() || len(w.events) != n {
			t.Fatalf("heard twice: %v, %d events more", err, len(w.events)-n)
		}
	})
}
