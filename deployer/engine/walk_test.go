package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/deployertest"
	"github.com/stationmaster/stationmaster/deployer/engine"
	"pgregory.net/rapid"
)

var (
	tom = deployer.Actor{ID: "UTOM", Name: "Tom"}

	// leads are as many as a procedure could ask: nobody says yes twice.
	leads = func() (all []deployer.Actor) {
		for i := range 16 {
			all = append(all, deployer.Actor{ID: fmt.Sprint("ULEAD", i), Name: fmt.Sprint("Lead ", i)})
		}
		return all
	}()
	rosa = deployer.Actor{ID: "UROSA", Name: "Rosa"}
)

// Whatever procedures there are, whatever systems, people and the process do, and
// whenever: every deployment and all its children come to an end when that calms
// down, and nothing was done without its approvals, under a lock, or twice.
// -rapid.checks says how many walks there are; -rapid.seed which.
func TestEveryWalkEnds(t *testing.T) {
	t.Parallel()
	ends := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		seed := rand.NewPCG(rapid.Uint64().Draw(r, "seed"), rapid.Uint64().Draw(r, "and"))
		var w *walker
		synctest.Test(t, func(t *testing.T) { w = walk(t, rand.New(seed)) })
		if len(w.wrong) > 0 {
			r.Fatalf("%s", strings.Join(w.wrong, "\n"))
		}
		for _, d := range w.journal.All() {
			ends[string(d.Status)]++
			if strings.HasPrefix(d.Origin, "run/") {
				ends["of them children"]++
			}
		}
	})
	t.Logf("deployments have ended: %v", ends)
}

// A walker takes deployments through a chaos.
type walker struct {
	*family
	c      *chaos
	world  *cluster
	clicks int

	mu    sync.Mutex
	wrong []string
}

func walk(t *testing.T, dice *rand.Rand) *walker {
	c := &chaos{dice: dice, builds: map[string]int{}, mails: map[string]int{}}
	j, world := deployertest.NewJournal(), newCluster()
	for i := range 5 {
		world.image[fmt.Sprint("s", i)] = "v1"
	}
	world.image["db"] = "v1"
	w := &walker{family: &family{&fixture{t: t, journal: j, cluster: world, ran: make(chan error, 1)}}, c: c, world: world}
	j.OnCommit(w.commits)
	w.live()
	first := deployer.Order{By: ana, Nonce: "first", Command: c.start("", true)}
	cmd := first.Command.(deployer.Start)
	cmd.Origin = "first"
	first.Command = cmd
	w.order(first)
	for range c.roll(120) {
		w.happen()
	}
	c.settle()
	w.order(deployer.Order{By: rosa, Nonce: "unlock"})
	for n := 0; w.tidy(n); n++ {
		time.Sleep(5 * time.Second)
	}
	w.close()
	w.atTheEnd()
	return w
}

func (w *walker) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

// live begins a process.
func (w *walker) live() {
	runners := map[string]deployer.Runner{builds.Name: troubled{builder{w.c}, w.c}, mails.Name: troubled{mailer{w.c}, w.c}}
	for name, r := range w.world.runners() {
		runners[name] = troubled{r, w.c}
	}
	w.engine = engine.New(engine.Config{
		Journal: w.journal, Resolver: w.world, Runners: runners, People: w.c, Language: w.c, Launch: w.c.launch, Patience: 2 * time.Minute,
	})
	w.run(w.t)
}

// commits is asked about every commit, looks at what begins with it, and has some
// end as a journal can.
func (w *walker) commits(_ int, c deployer.Commit) (bool, error) {
	for _, e := range c.Events {
		if in, ok := e.(deployer.EffectIntended); ok {
			w.begins(c, deployer.ParseEffectKey(in.Key))
		}
	}
	switch w.c.roll(60) {
	case 1:
		return true, deployer.ErrUnknown
	case 2:
		return false, deployer.ErrUnknown
	case 3:
		return false, errors.New("no space left")
	}
	return true, nil
}

