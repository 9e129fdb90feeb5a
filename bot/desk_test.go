package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// phoneBook is a table of names.
type phoneBook struct{}

func (phoneBook) Role(role string) []string {
	return map[string][]string{"tech-lead": {"Bob", "Rosa"}, "sre": {"Olga"}}[role]
}

func (phoneBook) Mention(role string) string {
	return map[string]string{"tech-lead": "<!subteam^S1>"}[role]
}

func (b phoneBook) Call(role string, but []string) string {
	if role != "tech-lead" || len(but) == 0 {
		return b.Mention(role)
	}
	var out []string
	for _, p := range []deployer.Person{bob, rosa} {
		if !slices.Contains(but, p.ID) {
			out = append(out, "<@"+p.ID+">")
		}
	}
	return strings.Join(out, " ")
}

func (phoneBook) Person(p deployer.Person) string { return p.Name }

// noted is a guide with names alone; handbook also knows where retailers are,
// and links.
var (
	noted    = guide{names: phoneBook{}, command: "/deploy"}
	handbook = guide{
		names: phoneBook{}, command: "/deploy",
		retailers: map[string]Retailer{"tangerine": {Zone: newYork(), Links: map[string]deployer.Link{
			"ticket": "https://jira.example/browse/{ticket}", "calendar": "https://calendar.example/{retailer}?env={environment}",
		}}},
		services: map[string]Service{web: linked(), orders: linked(), stock: linked()},
	}
)

func newYork() *time.Location {
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return z
}

func linked() Service {
	return Service{Links: map[string]deployer.Link{
		"changes": "https://git.example/{service}/compare/{from}...{to}", "dashboard": "https://grafana.example/d/{service}?var-client={retailer}",
		"nowhere": "https://git.example/{missing}",
	}}
}

var (
	ana  = deployer.Person{ID: "UANA", Name: "Ana"}
	bob  = deployer.Person{ID: "UBOB", Name: "Bob"}
	rosa = deployer.Person{ID: "UROSA", Name: "Rosa"}
)

// tenPM is when the deployments of these tests begin.
var tenPM = time.Date(2026, 2, 5, 22, 0, 0, 0, time.UTC)

// sop is a procedure with a step of every kind.
func sop() deployer.Procedure {
	step := func(id, title, uses string, needs ...string) deployer.Step {
		return deployer.Step{ID: id, Title: title, Uses: uses, Needs: needs}
	}
	control := step("control", "Change control is followed", deployer.KindConfirm)
	control.Expect, control.Estimate = "The ticket is approved and linked", 5*time.Minute
	control.Items = []deployer.Item{{Title: "Ticket", Link: "https://jira.example/CHG-1?a=1&b=2"}, {Title: "TAM told"}}
	approve := step("approve", "Tech lead approves", deployer.KindApprove, "control")
	approve.Role, approve.Count, approve.Estimate = "tech-lead", 1, 10*time.Minute
	approve.Remind = []time.Duration{10 * time.Minute, 30 * time.Minute}
	starting := step("starting", "Deploy is starting", deployer.KindAnnounce, "approve")
	starting.Message, starting.To = "starting", []string{"deploys", "change"}
	rollout := step("rollout", "Roll out", deployer.KindRollout, "starting")
	rollout.Estimate, rollout.Timeout = 4*time.Minute, 15*time.Minute
	rollout.Expect = "Every pod is replaced, and every new one is ready"
	rollout.Troubleshooting = "look at the last lines of the log in the thread"
	pods := step("pods", "Pods run the new version", "kubernetes.verify", "rollout")
	soak := step("soak", "Let it run", deployer.KindWait, "pods")
	soak.For, soak.Estimate = 5*time.Minute, 5*time.Minute
	complete := step("complete", "Deploy is complete", deployer.KindAnnounce, "soak")
	complete.Message, complete.To = "complete", []string{"deploys", "change"}
	return deployer.Procedure{
		ID: "deployment", Title: "Standard deployment", SHA: "abc",
		Inputs: []deployer.Input{{ID: "risk", Label: "Risk"}, {ID: "downtime", Label: "Downtime"}, {ID: "ticket", Label: "Ticket"}},
		Steps:  []deployer.Step{control, approve, starting, rollout, pods, soak, complete},
		Rollback: []deployer.Step{
			step("back", "Roll back", deployer.KindRollout), step("back-pods", "Pods run the old version", "kubernetes.verify", "back"),
		},
		Failure: deployer.Failure{Message: "failed", To: []string{"change"}},
		Messages: map[string]string{
			"starting": "*{service}* {from} → {to} is starting in {retailer} {environment}, by {requester}.",
			"complete": "*{service}* {to} is complete in {retailer} {environment}.",
			"failed":   "*{service}*: {step} failed. {why}",
		},
	}
}

