package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

var (
	ana = deployer.Person{ID: "UANA", Name: "Ana"}
	bob = deployer.Person{ID: "UBOB", Name: "Bob"}
)

type people struct{}

func (people) Roles(_ context.Context, id string) ([]string, error) {
	if id == bob.ID {
		return []string{"tech-lead"}, nil
	}
	return nil, nil
}

// A journal keeps events in memory, and can end a commit in any of the three
// ways.
type journal struct {
	mu      sync.Mutex
	events  map[string][]deployer.Event
	origins map[string]string
	places  map[string]string
	locks   deployer.Locks // of the one environment that there is
	commits int
	letters []deployer.Message
	broken  bool
	ending  func(commit int) (lands bool, err error) // nil: every commit is durable
}

func newJournal() *journal {
	return &journal{events: map[string][]deployer.Event{}, origins: map[string]string{}, places: map[string]string{}}
}

func (j *journal) Allocate(_ context.Context, prefix string) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return fmt.Sprintf("%s-%d", prefix, len(j.events)+1), nil
}

func (j *journal) Started(ctx context.Context, origin string) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.origins[origin], j.readable(ctx)
}

// readable is why nothing can be read, if it can't.
func (j *journal) readable(ctx context.Context) error {
	if j.broken {
		return errors.New("input/output error")
	}
	return ctx.Err()
}

func (j *journal) Holders(_ context.Context, places []string) (map[string]string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := map[string]string{}
	for _, p := range places {
		if id, ok := j.places[p]; ok {
			out[p] = id
		}
	}
	return out, nil
}

func (j *journal) Locks(_ context.Context, retailer, environment string) (deployer.Locks, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.locks.Retailer, j.locks.Environment = retailer, environment
	return j.locks, nil
}

func (j *journal) SetLocks(_ context.Context, l deployer.Locks, announcement deployer.Message) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.commits++
	lands, err := true, error(nil)
	if j.ending != nil {
		lands, err = j.ending(j.commits)
	}
	if lands && l.Rev != j.locks.Rev {
		return deployer.ErrConflict
	}
	if lands {
		j.locks = l
		j.locks.Rev++
		j.letters = append(j.letters, announcement)
	}
	return err
}

func (j *journal) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.readable(ctx); err != nil {
		return deployer.Deployment{}, err
	}
	events, ok := j.events[id]
	if !ok {
		return deployer.Deployment{}, deployer.ErrNotFound
	}
	return deployer.Fold(deployer.Deployment{}, events...), nil
}

func (j *journal) Live(context.Context) ([]string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var live []string
	for id, events := range j.events {
		if !deployer.Fold(deployer.Deployment{}, events...).Status.Ended() {
			live = append(live, id)
		}
	}
	return live, nil
}

func (j *journal) Append(ctx context.Context, c deployer.Commit) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	j.commits++
	lands, err := true, error(nil)
	if j.ending != nil {
		lands, err = j.ending(j.commits)
	}
	if lands {
		if err := j.land(c); err != nil {
			return err
		}
	}
	return err
}

func (j *journal) land(c deployer.Commit) error {
	if len(j.events[c.After.ID]) != c.Before.Seq {
		return deployer.ErrConflict
	}
	if c.Locks != nil && c.Locks.Rev != j.locks.Rev {
		return deployer.ErrConflict
	}
	for _, p := range c.Claim {
		if j.places[p] != "" {
			return deployer.ErrConflict
		}
	}
	for _, p := range c.Claim {
		j.places[p] = c.After.ID
	}
	for _, p := range c.Release {
		delete(j.places, p)
	}
	if c.Origin != "" {
		if j.origins[c.Origin] != "" {
			return deployer.ErrConflict
		}
		j.origins[c.Origin] = c.After.ID
	}
	j.events[c.After.ID] = append(j.events[c.After.ID], c.Events...)
	j.letters = append(j.letters, c.Messages...)
	return nil
}

// take returns the letters that wait for a receipt.
func (j *journal) take() []deployer.Message {
	j.mu.Lock()
	defer j.mu.Unlock()
	messages := j.letters
	j.letters = nil
	return slices.DeleteFunc(messages, func(m deployer.Message) bool { return !m.Receipt })
}

// A cluster is a world of images. Setting one counts; the same mark sets none
// twice.
type cluster struct {
	mu      sync.Mutex
	image   map[string]string
	mark    map[string]string
	set     []string // service=image, in order
	paused  map[string]bool
	acts    int
	act     func(n int) (before, after error) // what a call of Act ends with, before or after its effect
	outcome func(service, image string) deployer.Outcome
	hang    bool          // Follow of a rollout ends only with its context
	slow    time.Duration // how long an Act of a rollout takes
	deaf    bool          // nothing can be looked at
}

func newCluster() *cluster {
	return &cluster{image: map[string]string{"web": "v1", "api": "v1"}, mark: map[string]string{}, paused: map[string]bool{}}
}

