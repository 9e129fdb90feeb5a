package crash

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A site is the clusters that an older process has left, as far as its record tells. Of the tests of older stores,
// only this file knows what steps and effects look like.
type site struct {
	mu      sync.Mutex
	running map[string]*workload
	done    map[string]bool // by the record, by deployment and effect
	acts    map[string]int  // since then
}

type workload struct {
	image, mark string
	paused      bool
}

func newSite() *site {
	return &site{running: map[string]*workload{}, done: map[string]bool{}, acts: map[string]int{}}
}

func (s *site) at(retailer, environment, service string) *workload {
	place := deployer.Place(retailer, environment, service)
	if s.running[place] == nil {
		s.running[place] = &workload{image: "registry.example/" + service + ":old"}
	}
	return s.running[place]
}

// add builds what a deployment has done. With landed, what was intended was done as well, and nobody heard of it.
func (s *site) add(d deployer.Deployment, landed bool) {
	for _, t := range d.Targets {
		w := s.at(d.Site.Name, d.Site.Environment, t.Service)
		w.image = t.Before.Image
		for _, step := range d.Steps {
			var rolled, paused deployer.Effect // as far as they were done
			for _, e := range step.Effects {
				if e.Item != t.Service || e.Ref == "" && (e.Stage != deployer.Intended || !landed) {
					continue
				}
				s.done[d.ID+" "+e.Key] = e.Attempt == step.Attempt
				switch {
				case strings.HasSuffix(e.Runner, ".pause"):
					paused = e
				case strings.HasSuffix(e.Runner, ".rollout"):
					rolled = e
				}
			}
			switch {
			case rolled.Key == "" && paused.Key == "":
			case step.Part == deployer.PartRollback:
				*w = workload{image: t.Before.Image, mark: d.Mark(true), paused: paused.Attempt > 0 && paused.Attempt >= rolled.Attempt}
			default:
				*w = workload{image: t.After.Image, mark: d.ID, paused: paused.Attempt > 0 && paused.Attempt >= rolled.Attempt}
			}
		}
	}
}

// Resolve implements deployer.Resolver.
func (s *site) Resolve(_ context.Context, d deployer.Deployment) ([]deployer.Target, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []deployer.Target
	for _, r := range d.Releases {
		image := s.at(d.Site.Name, d.Site.Environment, r.Service).image
		out = append(out, deployer.Target{
			Service: r.Service, Runner: "kubernetes", Pauses: true, Before: deployer.State{Version: "old", Image: image},
			After: deployer.State{Version: r.Tag + r.Revision, Image: "registry.example/" + r.Service + ":" + r.Tag + r.Revision},
		})
	}
	return out, nil
}

func (s *site) runners() map[string]deployer.Runner {
	return map[string]deployer.Runner{
		"kubernetes.rollout": rolls{s}, "kubernetes.pause": pauses{s}, "kubernetes.verify": looks{s}, "probe.http": looks{s},
	}
}

// act counts, and does it to the workload.
func (s *site) act(in deployer.Intent, verb string, do func(*workload) error) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acts[in.Deployment+" "+in.Step+"/"+in.Service+verb]++
	return "ref", do(s.at(in.Site.Name, in.Site.Environment, in.Service))
}

func (s *site) see(in deployer.Intent) workload {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.at(in.Site.Name, in.Site.Environment, in.Service)
}

type rolls struct{ *site }

func (r rolls) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	w := r.see(in)
	o := deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: w.image, Image: w.image}}
	if w.mark == in.Mark {
		o.Kind, o.Ref, o.PausedByUs = deployer.ObservedPresent, "ref", w.paused
	}
	return o, nil
}

func (r rolls) Act(_ context.Context, in deployer.Intent) (string, error) {
	return r.act(in, "", func(w *workload) error {
		if w.mark != in.Mark && w.image != in.From.Image {
			return errors.New("the test failed")
		}
		*w = workload{image: in.To.Image, mark: in.Mark}
		return nil
	})
}

func (r rolls) Follow(ctx context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	select {
	case <-ctx.Done():
		return deployer.Outcome{}, ctx.Err()
	case <-time.After(time.Second):
	}
	if r.see(in).paused {
		return deployer.Outcome{Result: deployer.Failed, Why: "it is held"}, nil
	}
	return deployer.Outcome{Result: deployer.OK}, nil
}

type pauses struct{ *site }

func (p pauses) Look(_ context.Context, in deployer.Intent) (deployer.Observation, error) {
	if p.see(in).paused {
		return deployer.Observation{Kind: deployer.ObservedPresent}, nil
	}
	return deployer.Observation{Kind: deployer.ObservedAbsent}, nil
}

func (p pauses) Act(_ context.Context, in deployer.Intent) (string, error) {
	return p.act(in, "/pause", func(w *workload) error { w.paused = true; return nil })
}

func (pauses) Follow(context.Context, deployer.Intent, string, func(deployer.Progress)) (deployer.Outcome, error) {
	return deployer.Outcome{Result: deployer.OK}, nil
}

// looks only read.
type looks struct{ *site }

func (looks) Look(context.Context, deployer.Intent) (deployer.Observation, error) {
	return deployer.Observation{Kind: deployer.ObservedPresent, Ref: "ref"}, nil
}

func (looks) Act(context.Context, deployer.Intent) (string, error) { return "ref", nil }

func (l looks) Follow(_ context.Context, in deployer.Intent, _ string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	if w := l.see(in); w.image != in.To.Image {
		return deployer.Outcome{Result: deployer.Failed, Why: "it runs " + w.image}, nil
	}
	return deployer.Outcome{Result: deployer.OK}, nil
}

// answer answers everything that somebody is asked, as people do who mean it well: what failed is tried again.
func (c *carrier) answer(d deployer.Deployment) (some bool) {
	for _, s := range d.Current() {
		by, cmd := ana, deployer.Command(nil)
		switch {
		case s.Status != deployer.Active && d.Status == deployer.Deciding:
			cmd = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry}
			c.mu.Lock()
			c.again[d.ID+" "+s.ID] = true
			c.mu.Unlock()
		case s.Status != deployer.Active:
		case s.Confirms():
			cmd = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceDone, Values: ticked(s)}
		case s.Approves():
			cmd = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}
		case d.AwaitsPerson(s):
			cmd = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Values: deployer.ClientWords("It takes ten minutes."), Choice: deployer.ChoiceSend}
		}
		if s.Role() == "sre" || len(s.Approvals) > 0 || s.Part == deployer.PartRollback && s.Approves() {
			by = rosa
		} else if s.Role() != "" {
			by = bob
		}
		nonce := fmt.Sprint("carry ", s.ID, s.Attempt, len(s.Approvals))
		if cmd != nil && c.give(deployer.Order{Deployment: d.ID, By: by, Nonce: nonce, Command: cmd}) {
			some = true
		}
	}
	return some
}

// ticked are all lines of a step's checklist.
func ticked(s deployer.StepState) map[string]string {
	out := map[string]string{}
	for i := range deployer.Checklist(s, "") {
		out[deployer.TickOf(i+1)] = deployer.Ticked
	}
	return out
}
