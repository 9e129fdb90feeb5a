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

// next is the next event of a watch, or fails the test.
func (w *world) next(from watch.Interface) watch.Event {
	w.t.Helper()
	select {
	case e := <-from.ResultChan():
		return e
	case <-w.ctx.Done():
		w.t.Fatal("no event came")
		return watch.Event{}
	}
}

func (w *world) label(name, value string) {
	w.t.Helper()
	if _, err := w.CoreV1().Namespaces().Patch(w.ctx, name, types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"x":`+strconv.Quote(value)+`}}}`), metav1.PatchOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func TestWatchGoesOnFromAVersion(t *testing.T) {
	w := newWorld(t, Config{Namespaces: []string{"prod"}})
	l, err := w.CoreV1().Namespaces().List(w.ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w.label("prod", "1")
	w.label("prod", "2")
	events, err := w.CoreV1().Namespaces().Watch(w.ctx, metav1.ListOptions{ResourceVersion: l.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	for _, want := range []string{"1", "2"} {
		if e := w.next(events); e.Type != watch.Modified || e.Object.(*corev1.Namespace).Labels["x"] != want {
			t.Errorf("the event is %s %v, want x=%s", e.Type, e.Object, want)
		}
	}
}

// An object that no longer matches is deleted for this watch, and added when
// it matches again.
func TestWatchSeesItsSelectionOnly(t *testing.T) {
	w := newWorld(t, Config{Namespaces: []string{"prod"}})
	events, err := w.CoreV1().Namespaces().Watch(w.ctx, metav1.ListOptions{LabelSelector: "x=1"})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	w.label("default", "3")
	w.label("prod", "1")
	w.label("prod", "2")
	w.label("prod", "1")
	for _, want := range []watch.EventType{watch.Added, watch.Deleted, watch.Added} {
		if e := w.next(events); e.Type != want || e.Object.(*corev1.Namespace).Labels["x"] != "1" {
			t.Errorf("the event is %s %v, want %s", e.Type, e.Object, want)
		}
	}
}

func TestWatchFromAnExpiredVersion(t *testing.T) {
	w := newWorld(t, Config{Namespaces: []string{"prod"}, History: 2})
	l, err := w.CoreV1().Namespaces().List(w.ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		w.label("prod", strconv.Itoa(i))
	}
	events, err := w.CoreV1().Namespaces().Watch(w.ctx, metav1.ListOptions{ResourceVersion: l.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	e := w.next(events)
	if err := apierrors.FromObject(e.Object); e.Type != watch.Error || !apierrors.IsResourceExpired(err) {
		t.Errorf("the event is %s %v, want 410 Expired", e.Type, err)
	}
}

func TestWatchTimesOut(t *testing.T) {
	w := newWorld(t, Config{})
	events, err := w.CoreV1().Pods("").Watch(w.ctx, metav1.ListOptions{TimeoutSeconds: new(int64(1))})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	if e, open := <-events.ResultChan(); open {
		t.Errorf("got %v, want the end of the watch", e)
	}
}

func TestBookmarks(t *testing.T) {
	w := newWorld(t, Config{Namespaces: []string{"prod"}, Speed: 6000})
	events, err := w.CoreV1().Pods("").Watch(w.ctx, metav1.ListOptions{AllowWatchBookmarks: true, ResourceVersion: "0"})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	if e := w.next(events); e.Type != watch.Bookmark || e.Object.(*corev1.Pod).ResourceVersion == "" {
		t.Errorf("got %s %v, want a bookmark", e.Type, e.Object)
	}
}

// What client-go does since 1.35: the list comes down the watch and ends with
// a bookmark.
func TestWatchList(t *testing.T) {
	w := newWorld(t, Config{Namespaces: []string{"prod"}})
	options := metav1.ListOptions{SendInitialEvents: new(true), AllowWatchBookmarks: true,
		ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}
	events, err := w.CoreV1().Namespaces().Watch(w.ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	for _, want := range []string{"default", "kube-system", "prod"} {
		if e := w.next(events); e.Type != watch.Added || e.Object.(*corev1.Namespace).Name != want {
			t.Errorf("got %s %v, want %s", e.Type, e.Object, want)
		}
	}
	if e := w.next(events); e.Type != watch.Bookmark ||
		e.Object.(*corev1.Namespace).Annotations[metav1.InitialEventsAnnotationKey] != "true" {
		t.Errorf("got %s %v, want the bookmark that ends the list", e.Type, e.Object)
	}
	options.ResourceVersionMatch = ""
	if _, err := w.CoreV1().Namespaces().Watch(w.ctx, options); !apierrors.IsInvalid(err) {
		t.Errorf("without resourceVersionMatch it ended with %v, want invalid", err)
	}
}

// A compaction, or a server that was away for long: the informer lists again
// and misses nothing.
func TestInformerSurvivesExpiry(t *testing.T) {
	w := newWorld(t, Config{})
	w.add("web:v1", 1)
	f := informers.NewSharedInformerFactoryWithOptions(w.Clientset, 0, informers.WithNamespace("prod"))
	informer := f.Apps().V1().Deployments()
	informer.Informer()
	stop := make(chan struct{})
	defer f.Shutdown()
	defer close(stop)
	f.Start(stop)
	if !cache.WaitForCacheSync(stop, informer.Informer().HasSynced) {
		t.Fatal("the informer did not sync")
	}
	w.Expire()
	w.setImage("web:v2")
	w.await("completes", func(d *appsv1.Deployment) bool { return d.Generation == 2 && complete(d) })
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
