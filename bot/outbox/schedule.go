package outbox

import (
	"cmp"
	"slices"
	"time"
)

// An action is what a job does next. Each has its own limiter.
type action int

const (
	posting        action = iota
	finding               // was it posted? In the channel
	findingReplies        // likewise, in a thread
	whispering            // to one person
	recording             // it is over, and that has to be written down
	revising              // a message that is there is edited
	editing               // a new state of a card
	progressing           // progress on a card
	reacting              // the reaction on a card
)

// A schedule knows which jobs may come next, in lines; only the first one of each
// has to be looked at, however many wait. The zero schedule is empty. The queue's
// lock guards it.
type schedule struct{ lines map[lineKey]*line }

// A lineKey is what the jobs of a line have in common.
type lineKey struct {
	class  class
	action action
	by     string // of each person their own, since they take turns
}

// A line holds turns that wait for the same limiters: the first one is ready as
// soon as any.
type line struct {
	ready []*turn // by age
	later []*turn // have to wait until a time of their own, as after a failure; by that
}

// A turn is a job in a line.
type turn struct {
	job
	line *line
	at   time.Time // when it may be done, as far as itself is concerned
}

// add puts a job into its line. at is until when it has to wait by itself.
func (s *schedule) add(j job, a action, at, now time.Time) *turn {
	if s.lines == nil {
		s.lines = map[lineKey]*line{}
	}
	key := lineKey{j.class, a, j.by}
	if s.lines[key] == nil {
		s.lines[key] = &line{}
	}
	t := &turn{job: j, line: s.lines[key], at: at}
	if at.After(now) {
		t.line.later = enqueue(t.line.later, t, byTime)
	} else {
		t.line.ready = enqueue(t.line.ready, t, bySeniority)
	}
	return t
}

// leave takes the turn out of its line.
func (t *turn) leave() {
	t.line.ready = dequeue(t.line.ready, t, bySeniority)
	t.line.later = dequeue(t.line.later, t, byTime)
}

// heads are the jobs of which one comes first: of each line the first one that is
// ready by itself, else the one that will be.
func (s *schedule) heads(now time.Time) []job {
	var jobs []job
	for key, l := range s.lines {
		if len(l.ready) == 0 && len(l.later) == 0 {
			delete(s.lines, key)
		}
		for len(l.later) > 0 && !l.later[0].at.After(now) {
			l.ready = enqueue(l.ready, l.later[0], bySeniority)
			l.later = l.later[1:]
		}
		if len(l.ready) > 0 {
			jobs = append(jobs, l.ready[0].job)
		} else if len(l.later) > 0 {
			jobs = append(jobs, l.later[0].job)
		}
	}
	return jobs
}

func bySeniority(a, b *turn) int { return byAge(a.job, b.job) }

func byTime(a, b *turn) int { return cmp.Or(a.at.Compare(b.at), byAge(a.job, b.job)) }

// enqueue puts a turn where it belongs. Most come last.
func enqueue(turns []*turn, t *turn, order func(a, b *turn) int) []*turn {
	i, _ := slices.BinarySearchFunc(turns, t, order)
	return slices.Insert(turns, i, t)
}

// dequeue takes a turn out, if it is there.
func dequeue(turns []*turn, t *turn, order func(a, b *turn) int) []*turn {
	if i, ok := slices.BinarySearchFunc(turns, t, order); ok && turns[i] == t {
		return slices.Delete(turns, i, i+1)
	}
	return turns
}
