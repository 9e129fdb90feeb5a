package inflight_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/deployer"
)

// fakeRecords are deployments as a test sets them.
type fakeRecords struct {
	changes chan string

	mu     sync.Mutex
	all    map[string]deployer.Deployment
	broken map[string]bool
	loads  int
}

func newRecords() *fakeRecords {
	return &fakeRecords{changes: make(chan string), all: map[string]deployer.Deployment{}, broken: map[string]bool{}}
}

func (f *fakeRecords) Live(context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for id, d := range f.all {
		if !d.Status.Ended() {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (f *fakeRecords) Load(_ context.Context, id string) (deployer.Deployment, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.loads++
	if f.broken[id] {
		return deployer.Deployment{}, errors.New("the record is of a later version")
	}
	d, ok := f.all[id]
	if !ok {
		return d, deployer.ErrNotFound
	}
	return d, nil
}

func (f *fakeRecords) Changes(context.Context) (<-chan string, error) { return f.changes, nil }

func (f *fakeRecords) loaded() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.loads
	f.loads = 0
	return n
}

// set changes a deployment, and tells it.
func (f *fakeRecords) set(d deployer.Deployment) {
	f.mu.Lock()
	f.all[d.ID] = d
	f.mu.Unlock()
	f.changes <- d.ID
}

// open runs an index in a bubble, until the test calls the end.
func (f *fakeRecords) open(t *testing.T) (x *inflight.Index, end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	x = inflight.New(f, slog.New(slog.DiscardHandler))
	ended := make(chan error, 1)
	go func() { ended <- x.Run(ctx) }()
	synctest.Wait()
	return x, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// Nothing is read before somebody asks for a list; then everything is, once; and
// from then on what changes, and that alone.
func TestTheIndexReadsWhatHasChangedAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const live = 10_000
		f, d := newRecords(), bottest.Confirmed(t).Deployment()
		for i := range live {
			d.ID = fmt.Sprint("tangerine-", i+1)
			f.all[d.ID] = d
		}
		x, end := f.open(t)
		defer end()
		time.Sleep(time.Hour)
		if n := f.loaded(); n != 0 {
			t.Errorf("%d were loaded, and nobody has asked", n)
		}
		if n := len(x.Of("tangerine")); n != live {
			t.Errorf("%d are under way", n)
		}
		r := inflight.Reader{ID: bottest.Bob.ID, Roles: []string{"tech-lead"}, Public: public}
		if s := x.Select(r, 11, 12); s.Unread != live {
			t.Errorf("of %d it says that they were not read", s.Unread)
		}
		x.Settle(t.Context(), time.Hour)
		if n := f.loaded(); n != live {
			t.Errorf("%d were loaded", n)
		}
		if s := x.Select(r, 11, 12); s.Unread != 0 || len(s.Pending.Shown) != 11 || s.Pending.More != live-11 {
			t.Errorf("bob's tab shows %+v", s)
		}
		for i := range 20 {
			d.ID, d.Seq = fmt.Sprint("tangerine-", i+1), d.Seq+1
			f.set(d)
			synctest.Wait()
			x.Select(r, 11, 12)
		}
		if n := f.loaded(); n != 20 {
			t.Errorf("for 20 changes %d were loaded", n)
		}
	})
}

// One that can't be read is said to be so, and harms no other; when it can be again,
// it is back.
func TestWhatCantBeReadIsNamedAndHarmsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, d := newRecords(), bottest.Confirmed(t).Deployment()
		for _, id := range []string{"tangerine-1", "tangerine-2"} {
			d.ID = id
			f.all[id] = d
		}
		f.broken["tangerine-1"] = true
		x, end := f.open(t)
		defer end()
		x.Settle(t.Context(), time.Hour)
		r := inflight.Reader{ID: "UEVE", Public: public}
		s := x.Select(r, 11, 12)
		if !slices.Equal(s.Unreadable, []string{"tangerine-1"}) || s.Unread != 0 || !slices.Equal(s.Others.Shown, []string{"tangerine-2"}) {
			t.Errorf("the tab shows %+v", s)
		}
		if l := x.Of("tangerine"); len(l) != 2 || !l[0].Unreadable || l[1].Unreadable {
			t.Errorf("the list shows %+v", l)
		}
		f.mu.Lock()
		delete(f.broken, "tangerine-1")
		f.mu.Unlock()
		time.Sleep(2 * time.Minute)
		if s := x.Select(r, 11, 12); len(s.Unreadable) > 0 || len(s.Others.Shown) != 2 {
			t.Errorf("now it shows %+v", s)
		}
	})
}

// A gap in what is told hides what has begun, changed and ended; an answer that
// comes late brings back nothing that has ended.
func TestAGapAndALateAnswerLeaveNothingWrong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, d := newRecords(), bottest.Confirmed(t).Deployment()
		d.ID = "tangerine-1"
		f.all[d.ID] = d
		x, end := f.open(t)
		defer end()
		x.Settle(t.Context(), time.Hour)
		over, other := d, d
		over.Status, over.Seq, other.ID = deployer.Stopped, d.Seq+1, "tangerine-2"
		f.mu.Lock()
		f.all[over.ID], f.all[other.ID] = over, other
		f.mu.Unlock()
		f.changes <- ""
		x.Settle(t.Context(), time.Hour)
		synctest.Wait()
		want := func() {
			t.Helper()
			if l := x.Of("tangerine"); len(l) != 1 || l[0].ID != "tangerine-2" {
				t.Errorf("under way are %+v", l)
			}
		}
		want()
		if e := x.Ended(); len(e) != 1 || e[0].ID != over.ID {
			t.Errorf("%d have ended", len(e))
		}
		x.Put(d)
		x.Settle(t.Context(), time.Hour)
		synctest.Wait()
		want()
	})
}