func startOf(services ...string) deployer.Start {
	s := deployer.Start{
		Origin: "form-1", Retailer: "tangerine", Environment: "prod", TAM: "tam", Reason: "orders stuck since noon",
		Channels:  map[string]string{"deploys": "CTANGERINEDEPLOYS", "change": "CCHANGE"},
		Procedure: sop(), Inputs: map[string]string{"risk": "low", "downtime": "no"},
	}
	for _, name := range services {
		s.Releases = append(s.Releases, deployer.Release{Service: name, Tag: "24-02-05.619-hotfix.627"})
	}
	return s
}

func targetsOf(services ...string) []deployer.Target {
	var out []deployer.Target
	for _, s := range services {
		out = append(out, deployer.Target{
			Service: s, Runner: "kubernetes", Pauses: true,
			Before: deployer.State{Version: "24-02-01.602", Image: "registry.example/" + s + ":24-02-01.602@sha256:01"},
			After:  deployer.State{Version: "24-02-05.619-hotfix.627", Image: "registry.example/" + s + "@sha256:02"},
		})
	}
	return out
}

// A desk is journal, engine and mailbox in memory. It commits as strictly as
// the store does.
type desk struct {
	mu       sync.Mutex
	t        testing.TB
	now      func() time.Time
	all      map[string]deployer.Deployment
	letters  map[string]deployer.OutboxMessage
	events   map[string][]deployer.Event
	progress map[string]map[string]deployer.Progress
	rev      int64
	written  int // messagesFor so far
	bells    []chan struct{}
}

func newDesk(t testing.TB) *desk {
	return &desk{
		t: t, now: time.Now, all: map[string]deployer.Deployment{}, letters: map[string]deployer.OutboxMessage{},
		events: map[string][]deployer.Event{}, progress: map[string]map[string]deployer.Progress{},
	}
}

func (k *desk) Do(_ context.Context, o deployer.Order) (deployer.Deployment, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.all[o.Deployment]
	facts := deployer.Facts{Now: k.now(), ID: o.Deployment, Roles: []string{"tech-lead"}}
	if o.Deployment == "" {
		facts.ID = fmt.Sprintf("tangerine-%d", len(k.all)+1)
	}
	events, letters, err := deployer.Decide(before, o, facts)
	if err != nil || len(events) == 0 {
		return before, err
	}
	c := deployer.Pack(before, o, events, letters)
	k.commit(c)
	return c.After, nil
}

// commit refuses what a store refuses: one key both written and deleted.
func (k *desk) commit(c deployer.Commit) {
	k.rev++
	put := map[string]bool{}
	for _, m := range c.Messages {
		l := deployer.OutboxMessage{Message: m, Deployment: c.After.ID, Rev: k.rev, At: k.now()}
		k.written++
		l.Key = fmt.Sprintf("out/%s/%s/%08d-%s", m.Channel, l.Deployment, k.written, m.DedupKey)
		if m.Kind == deployer.MessageCard {
			l.Key = fmt.Sprintf("out/%s/%s/card", m.Channel, l.Deployment)
		}
		if put[l.Key] {
			k.t.Errorf("commit: the letter %s is written twice", l.Key)
		}
		put[l.Key], k.letters[l.Key] = true, l
	}
	for _, key := range c.Sent {
		if put[key] {
			k.t.Errorf("commit: the letter %s is written and deleted", key)
		}
		delete(k.letters, key)
	}
	k.all[c.After.ID] = c.After
	k.events[c.After.ID] = append(k.events[c.After.ID], c.Events...)
	k.ring()
}

