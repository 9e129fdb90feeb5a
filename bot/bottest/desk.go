package bottest

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

func (PhoneBook) Role(role string) []string {
	return map[string][]string{"tech-lead": {"Bob", "Rosa"}, "sre": {"Olga"}}[role]
}

func (PhoneBook) Mention(role string) string {
	return map[string]string{"tech-lead": "<!subteam^S1>"}[role]
}

func (b PhoneBook) Call(role string, but []string) string {
	if role != "tech-lead" || len(but) == 0 {
		return b.Mention(role)
	}
	var out []string
	for _, p := range []deployer.Person{Bob, Rosa} {
		if !slices.Contains(but, p.ID) {
			out = append(out, "<@"+p.ID+">")
		}
	}
	return strings.Join(out, " ")
}

func (PhoneBook) Person(p deployer.Person) string { return p.Name }

// A Desk is journal, engine and mailbox in memory. It commits as strictly as
// the store does.
type Desk struct {
	Mu       sync.Mutex
	T        testing.TB
	Now      func() time.Time
	All      map[string]deployer.Deployment
	Letters  map[string]deployer.OutboxMessage
	Events   map[string][]deployer.Event
	Reported map[string]map[string]deployer.Progress
	Rev      int64
	Written  int // messagesFor so far
	bells    []chan struct{}
}

func NewDesk(t testing.TB) *Desk {
	return &Desk{
		T: t, Now: time.Now, All: map[string]deployer.Deployment{}, Letters: map[string]deployer.OutboxMessage{},
		Events: map[string][]deployer.Event{}, Reported: map[string]map[string]deployer.Progress{},
	}
}

func (k *Desk) Do(_ context.Context, o deployer.Order) (deployer.Deployment, error) {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	before := k.All[o.Deployment]
	facts := deployer.Facts{Now: k.Now(), ID: o.Deployment, Roles: []string{"tech-lead"}}
	if o.Deployment == "" {
		facts.ID = fmt.Sprintf("tangerine-%d", len(k.All)+1)
	}
	events, letters, err := deployer.Decide(before, o, facts)
	if err != nil || len(events) == 0 {
		return before, err
	}
	c := deployer.Pack(before, o, events, letters)
	k.Commit(c)
	return c.After, nil
}

// Commit refuses what a store refuses: one key both written and deleted.
func (k *Desk) Commit(c deployer.Commit) {
	k.Rev++
	put := map[string]bool{}
	for _, m := range c.Messages {
		l := deployer.OutboxMessage{Message: m, Deployment: c.After.ID, Rev: k.Rev, At: k.Now()}
		k.Written++
		l.Key = fmt.Sprintf("out/%s/%s/%08d-%s", m.Channel, l.Deployment, k.Written, m.DedupKey)
		if m.Kind == deployer.MessageCard {
			l.Key = fmt.Sprintf("out/%s/%s/card", m.Channel, l.Deployment)
		}
		if put[l.Key] {
			k.T.Errorf("commit: the letter %s is written twice", l.Key)
		}
		put[l.Key], k.Letters[l.Key] = true, l
	}
	for _, key := range c.Sent {
		if put[key] {
			k.T.Errorf("commit: the letter %s is written and deleted", key)
		}
		delete(k.Letters, key)
	}
	k.All[c.After.ID] = c.After
	k.Events[c.After.ID] = append(k.Events[c.After.ID], c.Events...)
	k.Ring()
}

