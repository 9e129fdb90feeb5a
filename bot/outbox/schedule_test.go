package outbox

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// Whatever has happened to a queue, what comes next is what a look at everything
// that waits would choose.
func TestTheFirstOfEachLineIsTheFirstOfAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { rapid.Check(untimed{t}, firstOfAll) })
}

// untimed is a test in a bubble, where nobody may ask for its deadline.
type untimed struct{ *testing.T }

// Deadline says that there is none.
func (untimed) Deadline() (time.Time, bool) { return time.Time{}, false }

func firstOfAll(t *rapid.T) {
	o := New(nil, Ports{}, view.Renderer{}, slog.New(slog.DiscardHandler), Pace{})
	o.startedAt = time.Now()
	m := &queueModel{t: t, q: o.queue("C1"), editor: &cardEditor{Outbox: o}}
	m.q.set(m.drawMessages("a", "b", "c", "d"), 1, rapid.Bool().Draw(t, "at start"))
	for range rapid.IntRange(1, 30).Draw(t, "steps") {
		rapid.SampledFrom([]func(){m.arrive, m.arrive, m.work, m.work, m.edit, m.finishEdit, m.dirty, m.pass, m.limit}).Draw(t, "step")()
		m.check()
	}
}

// A queueModel drives a queue as its reader, its worker and the card editor do.
type queueModel struct {
	t      *rapid.T
	q      *queue
	editor *cardEditor
	read   int64
	rev    int64
	edits  []*cardEdit
}

// drawMessages are what some boxes may hold.
func (m *queueModel) drawMessages(deployments ...string) []deployer.OutboxMessage {
	var out []deployer.OutboxMessage
	for _, id := range deployments {
		for n, kind := range []string{"starting", "complete", deployer.MessageNote, deployer.MessageAsk, deployer.MessageRefused, deployer.MessageCard} {
			if !rapid.Bool().Draw(m.t, id+" has "+kind) {
				continue
			}
			m.rev++
			out = append(out, deployer.OutboxMessage{
				Message: deployer.Message{
					Kind: kind, Channel: "C1", Thread: kind == deployer.MessageNote || kind == deployer.MessageAsk, Receipt: rapid.Bool().Draw(m.t, "receipt"),
				},
				Deployment: id, Key: fmt.Sprint(id, "/", n), Rev: rapid.Int64Range(max(m.rev-2, 1), m.rev).Draw(m.t, "rev"),
				At: time.Now().Add(-time.Duration(rapid.IntRange(0, 3).Draw(m.t, "age")) * time.Second),
			})
		}
	}
	return out
}

func (m *queueModel) arrive() {
	id := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(m.t, "box")
	m.read = m.q.mailboxReads.Add(1)
	m.q.mu.Lock()
	if b := m.q.box(id); b.by == "" {
		b.by = rapid.SampledFrom([]string{"", "ana", "bob"}).Draw(m.t, "by")
	}
	m.q.mu.Unlock()
	m.q.setBoxes(map[string][]deployer.OutboxMessage{id: m.drawMessages(id)}, m.read, false)
}

// work does something to what comes next.
func (m *queueModel) work() {
	j, ok := m.q.next(time.Now())
	if !ok {
		return
	}
	it := j.item
	m.q.takeInHand(it)
	switch rapid.IntRange(0, 5).Draw(m.t, "outcome") {
	case 0:
		m.q.putOff(it)
	case 1:
		it.maybeSentAt = time.Now()
	case 2:
		it.maybeSentAt = time.Time{}
	case 3:
		m.q.markPosted(it.message.Deployment)
	case 4:
		it.sent, it.toRecord = it.message, recordNothing
	default:
		served(m.q, j)
		it.doneInRead = m.q.mailboxReads.Load()
	}
	m.q.release(it)
}

func (m *queueModel) edit() {
	if p, ok := m.editor.next(time.Now()); ok {
		m.edits = append(m.edits, p.begin())
	}
}

func (m *queueModel) finishEdit() {
	if len(m.edits) == 0 {
		return
	}
	e := m.edits[0]
	m.edits = m.edits[1:]
	if rapid.Bool().Draw(m.t, "in vain") {
		e.postpone()
		e.end(e.wasDirty)
		return
	}
	e.noteOutcome(nil)
	if e.item != nil {
		e.item.doneInRead = m.q.mailboxReads.Load()
	}
	e.end(false)
	e.queue.forgetCard(deployer.Deployment{ID: e.deployment, Status: rapid.SampledFrom([]deployer.Status{deployer.Running, deployer.Complete}).Draw(m.t, "status")})
}

func (m *queueModel) dirty() {
	m.q.markDirty(rapid.SampledFrom([]string{"a", "b", "f"}).Draw(m.t, "moved"))
}

func (m *queueModel) pass() {
	time.Sleep(time.Duration(rapid.IntRange(1, 12_000).Draw(m.t, "ms")) * time.Millisecond)
}

func (m *queueModel) limit() {
	rapid.SampledFrom([]*Limiter{m.q.limiter, m.q.edits, m.q.reads, m.q.Outbox.posts.limiter}).Draw(m.t, "limiter").Close(time.Second)
}

// check compares with a look at everything.
func (m *queueModel) check() {
	now := time.Now()
	m.q.mu.Lock()
	var jobs []job
	var edits []pendingEdit
	for id, b := range m.q.boxes {
		for _, j := range b.candidates(m.q) {
			j.readyAt, j.waitsForAll = m.q.readyAt(j, now)
			j.servedAt = m.q.servedAt[j.by]
			if _, action := j.item.ownTime(m.q.pace.Settle); action == posting { // one that waits by itself is not asked for that
				j.readyAt = latest(j.readyAt, m.q.posts.opensAt("C1", j.class, now))
			}
			jobs = append(jobs, j)
		}
		if j, ok := b.pendingEdit(m.q, id); ok {
			j.readyAt = m.q.editableAt(j, now)
			edits = append(edits, pendingEdit{j, m.q})
		}
	}
	m.q.mu.Unlock()
	want, some := firstOf(jobs, func(a, b job) bool { return before(a, b, now) })
	if got, ok := m.q.next(now); ok != some || wrongTurn(got, want, now) {
		m.t.Fatalf("next is %s at %s, %v; want %s at %s, %v", got.name(), got.readyAt, ok, want.name(), want.readyAt, some)
	}
	edit, some := firstOf(edits, func(a, b pendingEdit) bool { return editBefore(a.job, b.job, now) })
	if got, ok := m.editor.next(now); ok != some || wrongTurn(got.job, edit.job, now) {
		m.t.Fatalf("the next edit is %s at %s, %v; want %s at %s, %v", got.name(), got.readyAt, ok, edit.name(), edit.readyAt, some)
	}
}

func (j job) name() string {
	if j.item == nil && j.deployment == "" {
		return "nothing"
	}
	return j.key()
}

// wrongTurn reports whether a job comes next that should not or, while none is
// ready, whether it is looked at later than one of all can be done.
func wrongTurn(got, want job, now time.Time) bool {
	if want.readyAt.After(now) {
		return got.readyAt.After(want.readyAt) || !got.readyAt.After(now)
	}
	return got.name() != want.name()
}
