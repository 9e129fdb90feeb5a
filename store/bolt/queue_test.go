package bolt

import (
	"testing"

	"github.com/stationmaster/stationmaster/store/kv"
)

func join(t *testing.T, q *queue, b kv.Batch) (r *request, leads bool) {
	t.Helper()
	r = newRequest(t.Context(), b)
	leads, err := q.join(r)
	if err != nil {
		t.Fatal(err)
	}
	return r, leads
}

// One leads at a time, and everybody gets a turn.
func TestQueueLetsOneLeadAndEverybodyTakeTurns(t *testing.T) {
	t.Parallel()
	var q queue
	first, leads := join(t, &q, kv.Batch{})
	if !leads {
		t.Fatal("the first doesn't lead")
	}
	second, leads := join(t, &q, kv.Batch{})
	if leads {
		t.Fatal("two lead")
	}
	if group := q.take(); len(group) != 2 || group[0] != first || group[1] != second {
		t.Fatalf("the first group is %v", group)
	}
	third, leads := join(t, &q, kv.Batch{})
	if leads {
		t.Fatal("two lead while a group is written")
	}
	q.pass()
	select {
	case lead := <-third.turn:
		if !lead {
			t.Fatal("the third is answered, and nobody wrote it")
		}
	default:
		t.Fatal("nobody leads, and one waits")
	}
	q.take()
	q.pass()
	if _, leads := join(t, &q, kv.Batch{}); !leads {
		t.Fatal("nobody leads")
	}
}

// Who waits is refused and who writes is waited for.
func TestClosingQueueRefusesWhoWaitsAndWaitsForWhoWrites(t *testing.T) {
	t.Parallel()
	var q queue
	join(t, &q, kv.Batch{})
	q.take()
	waiting, _ := join(t, &q, kv.Batch{})
	closed := make(chan struct{})
	go func() {
		q.close()
		close(closed)
	}()
	for { // until close has begun
		r := newRequest(t.Context(), kv.Batch{})
		if _, err := q.join(r); err != nil {
			wantError(t, err, kv.ErrClosed)
			break
		}
	}
	select {
	case <-closed:
		t.Fatal("closed while one writes")
	default:
	}
	q.pass()
	if lead := <-waiting.turn; lead {
		t.Fatal("a closed queue has a leader")
	}
	wantError(t, waiting.err, kv.ErrClosed)
	<-closed
}

func TestQueueKeepsItsLimits(t *testing.T) {
	t.Parallel()
	var q queue
	for range groupMax + 1 {
		join(t, &q, kv.Batch{})
	}
	if n := len(q.take()); n != groupMax {
		t.Errorf("a group of %d, the limit is %d", n, groupMax)
	}
	if n := len(q.take()); n != 1 {
		t.Errorf("a group of %d is left, want 1", n)
	}
	for range 20 {
		join(t, &q, kv.Batch{Put: []kv.Entry{{Key: "k", Value: make([]byte, kv.BatchBytesMax-1)}}})
	}
	if n, want := len(q.take()), bytesMax/kv.BatchBytesMax; n != want {
		t.Errorf("a group of %d MiB, the limit is %d", n, want)
	}
}
