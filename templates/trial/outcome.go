package trial

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// An Outcome is what happens at a step, or at one try of it.
type Outcome struct {
	Fails   string            // the name of a failure; "": it succeeds
	Always  bool              // in every further try too
	Choice  string            // of a decision, or what is decided after a failure
	Outputs map[string]string // what it leaves behind, or what is filled in
	After   time.Duration     // how long it takes; 0: a machine's estimate, a person's minute
	Nobody  time.Duration     // nobody answers for so long
}

// A Director says what happens. The answers are the same whenever it is asked.
type Director interface {
	// Machine is how the try of a step by a system ends.
	Machine(s deployer.StepState, item string) Outcome
	// Answer is what somebody does who is asked at a step. It is not theirs to answer
	// where ok is false.
	Answer(s deployer.StepState, item, person string) (o Outcome, ok bool)
	// Decides is what is decided after the nth failure; "" at the end of what is said:
	// it is tried again.
	Decides(n int) Outcome
}
