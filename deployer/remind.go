package deployer

import (
	"strconv"
	"time"
)

// MessageRemind calls those who are awaited once more; it is a new message in
// the thread, since an edit notifies nobody.
const MessageRemind = "remind"

// Reminded: whoever is awaited at a step was called again. N counts the times
// of Step.Remind that have passed since they were asked: after a while without a
// process, several pass as one.
type Reminded struct {
	At      time.Time
	Step    string
	Attempt int
	N       int
}

func (e Reminded) apply(d *Deployment) { d.Step(e.Step).Reminded = e.N }

// Remind says that the time of a reminder has come.
type Remind struct {
	Step    string
	Attempt int
}

func (Remind) command() {}

// Reminder is when those who are awaited at a step are called next; zero: no
// more.
func (d Deployment) Reminder(s StepState) time.Time {
	if s.Status != Active || !d.AwaitsPerson(s) || s.Reminded >= len(s.Remind) {
		return time.Time{}
	}
	return s.Asked().Add(s.Remind[s.Reminded])
}

// passed counts the reminders whose time has come.
func (s StepState) passed(now time.Time) int {
	n := 0
	for n < len(s.Remind) && !s.Asked().Add(s.Remind[n]).After(now) {
		n++
	}
	return n
}

func (c *decider) remind(cmd Remind) error {
	s, err := c.timed(cmd.Step, cmd.Attempt)
	if err != nil {
		return err
	}
	n := s.passed(c.now)
	if n <= s.Reminded || !c.d.AwaitsPerson(*s) || c.d.Status == Halting {
		return ErrStale
	}
	c.add(Reminded{At: c.now, Step: s.ID, Attempt: s.Attempt, N: n})
	return nil
}

// The values that a reminder carries besides its role: RemindSince is when it was
// asked, in seconds since 1970; RemindLast is there in the last one, which calls
// the requester too.
const (
	RemindSince = "since"
	RemindLast  = "last"
)

// reminder calls whoever is awaited at the step, and the last one the
// requester, who can ask somebody else or stop.
func (d messageWriter) reminder(e Reminded) Message {
	s := d.Step(e.Step)
	role, asks := d.question(*s)
	if asks.Kind != NoteAsksGate {
		asks.Why = ""
	}
	m := Message{
		Kind: MessageRemind, Role: role, Note: asks, Args: map[string]string{RemindSince: strconv.FormatInt(s.Asked().Unix(), 10)},
	}
	if e.N == len(s.Remind) {
		m.Args[RemindLast] = "yes"
	}
	return d.threaded(m)
}
