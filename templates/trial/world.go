package trial

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// minute is how long people take where nothing else is said.
const minute = time.Minute

// machineTakes is how long a system takes whose step has no estimate.
const machineTakes = 30 * time.Second

// turnsMax bounds how often the clock jumps.
const turnsMax = 20_000

// decidedMost is after how many decisions nothing will come of another one.
const decidedMost = 100

// A world is a deployment, and whoever and whatever there is around it. What happens
// next follows from the deployment alone, so that to fold it anew is what a restart is.
type world struct {
	language deployer.Language
	director Director
	roles    map[string][]string // by role: the people who hold it
	restarts bool                // the process dies after each commit
	few      int                 // how many people hold a role that nobody names; 0: peopleOfRole

	now    time.Time
	d      deployer.Deployment
	events []deployer.Event

	told      map[string][]string // by channel: the names of the messages
	direct    map[string][]string // by person
	paged     []string
	taps      map[string]int // until the end
	tapsAfter map[string]int
	run       map[string][]string // by procedure: where
	acted     map[string]bool     // by effect and attempt
	decisions int
	broken    error // a promise that was not kept
}

func newWorld(l deployer.Language, director Director, roles map[string][]string, at time.Time) *world {
	return &world{
		language: l, director: director, roles: roles, now: at,
		told: map[string][]string{}, direct: map[string][]string{}, taps: map[string]int{}, tapsAfter: map[string]int{}, run: map[string][]string{}, acted: map[string]bool{},
	}
}

// begin starts the deployment.
func (w *world) begin(by string, start deployer.Start) error {
	return w.order(deployer.Actor{ID: by, Name: by}, start)
}

// play lets everything happen until the deployment lives no more.
func (w *world) play() error {
	for range turnsMax {
		if err := w.settle(); err != nil {
			return err
		}
		if !w.lives() {
			return w.broken
		}
		if w.decisions > decidedMost {
			return fmt.Errorf("it was decided %d times, and nothing comes of it: %s; say what is decided, such as failure: [stop]", w.decisions, strings.TrimSuffix(w.d.Why, "."))
		}
		next := w.next()
		if next.IsZero() {
			return fmt.Errorf("nothing happens any more: %s", w.waits())
		}
		w.now = next
	}
	return errors.New("it comes to no end")
}

// lives reports whether anything may still happen.
func (w *world) lives() bool { return deployer.Lives(w.d) }

// waits says what the deployment waits for, for whoever reads that it is stuck.
func (w *world) waits() string {
	var out []string
	for _, s := range w.d.Steps {
		if s.Status != deployer.Pending && !s.Status.Over() {
			out = append(out, fmt.Sprintf("%s is %s", s.ID, s.Status))
		}
	}
	return fmt.Sprintf("it is %s; %s", w.d.Status, strings.Join(out, ", "))
}

// settle does all that is due now.
func (w *world) settle() error {
	for range turnsMax {
		before := w.d.Seq
		if err := w.turn(); err != nil {
			return err
		}
		if w.d.Seq == before {
			return nil
		}
	}
	return errors.New("it runs in a circle")
}

// turn does what is due now of the engine, of systems and of people.
func (w *world) turn() error {
	plan := deployer.Next(w.d, w.now)
	var orders []deployer.Command
	if plan.Resolve {
		orders = append(orders, deployer.Resolve{Targets: w.targets()})
	}
	for _, watch := range plan.Watches {
		if watch.Now {
			orders = append(orders, deployer.Recheck{Key: watch.Key, Outcome: deployer.Outcome{Result: deployer.OK}})
		}
	}
	for _, c := range plan.Due {
		orders = append(orders, w.paging(c))
	}
	for _, e := range plan.Effects {
		if at, c := w.machine(e); !at.After(w.now) {
			orders = append(orders, c)
		}
	}
	for _, c := range orders {
		if err := w.order(deployer.Actor{}, c); err != nil && !overtaken(err) {
			return err
		}
	}
	for _, a := range w.answers() {
		if !a.at.After(w.now) {
			return w.give(w.together(a)) // what follows from it may be that nobody is asked the others any more
		}
	}
	return nil
}

