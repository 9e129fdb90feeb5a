package engine_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

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
	if p.deaf {
		return deployer.Observation{}, errors.New("the cluster does not answer")
	}
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
