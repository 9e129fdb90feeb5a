package socketmode

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestJobsOfOneKeyKeepTheirOrder(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var q Queues
	var mu sync.Mutex
	got := map[string][]int{}
	for i := range 100 {
		for k := range 5 {
			key := fmt.Sprint(k)
			if !q.Put(key, func() {
				mu.Lock()
				defer mu.Unlock()
				got[key] = append(got[key], i)
			}) {
				t.Fatal("no room")
			}
		}
	}
	for q.Pending() > 0 {
		time.Sleep(time.Millisecond)
	}
	q.Close()
	for key, list := range got {
		for i, n := range list {
			if i != n {
				t.Fatalf("key %s was done in the order %v", key, list)
			}
		}
		if len(list) != 100 {
			t.Errorf("key %s: %d done", key, len(list))
		}
	}
}

func (q *Queues) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// A key that is stuck holds up no other, and takes no more than its share.
func TestQueuesRefuseWhatThereIsNoRoomFor(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var q Queues
	release := make(chan struct{})
	taken := 0
	for range 2 * queueMax {
		if q.Put("stuck", func() { <-release }) {
			taken++
		}
	}
	if taken < queueMax || taken > queueMax+1 {
		t.Errorf("the stuck key took %d", taken)
	}
	done := make(chan struct{})
	if !q.Put("free", func() { close(done) }) {
		t.Error("another key has no room")
	}
	<-done
	for i := range 2 * heldMax {
		if q.Put(fmt.Sprint(i), func() { <-release }) {
			taken++
		}
	}
	if taken > heldMax {
		t.Errorf("%d are held", taken)
	}
	close(release)
	q.Close()
	if n := q.Pending(); n != 0 {
		t.Errorf("%d are held at the end", n)
	}
}

// At the end what was begun is finished, and nothing else is begun.
func TestClosingFinishesWhatWasBegunAndNoMore(t *testing.T) {
	var q Queues
	var finished atomic.Bool
	begun, release := make(chan struct{}), make(chan struct{})
	q.Put("k", func() { close(begun); <-release; finished.Store(true) })
	q.Put("k", func() { t.Error("begun after the end") })
	<-begun
	go func() {
		for !q.isClosed() {
			time.Sleep(time.Millisecond)
		}
		close(release)
	}()
	q.Close()
	if !finished.Load() {
		t.Error("what was begun is not finished")
	}
	if q.Put("k", func() { t.Error("begun after the end") }) {
		t.Error("taken after the end")
	}
}
