package trial

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// watch holds an event against what the core promises, with the deployment as it was before.
// The first promise that was not kept is kept in mind: it is said at the end.
func (w *world) watch(e deployer.Event) {
	if w.broken != nil {
		return
	}
	switch e := e.(type) {
	case deployer.EffectIntended:
		w.broken = w.agreedOn(e)
	case deployer.Answered:
		w.broken = w.reasonFor(e)
	case deployer.Ended:
		w.broken = w.mayEnd(e)
	}
}

// agreedOn: nothing changes what runs before all that stands above it in its part was
// approved, by as many as the step wants, and about exactly that.
func (w *world) agreedOn(e deployer.EffectIntended) error {
	key := deployer.ParseEffectKey(e.Key)
	at := slices.IndexFunc(w.d.Steps, func(s deployer.StepState) bool { return s.ID == key.Step })
	if at < 0 || key.Verb != "" || !w.d.Steps[at].Mutates() {
		return nil
	}
	for _, s := range w.d.Steps[:at] {
		switch {
		case s.Part != w.d.Steps[at].Part || !s.Approves():
		case !s.Status.Over():
			return fmt.Errorf("%s begins to change what runs, and %s was not given", key.Step, s.ID)
		case s.Status == deployer.Done && len(deployer.MissingApprovals(w.d, s)) > 0:
			return fmt.Errorf("%s begins to change what runs, and %s lacks %v", key.Step, s.ID, deployer.MissingApprovals(w.d, s))
		}
	}
	return nil
}

// reasonFor: nothing is skipped without a reason, and never what deploys or is approved.
func (w *world) reasonFor(e deployer.Answered) error {
	if e.Choice != deployer.ChoiceSkip {
		return nil
	}
	switch s := w.d.Step(e.Step); {
	case e.Comment == "":
		return fmt.Errorf("%s was skipped without a reason", e.Step)
	case s == nil || s.Deploys() || s.Approves():
		return fmt.Errorf("%q was skipped, which never may be", e.Step)
	}
	return nil
}

// mayEnd: nothing ends while a decision is open, or before it was gone through.
func (w *world) mayEnd(e deployer.Ended) error {
	if e.Status != deployer.Complete && e.Status != deployer.RolledBack {
		if e.Status == deployer.Stopped && !w.stopped() {
			return errors.New("it was stopped, and nobody has said so")
		}
		return nil
	}
	for _, s := range w.d.Steps {
		gone := s.Part == deployer.PartMain && e.Status == deployer.Complete || s.Part == deployer.PartRollback && e.Status == deployer.RolledBack
		if gone && !s.Background && !s.Over() {
			return fmt.Errorf("it is %s, and %s is %s", e.Status, s.ID, s.Status)
		}
	}
	return nil
}

// stopped reports whether somebody, or a step that stops by failing, has stopped it.
func (w *world) stopped() bool {
	return slices.ContainsFunc(w.events, func(e deployer.Event) bool {
		a, ok := e.(deployer.Answered)
		return ok && (a.Choice == deployer.ChoiceStop || a.Choice == deployer.ChoiceReject)
	})
}