// begins: what changes what runs begins with every approval before it, and under
// no lock unless it was done already.
func (w *walker) begins(c deployer.Commit, key deployer.EffectKey) {
	d, step := c.After, c.After.Step(key.Step)
	e := d.Effect(key.String())
	if !step.Mutates() || step.Part != deployer.PartMain || key.Verb != "" || !e.Open() {
		return
	}
	for _, before := range d.Steps {
		if before.ID == step.ID {
			break
		}
		if before.Approves() && before.Part == step.Part && !before.Status.Over() {
			w.fail("%s %s began without the approval %s", d.ID, key, before.ID)
		}
	}
	locks, err := w.journal.Locks(w.t.Context(), d.Site.Name, d.Site.Environment)
	stale := c.Locks != nil && c.Locks.Rev != locks.Rev // it is refused
	if err == nil && !stale && locks.Of(d.Releases[0].Service, e.At) != nil && !w.done(d, key) {
		w.fail("%s %s began under a lock", d.ID, key)
	}
}

// done reports whether an effect can be seen to be done.
func (w *walker) done(d deployer.Deployment, key deployer.EffectKey) bool {
	w.world.mu.Lock()
	defer w.world.mu.Unlock()
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	build := builder{w.c}.key(deployer.Intent{Mark: d.Mark(false), Step: key.Step})
	return w.world.mark[key.Item] == d.Mark(false) || w.c.builds[build+" shown"] > 0
}

// order gives an order, or takes the lock away; that it is refused is fine.
func (w *walker) order(o deployer.Order) {
	var err error
	if o.Command == nil {
		err = w.engine.Unlock(w.t.Context(), "tangerine", "prod", "", o.By, deploys)
	} else {
		_, err = w.engine.Do(w.t.Context(), o)
	}
	if _, refused := errors.AsType[*deployer.Refusal](err); err != nil && !refused && w.c.calm && !errors.Is(err, deployer.ErrStale) {
		w.fail("%#v: %v", o.Command, err)
	}
}

// happen lets one thing happen by chance.
func (w *walker) happen() {
	switch w.c.roll(12) {
	case 0:
		w.close()
		w.live()
	case 1:
		now := time.Now()
		lock := deployer.Lock{By: rosa, Reason: "incident", At: now, Until: now.Add(time.Minute)}
		_ = w.engine.Lock(w.t.Context(), "tangerine", "prod", lock, deploys)
	case 2:
		w.order(deployer.Order{By: rosa})
	case 3, 4:
		w.click()
	default:
		for _, d := range w.journal.All() {
			w.well(d)
		}
	}
	w.post()
	time.Sleep(time.Duration(w.c.roll(30)) * time.Second)
}

// click has somebody say something to some deployment.
func (w *walker) click() {
	all := w.journal.All()
	if len(all) == 0 {
		return
	}
	d := all[w.c.roll(len(all))]
	s := d.Steps[w.c.roll(len(d.Steps))]
	choices := []deployer.Choice{
		deployer.ChoiceDone, deployer.ChoiceApprove, deployer.ChoiceReject, deployer.ChoiceRetry, deployer.ChoiceCheck, deployer.ChoiceSkip,
		deployer.ChoiceRollBack, deployer.ChoiceStop, deployer.ChoiceProceed, deployer.ChoiceAbort, deployer.ChoicePatch,
	}
	a := deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: choices[w.c.roll(len(choices))], Comment: "so"}
	if a.Choice == deployer.ChoiceApprove {
		a.Subject = d.Subject().Hash()
	}
	if a.Choice == deployer.ChoicePatch && len(d.Releases) > 0 {
		a.Values = map[string]string{d.Releases[0].Service: fmt.Sprint("v", 3+w.c.roll(3))}
	}
	w.say(d.ID, []deployer.Actor{ana, bob, tom, rosa}[w.c.roll(4)], a)
}

func (w *walker) say(id string, by deployer.Actor, a deployer.Answer) {
	w.clicks++
	w.order(deployer.Order{Deployment: id, By: by, Nonce: fmt.Sprint("click ", w.clicks), Command: a})
}

