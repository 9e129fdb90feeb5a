package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/registry"
)

// systems answers for all outside systems together: what a deployment's words
// mean, and what runs.
type systems struct {
	cfg      Config
	kube     *kube.System
	registry *registry.Registry
	past     launch.Past
}

// Resolve implements deployer.Resolver.
func (s *systems) Resolve(ctx context.Context, d deployer.Deployment) ([]deployer.Target, error) {
	targets := make([]deployer.Target, 0, len(d.Releases))
	for _, w := range d.Releases {
		want, err := s.want(d.Site.Name, d.Site.Environment, w.Service)
		if err != nil {
			return nil, err
		}
		want.Version, want.Revision = w.Tag, w.Revision
		if w.Revision == "" {
			if want.Image, err = s.image(ctx, w); err != nil {
				return nil, err
			}
		}
		t, err := s.kube.Resolve(ctx, want)
		if err != nil {
			return nil, err
		}
		if t.Good, err = s.good(ctx, d, t, want); err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	if err := kube.Distinct(targets); err != nil {
		return nil, err
	}
	return targets, nil
}

// good is what a rollback of a target would go back to.
func (s *systems) good(ctx context.Context, d deployer.Deployment, t deployer.Target, want kube.WorkloadSpec) (deployer.Good, error) {
	revisions, err := s.kube.History(ctx, want)
	if err != nil {
		return deployer.Good{}, err
	}
	return s.past.Good(ctx, d, t, revisions)
}

// image is the exact image of a tag: with its digest if its registry is one
// that we ask.
func (s *systems) image(ctx context.Context, w deployer.Release) (string, error) {
	image := s.cfg.Services[w.Service].Image
	if !s.registry.Knows(image) {
		return image + ":" + w.Tag, nil
	}
	return s.registry.Pin(ctx, image, w.Tag)
}

// reachable asks the registry of an image for it, where that is one that we ask and the
// image is pinned.
func (s *systems) reachable(ctx context.Context, image string) error {
	name, digest, pinned := strings.Cut(image, "@")
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
		name = name[:i]
	}
	if !pinned || !s.registry.Knows(name) {
		return nil
	}
	_, err := s.registry.Manifests(ctx, name+"@"+digest)
	return err
}

func (s *systems) want(retailer, environment, service string) (kube.WorkloadSpec, error) {
	svc, ok := s.cfg.Services[service]
	if !ok {
		return kube.WorkloadSpec{}, deployer.Refuse("Put it back into the config, or stop.", "The config has no service %s.", service)
	}
	env, ok := s.cfg.Retailers[retailer].Environments[environment]
	if !ok {
		return kube.WorkloadSpec{}, deployer.Refuse("Put it back into the config, or stop.", "The config has no environment %s of %s.", environment, retailer)
	}
	return kube.WorkloadSpec{Service: service, Cluster: env.Cluster, Namespace: env.Namespace, Workload: svc.Workload, Container: svc.Container}, nil
}

// Versions implements bot.Systems.
func (s *systems) Versions(ctx context.Context, retailer, environment string, services []string) ([]deployer.Serving, error) {
	if len(services) == 0 {
		services = s.cfg.has(retailer)
	}
	wants := make([]kube.WorkloadSpec, 0, len(services))
	for _, name := range services {
		w, err := s.want(retailer, environment, name)
		if err != nil {
			return nil, err
		}
		wants = append(wants, w)
	}
	return s.kube.Versions(ctx, wants)
}

// Revisions implements bot.Systems.
func (s *systems) Revisions(ctx context.Context, retailer, environment, service string) ([]deployer.Revision, error) {
	w, err := s.want(retailer, environment, service)
	if err != nil {
		return nil, err
	}
	return s.kube.History(ctx, w)
}

// Tags implements bot.Systems.
func (s *systems) Tags(ctx context.Context, service string) ([]string, error) {
	svc, ok := s.cfg.Services[service]
	if !ok {
		return nil, fmt.Errorf("list tags: the config has no service %s", service)
	}
	if !s.registry.Knows(svc.Image) {
		return nil, nil
	}
	tags, err := s.registry.Tags(ctx, svc.Image)
	return newestFirst(tags), err
}

// newestFirst orders tags by the numbers in them, the highest first. A
// registry tells no dates and lists tags by their letters (distribution-spec,
// "Listing Tags"), so that v1.10 would stand before v1.9.
func newestFirst(tags []string) []string {
	out := slices.Clone(tags)
	slices.SortStableFunc(out, func(a, b string) int { return compareTags(b, a) })
	return out
}

// compareTags compares part by part; runs of digits count as numbers.
func compareTags(a, b string) int {
	for a != "" && b != "" {
		x, restA := part(a)
		y, restB := part(b)
		if c := compareParts(x, y); c != 0 {
			return c
		}
		a, b = restA, restB
	}
	return cmp.Compare(len(a), len(b))
}

func compareParts(x, y string) int {
	if !digit(x[0]) || !digit(y[0]) {
		return strings.Compare(x, y)
	}
	x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y))
}

// part cuts off the first run of digits, or of anything else.
func part(s string) (first, rest string) {
	i := 1
	for i < len(s) && digit(s[i]) == digit(s[0]) {
		i++
	}
	return s[:i], s[i:]
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
