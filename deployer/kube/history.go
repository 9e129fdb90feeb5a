package kube

import (
	"context"
	"slices"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/stationmaster/stationmaster/deployer"
)

// History returns the revisions that the workload still has, the newest first.
// A spec without an image is enough.
func (s *System) History(ctx context.Context, w WorkloadSpec) ([]deployer.Revision, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c, err := s.cluster(w.Cluster)
	if err != nil {
		return nil, err
	}
	d, err := c.workload(ctx, w)
	if err != nil {
		return nil, err
	}
	if w.Container, err = container(d, w); err != nil {
		return nil, err
	}
	sets, err := c.sets(ctx, d)
	if err != nil {
		return nil, err
	}
	return history(view{deployment: d, sets: sets}, w.Container, s.cfg.Store), nil
}

// history lists the revisions, the newest first. Those that another store's
// deployments made are by nobody here.
func history(v view, container, store string) []deployer.Revision {
	sets := slices.Clone(v.sets)
	slices.SortFunc(sets, func(a, b *appsv1.ReplicaSet) int { return int(revision(b) - revision(a)) })
	current := v.current()
	var all []deployer.Revision
	for _, s := range sets {
		image, _ := imageOf(s.Spec.Template, container)
		if revision(s) == 0 || image == "" {
			continue
		}
		state := deployer.State{
			Version: version(image), Image: image, Revision: s.Annotations[revisionKey], Template: templateOf(s.Spec.Template, container),
		}
		by := deployer.OwnDeployment(v.madeBy(s.Spec.Template.Annotations[Annotation], state, container), store)
		all = append(all, deployer.Revision{State: state, Created: s.CreationTimestamp.Time, By: by, Current: s == current})
	}
	return all
}

// versionsAtOnceMax bounds how many workloads are read at the same time.
const versionsAtOnceMax = 8

// Versions returns what each of the specs runs now, in their order. One that
// can't be read says why in its note; the error is only that of the context.
func (s *System) Versions(ctx context.Context, wants []WorkloadSpec) ([]deployer.Serving, error) {
	all := make([]deployer.Serving, len(wants))
	slots := make(chan struct{}, versionsAtOnceMax)
	var reading sync.WaitGroup
	for i, w := range wants {
		reading.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			all[i] = s.serving(ctx, w)
		})
	}
	reading.Wait()
	return all, ctx.Err()
}

func (s *System) serving(ctx context.Context, w WorkloadSpec) deployer.Serving {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out := deployer.Serving{Service: w.Service}
	v, container, err := s.read(ctx, w)
	if err != nil {
		out.Note = sentence(err)
		return out
	}
	out.State, out.Total, out.Pods = v.state(container), v.wanted(), v.spread(container)
	for _, r := range out.Pods {
		out.Ready = min(out.Ready+r.Ready, out.Total) // there may be more than there should be
	}
	switch paused, ours := v.paused(); {
	case ours:
		by, _ := v.note(PausedBy)
		out.Note = "Paused by " + deployer.DeploymentOfMark(by) + "."
	case paused:
		out.Note = "Paused, and not by stationmaster."
	case !v.complete():
		out.Note = "Rolling out."
	case len(v.old(v.current())) > 0:
		out.Note = stopping(v.old(v.current()))
	}
	return out
}

// spread counts the pods by the version that their container runs, what is wanted
// first. Those of a ReplicaSet that is gone count like others, since they serve;
// those that are stopping, or over, don't.
func (v view) spread(container string) []deployer.VersionCount {
	var out []deployer.VersionCount
	for _, p := range v.pods {
		i := slices.IndexFunc(p.Spec.Containers, func(c corev1.Container) bool { return c.Name == container })
		if i < 0 || p.DeletionTimestamp != nil || over(p) {
			continue
		}
		runs := version(p.Spec.Containers[i].Image)
		at := slices.IndexFunc(out, func(r deployer.VersionCount) bool { return r.Version == runs })
		if at < 0 {
			at, out = len(out), append(out, deployer.VersionCount{Version: runs})
		}
		out[at].Pods++
		if ready(p) {
			out[at].Ready++
		}
	}
	wanted := version(v.image(container))
	slices.SortFunc(out, func(a, b deployer.VersionCount) int {
		switch wanted {
		case a.Version:
			return -1
		case b.Version:
			return 1
		}
		return strings.Compare(a.Version, b.Version)
	})
	return out
}

// read reads the spec's workload and finds its container.
func (s *System) read(ctx context.Context, w WorkloadSpec) (view, string, error) {
	c, err := s.cluster(w.Cluster)
	if err != nil {
		return view{}, "", err
	}
	d, err := c.workload(ctx, w)
	if err != nil {
		return view{}, "", err
	}
	name, err := container(d, w)
	if err != nil {
		return view{}, "", err
	}
	v, err := c.readWorkload(ctx, d)
	return v, name, err
}