// post takes what waits to be sent.
func (w *walker) post() {
	messages, err := w.journal.Messages(w.t.Context(), "", 1000)
	if err != nil {
		w.fail("%v", err)
	}
	for _, m := range messages {
		if m.Receipt {
			w.order(deployer.Order{Deployment: m.Deployment, Command: deployer.Deliver{Kind: m.Kind, Post: deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: "1"}, OutboxKey: m.Key}})
		} else if err := w.journal.Discard(w.t.Context(), m); err != nil {
			w.fail("%v", err)
		}
	}
}

// well answers as people do who mean it well.
func (w *walker) well(d deployer.Deployment) {
	for _, s := range d.Current() {
		a := deployer.Answer{Step: s.ID, Attempt: s.Attempt}
		gate, item, gated := s.GateOf()
		switch {
		case gated:
			a.Choice, a.Item, a.Subject = deployer.ChoiceProceed, item, gate.ID
			w.say(d.ID, rosa, a)
		case s.Status != deployer.Active:
		case s.Confirms():
			a.Choice = deployer.ChoiceDone
			w.say(d.ID, ana, a)
			w.say(d.ID, rosa, a)
		case s.Approves():
			a.Choice, a.Subject = deployer.ChoiceApprove, d.Subject().Hash()
			for _, by := range slices.Concat([]deployer.Actor{bob, tom, rosa}, leads) {
				w.say(d.ID, by, a)
			}
		}
	}
}

// tidy does what is left to do when all is calm, for the n-th time, and reports
// whether something is.
func (w *walker) tidy(n int) bool {
	w.post()
	open := false
	for _, d := range w.journal.All() {
		if !deployer.Lives(d) {
			continue
		}
		open = true
		if n > 2000 {
			w.fail("%s does not end: %s (%s), %+v", d.ID, d.Status, d.Why, d.Current())
			continue
		}
		w.well(d)
		w.decideAside(d)
		options, b := d.Options(), d.Broken()
		switch {
		case d.Status == deployer.Halting && len(options) > 0:
			w.say(d.ID, ana, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "it is left so"})
		case b == nil || !slices.Contains(options, deployer.ChoiceRetry):
		case b.Attempt > 8:
			w.say(d.ID, ana, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "it never works"})
		default:
			w.say(d.ID, ana, deployer.Answer{Step: b.ID, Attempt: b.Attempt, Choice: deployer.ChoiceRetry})
		}
	}
	return open && n <= 2000
}

// decideAside has what failed beside the others or after the end tried again, and skipped
// or stopped in the end.
func (w *walker) decideAside(d deployer.Deployment) {
	for _, s := range d.Steps {
		options := deployer.StepOptions(d, s)
		switch {
		case s.Status == deployer.Active || !slices.Contains(options, deployer.ChoiceRetry) || d.Status == deployer.Deciding && d.Broken() != nil:
		case s.Attempt > 8 && slices.Contains(options, deployer.ChoiceSkip):
			for _, by := range []deployer.Actor{ana, rosa} {
				w.say(d.ID, by, deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceSkip, Comment: "it never works"})
			}
		case s.Attempt > 8:
			w.say(d.ID, ana, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "it never works"})
		default:
			w.say(d.ID, ana, deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry})
		}
	}
}

// atTheEnd is what holds when everything has ended.
func (w *walker) atTheEnd() {
	if held, q, n := w.journal.Places(), w.engine.Quarantined(), w.engine.Awaited(); len(held)+len(q)+n > 0 {
		w.fail("at the end are held %v, in quarantine %v, awaited %d", held, q, n)
	}
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	for key, n := range w.c.builds {
		if n > 1 && !strings.HasSuffix(key, " shown") {
			w.fail("%s was built %d times", key, n)
		}
	}
	for key, n := range w.c.mails {
		if n > 1 {
			w.fail("%s was sent %d times", key, n)
		}
	}
}