// ring tells of letters. The caller holds the lock.
func (k *desk) ring() {
	for _, bell := range k.bells {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

// word is a letter that is about no deployment.
func (k *desk) word(m deployer.Message) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rev++
	k.written++
	l := deployer.OutboxMessage{Message: m, Rev: k.rev, At: k.now(), Key: fmt.Sprintf("out/%s//%08d-%s", m.Channel, k.written, m.DedupKey)}
	k.letters[l.Key] = l
	for _, bell := range k.bells {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

func (k *desk) Progress(id string) map[string]deployer.Progress {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.progress[id])
}

func (k *desk) Load(_ context.Context, id string) (deployer.Deployment, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	d, ok := k.all[id]
	if !ok {
		return d, deployer.ErrNotFound
	}
	return d, nil
}

func (k *desk) Lock(context.Context, string, string, deployer.Lock, string) error {
	return errors.New("nothing is locked at a desk")
}

func (k *desk) Unlock(context.Context, string, string, string, deployer.Person, string) error {
	return errors.New("nothing is locked at a desk")
}

func (k *desk) AllLocks(context.Context) ([]deployer.Locks, error) { return nil, nil }

func (k *desk) Live(context.Context) ([]string, error) { return nil, nil }

func (k *desk) List(context.Context, deployer.Query) ([]deployer.Summary, error) { return nil, nil }

func (k *desk) Trail(context.Context, string) ([]deployer.Record, error) { return nil, nil }

func (k *desk) Messages(_ context.Context, after string, limit int) ([]deployer.OutboxMessage, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []deployer.OutboxMessage
	for key, l := range k.letters {
		if key > after {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b deployer.OutboxMessage) int { return cmp.Compare(a.Key, b.Key) })
	return out[:min(len(out), limit)], nil
}

func (k *desk) Discard(_ context.Context, l deployer.OutboxMessage) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.letters[l.Key].Rev == l.Rev {
		delete(k.letters, l.Key)
	}
	return nil
}

func (k *desk) Arrivals(context.Context) (<-chan struct{}, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	bell := make(chan struct{}, 1)
	k.bells = append(k.bells, bell)
	return bell, nil
}

// order gives an order that must be carried out.
func (k *desk) order(id string, by deployer.Person, c deployer.Command) deployer.Deployment {
	k.t.Helper()
	d, err := k.Do(context.Background(), deployer.Order{Deployment: id, By: by, Command: c})
	if err != nil {
		k.t.Fatalf("%T for %s: %v", c, id, err)
	}
	return d
}

// waiting returns the keys of the letters that are left.
func (k *desk) waiting() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Sorted(maps.Keys(k.letters))
}

// A night drives one deployment through its states, with a clock that is set.
type night struct {
	*desk
	id   string
	time time.Time
}

func newNight(t testing.TB, start deployer.Start) *night {
	n := &night{desk: newDesk(t), time: tenPM}
	n.now = func() time.Time { return n.time }
	n.id = n.order("", ana, start).ID
	return n
}

func (n *night) does(by deployer.Person, c deployer.Command) *night {
	n.t.Helper()
	n.time = n.time.Add(time.Minute)
	n.order(n.id, by, c)
	return n
}

func (n *night) engine(c deployer.Command) *night { n.t.Helper(); return n.does(deployer.Person{}, c) }

func (n *night) d() deployer.Deployment { return n.all[n.id] }

// approved goes as far as the approval and beyond it.
func (n *night) approved() *night {
	n.t.Helper()
	n.does(ana, deployer.Confirm{Step: "control", Attempt: 1})
	return n.does(bob, deployer.Approve{Step: "approve", Attempt: 1, Subject: n.d().Subject().Hash()})
}

// announced has Slack take an announcement.
func (n *night) announced(step string) *night {
	n.t.Helper()
	for _, to := range []string{"deploys", "change"} {
		n.engine(deployer.Deliver{Post: deployer.Post{DedupKey: deployer.AnnouncementKey(step, to), Channel: n.d().Channels[to], TS: "1.1"}, Kind: step})
	}
	return n
}

// begins begins an effect; ends settles it.
func (n *night) begins(step, service string) *night {
	n.t.Helper()
	d := n.d()
	now := d.Target(service).Before
	return n.engine(deployer.Intend{Key: step + "/" + service, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: now}}).
		engine(deployer.Act{Key: step + "/" + service, Ref: "r"})
}

func (n *night) ends(key string, result deployer.Result, why, detail string) *night {
	n.t.Helper()
	return n.engine(deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: result, Why: why, Detail: detail}})
}

// resolved finds out what the words mean.
func (n *night) resolved(targets ...deployer.Target) *night {
	n.t.Helper()
	return n.engine(deployer.Resolve{Targets: targets})
}

// rollingOut goes to the middle of the rollout of some services.
func rollingOut(t testing.TB, services ...string) *night {
	n := newNight(t, startOf(services...)).resolved(targetsOf(services...)...).approved().announced("starting")
	for _, s := range services {
		n.begins("rollout", s)
	}
	return n
}
