package bot

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// While the threads of many channels say as much as Slack takes, an
// announcement in another channel goes out at once. Measured before: 0.35 s
// later, with one rollout a second.
func TestThreadsLeaveRoomForAnnouncements(t *testing.T) {
	o := newOutbox(nil, nil, nil, nil, nil, slog.New(slog.DiscardHandler), pace{})
	q, now := newQueue(o, "C1"), time.Now()
	note := job{class: threaded, item: &item{letter: deployer.Letter{Message: deployer.Message{Thread: true}}}}
	said := 0
	for !q.ready(note, now).After(now) {
		if !q.posts.take(now) {
			t.Fatal("it is ready, and may not be posted")
		}
		said++
	}
	if said == 0 {
		t.Error("a quiet Slack takes no note")
	}
	for _, c := range []class{firstCard, announced} {
		if at := q.ready(job{class: c, item: &item{}}, now); at.After(now) {
			t.Errorf("behind %d notes, class %d waits %s", said, c, at.Sub(now))
		}
	}
	if wait := q.ready(note, now).Sub(now); wait > time.Second {
		t.Errorf("the next note waits %s", wait)
	}
}