func (c *cluster) Resolve(_ context.Context, d deployer.Deployment) ([]deployer.Target, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []deployer.Target
	for _, w := range d.Releases {
		if w.Tag == "banana" {
			return nil, deployer.Refuse("Try v2.", "There is no tag banana.")
		}
		if w.Tag == "offline" {
			return nil, errors.New("the cluster does not answer")
		}
		out = append(out, deployer.Target{
			Service: w.Service, Runner: "kubernetes", Pauses: true, Live: c.image[w.Service] == w.Tag,
			Before: deployer.State{Image: c.image[w.Service], Version: c.image[w.Service]},
			After:  deployer.State{Image: w.Tag, Version: w.Tag},
		})
	}
	return out, nil
}

func (c *cluster) runners() map[string]deployer.Runner {
	return map[string]deployer.Runner{
		"kubernetes.rollout": &rollout{c}, "kubernetes.pause": &pause{c}, "kubernetes.verify": &verify{c},
	}
}

type rollout struct{ *cluster }

func (r *rollout) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deaf {
		return deployer.Observation{}, errors.New("the cluster does not answer")
	}
	s := deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Image: r.image[in.Service], Version: r.image[in.Service]}}
	if r.mark[in.Service] == in.Mark {
		s.Kind, s.Ref, s.PausedByUs = deployer.ObservedPresent, in.Mark, r.paused[in.Service]
	}
	return s, nil
}

func (r *rollout) Act(ctx context.Context, in deployer.Intent) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(r.slow):
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.acts++
	var before, after error
	if r.act != nil {
		before, after = r.act(r.acts)
	}
	if before != nil {
		return "", before
	}
	r.paused[in.Service] = false
	if r.mark[in.Service] != in.Mark {
		if r.image[in.Service] != in.From.Image {
			return "", errors.New("the test failed")
		}
		r.mark[in.Service], r.image[in.Service] = in.Mark, in.To.Image
		r.set = append(r.set, in.Service+"="+in.To.Image)
	}
	return in.Mark, after
}

func (r *rollout) Follow(ctx context.Context, in deployer.Intent, _ string, show func(deployer.Progress)) (deployer.Outcome, error) {
	show(deployer.Progress{Total: 6, Updated: 4})
	r.mu.Lock()
	hang := r.hang
	r.mu.Unlock()
	if hang {
		<-ctx.Done()
		return deployer.Outcome{}, ctx.Err()
	}
	select {
	case <-ctx.Done():
		return deployer.Outcome{}, ctx.Err()
	case <-time.After(time.Second):
	}
	r.mu.Lock()
	held := r.paused[in.Service]
	r.mu.Unlock()
	if held {
		return deployer.Outcome{Result: deployer.Failed, Why: "it is held"}, nil
	}
	return r.end(in), nil
}

func (c *cluster) end(in deployer.Intent) deployer.Outcome {
	if c.outcome != nil {
		return c.outcome(in.Service, in.To.Image)
	}
	return deployer.Outcome{Result: deployer.OK}
}

type pause struct{ *cluster }

func (p *pause) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused[in.Service] {
		return deployer.Observation{Kind: deployer.ObservedPresent}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (p *pause) Act(_ context.Context, in deployer.Intent) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused[in.Service] = true
	return "", nil
}

func (p *pause) Follow(context.Context, deployer.Intent, string, func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.Outcome{Result: deployer.OK}, nil
}

type verify struct{ *cluster }

func (v *verify) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (v *verify) Act(context.Context, deployer.Intent) (string, error) { return "", nil }

func (v *verify) Follow(_ context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.image[in.Service] != in.To.Image {
		return deployer.Outcome{Result: deployer.Failed, Why: "it runs " + v.image[in.Service]}, nil
	}
	return deployer.Outcome{Result: deployer.OK}, nil
}

func procedure() deployer.Procedure {
	return deployer.Procedure{
		ID: "deployment", SHA: "sha", Messages: map[string]string{"starting": "{what} is starting"},
		Steps: []deployer.Step{
			{ID: "ready", Uses: "confirm"},
			{ID: "approve", Uses: "approve", Role: "tech-lead", Needs: []string{"ready"}},
			{ID: "starting", Uses: "announce", Message: "starting", To: []string{"deploys"}, Needs: []string{"approve"}},
			{ID: "rollout", Uses: "rollout", Needs: []string{"starting"}, Timeout: 15 * time.Minute},
			{ID: "soak", Uses: "wait", For: 5 * time.Minute, Needs: []string{"rollout"}},
			{ID: "pods", Uses: "kubernetes.verify", Needs: []string{"soak"}},
		},
		Rollback: []deployer.Step{
			{ID: "back", Uses: "rollout"}, {ID: "back-pods", Uses: "kubernetes.verify", Needs: []string{"back"}},
		},
	}
}

func start(wants ...string) deployer.Order {
	s := deployer.Start{
		Origin: "trigger " + strings.Join(wants, ","), Retailer: "tangerine", Environment: "prod",
		Channels: map[string]string{"deploys": "C1"}, Procedure: procedure(),
	}
	for _, w := range wants {
		service, tag, _ := strings.Cut(w, ":")
		s.Releases = append(s.Releases, deployer.Release{Service: service, Tag: tag})
	}
	return deployer.Order{By: ana, Nonce: s.Origin, Command: s}
}
