package app

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// rollouts are measured in a row.
const rollouts = 5

const brief = `
id: brief
title: Brief
owner: nobody
unapproved: the time of a rollout is measured, not of people
phases: [{id: go, title: Go, steps: [{id: rollout, uses: rollout}, {id: complete, uses: announce, with: {message: complete, to: [deploys]}}]}]
messages: {complete: "*Complete:* {what}"}
`

// BenchmarkComplete measures, from the API server's last event of a rollout,
// when "complete" stands in Slack, against kubectl rollout status on the same
// rollout at the same time. Between the event and Slack lie a commit, which
// settles the rollout, and a call of chat.postMessage. Slack takes a message a
// second in a channel and five of an app; the rollouts keep away from both.
func BenchmarkComplete(b *testing.B) {
	y := newClusterFixture(b)
	y.create([]string{"web"}, 4)
	retailers := names("shop", 40)
	posts := &postTimes{heard: map[string]time.Time{}}
	r := newBenchFixture(b, y.scene(retailers, []string{"web"}, "brief", brief), posts.listen)
	r.start()
	var kubectl, settled, ours, later []time.Duration
	n := 0
	for b.Loop() {
		for range rollouts {
			n++
			at := y.observe(r, retailers[n%len(retailers)], fmt.Sprint(n), posts)
			kubectl = append(kubectl, at.kubectl.Sub(at.event))
			settled = append(settled, at.settled.Sub(at.event))
			ours = append(ours, at.complete.Sub(at.event))
			later = append(later, at.complete.Sub(at.kubectl))
			time.Sleep(time.Second) // four messages were sent
		}
	}
	b.ReportMetric(milliseconds(quantile(kubectl, 0.5)), "kubectl-ms")
	b.ReportMetric(milliseconds(quantile(settled, 0.5)), "settled-ms")
	b.ReportMetric(milliseconds(quantile(ours, 0.5)), "complete-ms")
	b.ReportMetric(milliseconds(quantile(later, 0.5)), "later-ms")
	b.ReportMetric(0, "ns/op") // not shown: it would be of several rollouts
}

// When what happens in one rollout.
type rolloutTimes struct {
	event    time.Time // the API server's last one came down a watch of ours
	kubectl  time.Time // kubectl rollout status would have ended
	settled  time.Time // the app has seen it too, and begins to commit
	complete time.Time // the message is in the channel
}

// observe has the app roll out a tag of web and notes when what happens.
func (y *clusterFixture) observe(r *benchFixture, retailer, tag string, posts *postTimes) rolloutTimes {
	var at rolloutTimes
	var work sync.WaitGroup
	w, err := y.client.AppsV1().Deployments(y.namespace).Watch(y.b.Context(), metav1.ListOptions{})
	if err != nil {
		y.b.Fatal(err)
	}
	defer w.Stop()
	work.Go(func() {
		for e := range w.ResultChan() {
			if d, ok := e.Object.(*appsv1.Deployment); ok && runs(d, tag) {
				at.event = time.Now()
				return
			}
		}
		y.b.Error("the watch has ended")
	})
	work.Go(func() {
		y.rolledOut(y.b.Context(), fields.OneTermEqualSelector("metadata.name", "web"), 1, tag)
		at.kubectl = time.Now()
	})
	r.deploy(retailer, "web", tag)
	id := r.live()[0]
	work.Wait()
	await(y.b, "it is complete", func() bool { at.complete = posts.at(id); return !at.complete.IsZero() })
	await(y.b, "it has ended", func() bool { return len(r.live()) == 0 })
	d := r.load(id)
	at.settled = d.Step("complete").Began
	return at
}

// A postTimes notes when announcements of "complete" have been posted.
type postTimes struct {
	mu    sync.Mutex
	heard map[string]time.Time // by deployment
}

func (e *postTimes) at(deployment string) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard[deployment]
}

func (e *postTimes) listen(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/chat.postMessage") {
			next.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body) // what is missing, the next one misses too
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
		now := time.Now()
		form, _ := url.ParseQuery(string(body))
		metadata := form.Get("metadata")
		if _, rest, ok := strings.Cut(metadata, `"deployment":"`); ok && strings.Contains(metadata, `"message":"complete"`) {
			id, _, _ := strings.Cut(rest, `"`)
			e.mu.Lock()
			defer e.mu.Unlock()
			e.heard[id] = now
		}
	})
}
