package deployer

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Problem is that a step did not go well, so that somebody has to decide, for as long
// as that lasts: to try again, and to fail again, leaves it the same one. People are told
// of it once, by a message that changes with it.
type Problem struct {
	Number  int // of the event that it began with
	Step    string
	Began   time.Time
	Fails   int    // how often the step did not go well, by itself or tried again by people
	Why     string // it did not, the last time
	Decided Choice // what was decided last; "": nothing yet
	By      Actor  // who decided that
	Comment string // and why
	Ended   int    // the number of the event that it was over with; 0: it lasts
	Post    Post   // the message that tells of it; zero: it is not posted yet
	Lost    bool   // that can't be posted
}

// Key is what the message that tells of the problem is found by.
func (p Problem) Key() string { return problemKey + strconv.Itoa(p.Number) }

// OverKey is that of the line in the message's thread which says that it is over.
func (p Problem) OverKey() string { return p.Key() + problemOver }

// What the keys of messages about problems hold. No key of an announcement does: those
// have a channel behind a slash.
const (
	problemKey  = MessageDecide + "#"
	problemOver = "#over"
)

// IsProblemKey reports whether the key of a message is that of one about a problem.
func IsProblemKey(key string) bool {
	return strings.HasPrefix(key, problemKey) && !strings.Contains(key, "/")
}

// SameProblem reports whether the keys of two messages are of one problem.
func SameProblem(a, b string) bool {
	return strings.TrimSuffix(a, problemOver) == strings.TrimSuffix(b, problemOver)
}

// ProblemOf returns the problem that a message with that key is about, or nil.
func (d *Deployment) ProblemOf(key string) *Problem {
	if !IsProblemKey(key) {
		return nil
	}
	key = strings.TrimSuffix(key, problemOver)
	i := slices.IndexFunc(d.Problems, func(p Problem) bool { return p.Key() == key })
	if i < 0 {
		return nil
	}
	return &d.Problems[i]
}

// LastProblem returns the last problem of a step, or nil.
func (d *Deployment) LastProblem(step string) *Problem {
	for i := range slices.Backward(d.Problems) {
		if d.Problems[i].Step == step {
			return &d.Problems[i]
		}
	}
	return nil
}

// hasProblem notes that a step did not go well: as a problem of its own, unless it has
// one that lasts.
func hasProblem(d *Deployment, s StepState, e StepEnded) {
	p := d.LastProblem(s.ID)
	if p == nil || p.Ended != 0 {
		d.Problems = append(d.Problems, Problem{Number: d.Seq + 1, Step: s.ID, Began: e.At})
		p = &d.Problems[len(d.Problems)-1]
	}
	p.Fails++
	p.Why = e.Why
}

// endProblem notes that the problem of a step is over, if it has one.
func endProblem(d *Deployment, step string) {
	if p := d.LastProblem(step); p != nil && p.Ended == 0 {
		p.Ended = d.Seq + 1
	}
}

// endProblems notes of every problem that nobody can decide about any more that it is
// over.
func endProblems(d *Deployment) {
	for _, p := range d.Problems {
		if s := d.Step(p.Step); !onDuty(*d, *s) || s.Over() {
			endProblem(d, p.Step)
		}
	}
}

// decideProblems notes what was decided about the problems that it is about.
func decideProblems(d *Deployment, e Answered, about func(StepState) bool) {
	for i := range d.Problems {
		if p := &d.Problems[i]; p.Ended == 0 && about(*d.Step(p.Step)) {
			p.Decided, p.By, p.Comment = e.Choice, e.By, e.Comment
		}
	}
}
