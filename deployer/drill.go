package deployer

import "slices"

// A Drill says that a deployment rehearses its procedure: people are asked, and nothing is
// touched. The zero Drill: it does not.
type Drill struct {
	On   bool
	Fail []string // ids of steps that fail until a person has them tried again
}

// MarkDrill puts before words about a deployment that they are about a drill, where it is
// one. It is the one place that does, whoever reads them.
func MarkDrill(drill bool, words string) string {
	if !drill {
		return words
	}
	return drillMark + words
}

const drillMark = "DRILL · "

// DrillRunner is the name of the runner that stands for every system in a drill.
const DrillRunner = "drill"

// DrillFails is why a step fails that is to fail in a drill.
const DrillFails = "It fails here, as the drill was asked to."

// DrillNotSent is what becomes of words for clients in a drill.
const DrillNotSent = "Not sent: a drill."

// Fails reports whether a step is to fail in the attempt that it is in.
func (r Drill) Fails(s StepState) bool {
	return slices.Contains(r.Fail, s.ID) && s.Attempt <= 1+s.Tries
}

// simulates is a wanted effect of a step as a drill has it: that of no system. What another
// procedure does is a drill of that, and whether a channel has a message already is looked
// at, since it is posted.
func (r Drill) simulates(s StepState, w Wanted) Wanted {
	if r.On && w.Verb != VerbUnless && s.kind().Name != KindRun {
		w.Runner, w.Repeat = DrillRunner, RepeatReads
	}
	return w
}

// fact is whether what a step says is so: in a drill it is, since nothing was found out that
// it could rest on.
func (r Drill) fact(s StepState) (StepStatus, string, bool) {
	if r.Fails(s) {
		return StepFailed, DrillFails, true
	}
	return Done, "", true
}

// rehearsed are targets as a drill takes them: what runs already is rolled out all the
// same, and what it found there is what it goes back to where no other version is known.
func rehearsed(targets []Target) []Target {
	out := slices.Clone(targets)
	for i := range out {
		t := &out[i]
		t.Live = false
		if t.Good.How == EvidenceNone {
			t.Good = Good{How: EvidenceSeen, State: t.Before}
		}
	}
	return out
}
