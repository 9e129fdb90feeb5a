package sim

import (
	"strconv"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// nextEvent is the next event of a watch, or fails the test.
func (f *fixture) nextEvent(from watch.Interface) watch.Event {
	f.t.Helper()
	select {
	case e := <-from.ResultChan():
		return e
	case <-f.ctx.Done():
		f.t.Fatal("no event came")
		return watch.Event{}
	}
}

func (f *fixture) labelNamespace(name, value string) {
	f.t.Helper()
	if _, err := f.CoreV1().Namespaces().Patch(f.ctx, name, types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"x":`+strconv.Quote(value)+`}}}`), metav1.PatchOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

func TestWatchGoesOnFromAVersion(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Namespaces: []string{"prod"}})
	l, err := f.CoreV1().Namespaces().List(f.ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f.labelNamespace("prod", "1")
	f.labelNamespace("prod", "2")
	events, err := f.CoreV1().Namespaces().Watch(f.ctx, metav1.ListOptions{ResourceVersion: l.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	for _, want := range []string{"1", "2"} {
		if e := f.nextEvent(events); e.Type != watch.Modified || e.Object.(*corev1.Namespace).Labels["x"] != want {
			t.Errorf("the event is %s %v, want x=%s", e.Type, e.Object, want)
		}
	}
}

// An object that no longer matches is deleted for this watch, and added when
// it matches again.
func TestWatchSeesItsSelectionOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Namespaces: []string{"prod"}})
	events, err := f.CoreV1().Namespaces().Watch(f.ctx, metav1.ListOptions{LabelSelector: "x=1"})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	f.labelNamespace("default", "3")
	f.labelNamespace("prod", "1")
	f.labelNamespace("prod", "2")
	f.labelNamespace("prod", "1")
	for _, want := range []watch.EventType{watch.Added, watch.Deleted, watch.Added} {
		if e := f.nextEvent(events); e.Type != want || e.Object.(*corev1.Namespace).Labels["x"] != "1" {
			t.Errorf("the event is %s %v, want %s", e.Type, e.Object, want)
		}
	}
}

func TestWatchFromAnExpiredVersionEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Namespaces: []string{"prod"}, History: 2})
	l, err := f.CoreV1().Namespaces().List(f.ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		f.labelNamespace("prod", strconv.Itoa(i))
	}
	events, err := f.CoreV1().Namespaces().Watch(f.ctx, metav1.ListOptions{ResourceVersion: l.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	e := f.nextEvent(events)
	if err := apierrors.FromObject(e.Object); e.Type != watch.Error || !apierrors.IsResourceExpired(err) {
		t.Errorf("the event is %s %v, want 410 Expired", e.Type, err)
	}
}

func TestWatchTimesOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	events, err := f.CoreV1().Pods("").Watch(f.ctx, metav1.ListOptions{TimeoutSeconds: new(int64(1))})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	if e, open := <-events.ResultChan(); open {
		t.Errorf("got %v, want the end of the watch", e)
	}
}

func TestWatchSendsBookmarks(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Namespaces: []string{"prod"}, Speed: 6000})
	events, err := f.CoreV1().Pods("").Watch(f.ctx, metav1.ListOptions{AllowWatchBookmarks: true, ResourceVersion: "0"})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	if e := f.nextEvent(events); e.Type != watch.Bookmark || e.Object.(*corev1.Pod).ResourceVersion == "" {
		t.Errorf("got %s %v, want a bookmark", e.Type, e.Object)
	}
}

// What client-go does since 1.35: the list comes down the watch and ends with
// a bookmark.
func TestWatchSendsTheListAndThenABookmark(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{Namespaces: []string{"prod"}})
	options := metav1.ListOptions{SendInitialEvents: new(true), AllowWatchBookmarks: true,
		ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}
	events, err := f.CoreV1().Namespaces().Watch(f.ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	for _, want := range []string{"default", "kube-system", "prod"} {
		if e := f.nextEvent(events); e.Type != watch.Added || e.Object.(*corev1.Namespace).Name != want {
			t.Errorf("got %s %v, want %s", e.Type, e.Object, want)
		}
	}
	if e := f.nextEvent(events); e.Type != watch.Bookmark ||
		e.Object.(*corev1.Namespace).Annotations[metav1.InitialEventsAnnotationKey] != "true" {
		t.Errorf("got %s %v, want the bookmark that ends the list", e.Type, e.Object)
	}
	options.ResourceVersionMatch = ""
	if _, err := f.CoreV1().Namespaces().Watch(f.ctx, options); !apierrors.IsInvalid(err) {
		t.Errorf("without resourceVersionMatch it ended with %v, want invalid", err)
	}
}

// A compaction, or a server that was away for long: the informer lists again
// and misses nothing.
func TestInformerSurvivesExpiry(t *testing.T) {
	t.Parallel()
	f := newFixture(t, Config{})
	f.addWeb("web:v1", 1)
	factory := informers.NewSharedInformerFactoryWithOptions(f.Clientset, 0, informers.WithNamespace("prod"))
	informer := factory.Apps().V1().Deployments()
	informer.Informer()
	stop := make(chan struct{})
	defer factory.Shutdown()
	defer close(stop)
	factory.Start(stop)
	if !cache.WaitForCacheSync(stop, informer.Informer().HasSynced) {
		t.Fatal("the informer did not sync")
	}
	f.Expire()
	f.setImage("web:v2")
	f.await("completes", func(d *appsv1.Deployment) bool { return d.Generation == 2 && complete(d) })
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		d, err := informer.Lister().Deployments("prod").Get("web")
		if err == nil && d.Generation == 2 && complete(d) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the informer never caught up: %v, %+v", err, d)
		}
	}
}
