package app

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	"github.com/stationmaster/stationmaster/deployer"
)

const fleet = 200

const bare = `
id: bare
title: Bare
owner: nobody
unapproved: the time of rollouts is measured, not of people
phases: [{id: go, title: Go, steps: [{id: rollout, uses: rollout}]}]
`

// BenchmarkFleet types 200 commands, in 20 channels at once, and measures when
// the last of the deployments is complete, against the time that the control
// plane takes for the same changes by itself, in the same run. Then 200 that
// hang show how many watches there are and what each costs in memory.
//
// The procedure rolls out and says nothing: Slack takes five messages a second
// of an app, whatever happens in a cluster.
func BenchmarkFleet(b *testing.B) {
	y := newClusterFixture(b)
	y.AddNodes(b, 6)
	retailers, services := names("shop", 20), names("web", fleet)
	y.create(services, 2)
	s := y.scene(retailers, services, "bare", bare)
	b.Run("time", func(b *testing.B) { y.on(b).race(b, s) })
	b.Run("memory", func(b *testing.B) { y.on(b).weigh(b, s) })
}

// race lets the app and the control plane alone take turns.
func (y *clusterFixture) race(b *testing.B, s scene) {
	r := newBenchFixture(b, s, nil)
	r.start()
	var alone, ours, tail []time.Duration
	round := 0
	for b.Loop() {
		round++
		for _, turn := range rand.Perm(2) {
			tag := fmt.Sprint(round, "-", turn)
			if turn == 0 {
				alone = append(alone, y.patchAll(tag))
			} else {
				took, after := y.deployAll(r, s, tag)
				ours, tail = append(ours, took), append(tail, after)
			}
		}
	}
	b.ReportMetric(quantile(alone, 0.5).Seconds(), "alone-s")
	b.ReportMetric(quantile(ours, 0.5).Seconds(), "ours-s")
	b.ReportMetric(quantile(tail, 0.5).Seconds(), "tail-s")
	b.ReportMetric(float64(quantile(ours, 0.5))/float64(quantile(alone, 0.5)), "ratio")
	b.ReportMetric(0, "ns/op") // not shown: it would be of both
}

// patchAll changes all images as the app does, and waits for all rollouts.
func (y *clusterFixture) patchAll(tag string) time.Duration {
	begun := time.Now()
	each(names("web", fleet), func(_ int, name string) {
		patch := fmt.Appendf(nil, `[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"%s/%s:%s"}]`, repository, name, tag)
		_, err := y.client.AppsV1().Deployments(y.namespace).Patch(y.b.Context(), name, types.JSONPatchType, patch, metav1.PatchOptions{})
		if err != nil {
			y.b.Error(err)
		}
	})
	y.rolledOut(y.b.Context(), fields.Everything(), fleet, tag)
	return time.Since(begun)
}

// deployAll types all commands, and waits until all are complete. after is how
// much later that is than kubectl rollout status would have ended for the last.
func (y *clusterFixture) deployAll(r *benchFixture, s scene, tag string) (took, after time.Duration) {
	begun := time.Now()
	rolled := make(chan time.Time, 1)
	go func() {
		y.rolledOut(y.b.Context(), fields.Everything(), fleet, tag)
		rolled <- time.Now()
	}()
	r.typeAll(s, tag)
	await(r.b, "all have ended", func() bool { return len(r.live()) == 0 })
	ended := time.Now()
	for _, retailer := range s.retailers {
		list, err := r.store.List(r.b.Context(), deployer.Query{Site: deployer.Site{Name: retailer}, Limit: fleet / len(s.retailers)})
		if err != nil || len(list) != fleet/len(s.retailers) {
			r.b.Fatalf("%d deployments of %s: %v", len(list), retailer, err)
		}
		for _, d := range list {
			if d.Status != deployer.Complete {
				r.b.Errorf("%s is %s: %s", d.ID, d.Status, d.Why)
			}
		}
	}
	return ended.Sub(begun), ended.Sub(<-rolled)
}

// typeAll types in all channels at once, and in each one command after the other.
func (r *benchFixture) typeAll(s scene, tag string) {
	each(s.retailers, func(i int, retailer string) {
		for n := i; n < fleet; n += len(s.retailers) {
			r.deploy(retailer, fmt.Sprint("web-", n), tag)
		}
	})
}

// weigh measures what 200 rollouts under way hold: the heap that the app's end
// frees, less that of an app that has nothing to do. So what the local Slack
// remembers, in the same process, does not count.
func (y *clusterFixture) weigh(b *testing.B, s scene) {
	for n := 0; b.Loop(); n++ {
		r := newBenchFixture(b, s, nil)
		before := heap()
		r.start()
		idle := heap() - before
		r.typeAll(s, fmt.Sprint(n, "-hang"))
		await(b, "all are under way", func() bool {
			live := r.live()
			return len(live) == fleet && !slices.ContainsFunc(live, func(id string) bool { return !r.underWay(id) })
		})
		for _, kind := range []string{"deployments", "replicasets", "pods"} {
			b.ReportMetric(float64(y.watches(kind)), kind+"-watches")
		}
		busy := heap()
		r.end()
		b.ReportMetric((busy-heap()-idle)/fleet, "KiB/deployment")
		b.ReportMetric(idle, "KiB-idle")
	}
	b.ReportMetric(0, "ns/op")
}

// underWay reports whether new pods of a deployment have been seen beside old.
func (r *benchFixture) underWay(id string) bool {
	for _, p := range r.engine.Progress(id) {
		if p.Updated > 0 && p.Old > 0 {
			return true
		}
	}
	return false
}

// heap is what is in use after a collection, in KiB.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1024
}