// Ring tells of letters. The caller holds the lock.
func (k *Desk) Ring() {
	for _, bell := range k.bells {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

// Word is a letter that is about no deployment.
func (k *Desk) Word(m deployer.Message) {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	k.Rev++
	k.Written++
	l := deployer.OutboxMessage{Message: m, Rev: k.Rev, At: k.Now(), Key: fmt.Sprintf("out/%s//%08d-%s", m.Channel, k.Written, m.DedupKey)}
	k.Letters[l.Key] = l
	for _, bell := range k.bells {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

func (k *Desk) Progress(id string) map[string]deployer.Progress {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	return maps.Clone(k.Reported[id])
}

func (k *Desk) Load(_ context.Context, id string) (deployer.Deployment, error) {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	d, ok := k.All[id]
	if !ok {
		return d, deployer.ErrNotFound
	}
	return d, nil
}

func (k *Desk) Lock(context.Context, string, string, deployer.Lock, string) error {
	return errors.New("nothing is locked at a desk")
}

func (k *Desk) Unlock(context.Context, string, string, string, deployer.Person, string) error {
	return errors.New("nothing is locked at a desk")
}

func (k *Desk) AllLocks(context.Context) ([]deployer.Locks, error) { return nil, nil }

func (k *Desk) Live(context.Context) ([]string, error) { return nil, nil }

func (k *Desk) List(context.Context, deployer.Query) ([]deployer.Summary, error) { return nil, nil }

func (k *Desk) Trail(context.Context, string) ([]deployer.Record, error) { return nil, nil }

func (k *Desk) Messages(_ context.Context, after string, limit int) ([]deployer.OutboxMessage, error) {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	var out []deployer.OutboxMessage
	for key, l := range k.Letters {
		if key > after {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b deployer.OutboxMessage) int { return cmp.Compare(a.Key, b.Key) })
	return out[:min(len(out), limit)], nil
}

func (k *Desk) Discard(_ context.Context, l deployer.OutboxMessage) error {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	if k.Letters[l.Key].Rev == l.Rev {
		delete(k.Letters, l.Key)
	}
	return nil
}

func (k *Desk) Arrivals(context.Context) (<-chan struct{}, error) {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	bell := make(chan struct{}, 1)
	k.bells = append(k.bells, bell)
	return bell, nil
}

// Order gives an order that must be carried out.
func (k *Desk) Order(id string, by deployer.Person, c deployer.Command) deployer.Deployment {
	k.T.Helper()
	d, err := k.Do(context.Background(), deployer.Order{Deployment: id, By: by, Command: c})
	if err != nil {
		k.T.Fatalf("%T for %s: %v", c, id, err)
	}
	return d
}

// Waiting returns the keys of the letters that are left.
func (k *Desk) Waiting() []string {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	return slices.Sorted(maps.Keys(k.Letters))
}

func (n *Night) Does(by deployer.Person, c deployer.Command) *Night {
	n.T.Helper()
	n.Time = n.Time.Add(time.Minute)
	n.Order(n.ID, by, c)
	return n
}

func (n *Night) Engine(c deployer.Command) *Night { n.T.Helper(); return n.Does(deployer.Person{}, c) }

func (n *Night) Deployment() deployer.Deployment { return n.All[n.ID] }

// Approved goes as far as the approval and beyond it.
func (n *Night) Approved() *Night {
	n.T.Helper()
	n.Does(Ana, deployer.Confirm{Step: "control", Attempt: 1})
	return n.Does(Bob, deployer.Approve{Step: "approve", Attempt: 1, Subject: n.Deployment().Subject().Hash()})
}

// Announced has Slack take an announcement.
func (n *Night) Announced(step string) *Night {
	n.T.Helper()
	for _, to := range []string{"deploys", "change"} {
		n.Engine(deployer.Deliver{Post: deployer.Post{DedupKey: deployer.AnnouncementKey(step, to), Channel: n.Deployment().Channels[to], TS: "1.1"}, Kind: step})
	}
	return n
}

// Begins begins an effect; ends settles it.
func (n *Night) Begins(step, service string) *Night {
	n.T.Helper()
	d := n.Deployment()
	now := d.Target(service).Before
	return n.Engine(deployer.Intend{Key: step + "/" + service, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: now}}).
		Engine(deployer.Act{Key: step + "/" + service, Ref: "r"})
}

func (n *Night) Ends(key string, result deployer.Result, why, detail string) *Night {
	n.T.Helper()
	return n.Engine(deployer.Settle{Key: key, Outcome: deployer.Outcome{Result: result, Why: why, Detail: detail}})
}

// Resolved finds out what the words mean.
func (n *Night) Resolved(targets ...deployer.Target) *Night {
	n.T.Helper()
	return n.Engine(deployer.Resolve{Targets: targets})
}