// paging says with an order who is paged by it.
func (w *world) paging(c deployer.Command) deployer.Command {
	e, ok := c.(deployer.EscalateTo)
	if !ok || e.Level != deployer.LevelPage {
		return c
	}
	for _, q := range deployer.AllAwaiting(w.d) {
		if q.Step == e.Step {
			for _, role := range deployer.Paged(w.d, q) {
				for _, person := range w.people(role) {
					e.People = append(e.People, deployer.Actor{ID: person, Name: person})
				}
			}
		}
	}
	return e
}

// overtaken reports whether an order of the engine came too late, which is no fault.
func overtaken(err error) bool {
	return errors.Is(err, deployer.ErrStale) || errors.Is(err, deployer.ErrHeld)
}

// next is when something happens; zero: never.
func (w *world) next() time.Time {
	plan := deployer.Next(w.d, w.now)
	times := []time.Time{plan.Wake}
	for _, e := range plan.Effects {
		at, _ := w.machine(e)
		times = append(times, at)
	}
	for _, a := range w.answers() {
		times = append(times, a.at)
	}
	var first time.Time
	for _, t := range times {
		if t.After(w.now) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// order carries out an order, and does what its messages ask for.
func (w *world) order(by deployer.Actor, c deployer.Command) error {
	o := deployer.Order{Deployment: w.d.ID, By: by, Command: c}
	if by.ID != "" {
		o.Nonce = by.ID + "/" + strconv.Itoa(w.d.Seq)
	}
	facts := deployer.Facts{Now: w.now, ID: "trial-1", Person: deployer.Person{Roles: w.rolesOf(by.ID)}, Language: w.language, Members: w.members}
	events, messages, err := telling.Decide(w.d, o, facts)
	if err != nil {
		return err
	}
	commit := deployer.Pack(w.d, o, events, messages)
	if err := commit.Check(); err != nil {
		return err
	}
	for _, e := range events {
		w.watch(e)
		w.events = append(w.events, e)
		w.d = deployer.Apply(w.d, e)
	}
	if w.restarts {
		w.d = deployer.Fold(deployer.Deployment{}, w.events...)
	}
	return w.deliver(messages)
}

// deliver takes the messages as a chat system does.
func (w *world) deliver(messages []deployer.Message) error {
	for _, m := range messages {
		switch to := m.DirectTo(); {
		case slices.Contains(deployer.CoreMessages(), m.Kind):
		case to != "":
			w.direct[to] = append(w.direct[to], m.Kind)
		default:
			w.told[m.ChannelName()] = append(w.told[m.ChannelName()], m.Kind)
		}
		if m.Kind == deployer.MessagePaged {
			w.paged = append(w.paged, m.Channel)
		}
		if !m.Receipt {
			continue
		}
		post := deployer.Post{DedupKey: m.DedupKey, Channel: m.Channel, TS: strconv.Itoa(len(w.events))}
		if err := w.order(deployer.Actor{}, deployer.Deliver{Post: post, Kind: m.Kind}); err != nil && !overtaken(err) {
			return err
		}
	}
	return nil
}

// rolesOf are the roles that somebody holds.
func (w *world) rolesOf(person string) []string {
	var out []string
	for role := range w.roles {
		if slices.Contains(w.roles[role], person) {
			out = append(out, role)
		}
	}
	slices.Sort(out)
	return out
}

// members are the people of a role, as the core knows them. Nobody stands in for anybody.
func (w *world) members(role string) []deployer.Actor {
	if strings.HasPrefix(role, deployer.DeputyRole("")) {
		return nil
	}
	if role == deployer.TAMRole(w.d.Site.Name) {
		role = "tam"
	}
	var out []deployer.Actor
	for _, id := range w.holders(role) {
		out = append(out, deployer.Actor{ID: id, Name: id})
	}
	return out
}

// peopleOfRole is how many people hold a role that a test does not name: enough for
// whoever has to be another one.
const peopleOfRole = 8

// holders are the people of a role. Those of one that a test does not name are called
// like it.
func (w *world) holders(role string) []string {
	if people, ok := w.roles[role]; ok {
		return people
	}
	out := namedLike(role)
	if w.few > 0 {
		out = out[:w.few]
	}
	w.roles[role] = out
	return out
}
