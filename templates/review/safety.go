package review

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/idle"
)

// approved: somebody besides the requester agrees before something is changed.
func (r *reviewer) approved() {
	if r.p.Unapproved != "" {
		return
	}
	for _, s := range r.p.Steps {
		switch {
		case s.Approves(), s.Work() == deployer.WorkPeople && s.Role() != "" && s.Role() != "requester":
			return
		case s.Mutates() && !child(s):
			r.at(s, "changes something, and nobody but the requester has agreed")
			return
		}
	}
}

// conditionalApprovals: the condition of a phase counts as that of its steps, unless all
// that changes something stands in that phase. An else is the reason why nobody has to agree.
func (r *reviewer) conditionalApprovals() {
	before, deed := r.before()
	if deed == nil {
		return
	}
	for _, s := range before {
		if !s.Approves() {
			continue
		}
		if s.When != "" && s.Else == "" {
			r.at(s, "is asked only if %s", s.When)
		}
		elsewhere := func(d deployer.Step) bool { return d.Phase != s.Phase }
		if ph := r.p.PhaseOf(s); ph.When != "" && ph.Else == "" && slices.ContainsFunc(deeds(r.p.Steps), elsewhere) {
			r.at(s, "is asked only if its phase is needed: %s", ph.When)
		}
	}
}

// proofs: what changes something is seen to be well, in its part.
func (r *reviewer) proofs() {
	for _, steps := range [][]deployer.Step{r.p.Steps, r.p.Rollback} {
		proven := false
		for i := len(steps) - 1; i >= 0; i-- {
			s := steps[i]
			switch {
			case s.Proves(), confirmed(s):
				proven = true
			case s.Mutates() && !child(s) && !proven:
				r.at(s, "changes something, and nothing after it proves that it is well")
			}
		}
	}
}

func deploys(steps []deployer.Step) (out []deployer.Step) {
	for _, s := range steps {
		if s.Deploys() {
			out = append(out, s)
		}
	}
	return out
}

// rollback: what is rolled out has a way back, which is proven, approved and told.
func (r *reviewer) rollback() {
	there := deploys(r.p.Steps)
	if len(there) == 0 {
		return
	}
	back := deploys(r.p.Rollback)
	if len(back) == 0 {
		r.at(there[0], "rolls out, and no rollback rolls back")
		return
	}
	proven, approved, told := false, r.p.Failure.Decide != "", false
	for _, s := range r.p.Rollback {
		proven = proven || s.Proves() || confirmed(s)
		approved = approved || s.Approves()
		told = told || s.Announces()
	}
	if !proven {
		r.at(back[0], "rolls back, and nothing proves that it is well then")
	}
	if !approved {
		r.at(back[0], "rolls back, and it is nobody's to approve or decide it")
	}
	if !told {
		r.at(back[0], "rolls back, and nobody is told")
	}
}

// slowRollback compares what is changed there with what is changed back.
func (r *reviewer) slowRollback() {
	sum := func(steps []deployer.Step) (all time.Duration) {
		for _, s := range deploys(steps) {
			all += s.Estimate
		}
		return all
	}
	there, back := sum(r.p.Steps), sum(r.p.Rollback)
	if there > 0 && back > there {
		r.at(deploys(r.p.Rollback)[0], "takes about %s, and the rollout %s", deployer.Span(back), deployer.Span(there))
	}
}

// told: people learn that it begins, ends and fails.
func (r *reviewer) told() {
	before, deed := r.before()
	if deed == nil {
		return
	}
	if !announced(before) {
		r.at(*deed, "changes something, and nobody is told that it begins")
	}
	if behind := r.behind(); !announced(behind) {
		r.say(r.file.ID, "nobody is told that it ends")
	}
	if f := r.p.Failure; len(f.To)+len(f.People) == 0 {
		r.say(r.file.Failure.At.Text, "nobody is told when a step fails; failure has to")
	}
}

func announced(steps []deployer.Step) bool {
	for _, s := range steps {
		if s.Announces() || s.Uses == "mail.send" {
			return true
		}
	}
	return false
}

// decision: after a failure somebody decides, or something is done.
func (r *reviewer) decision() {
	f := r.p.Failure
	if len(deeds(r.p.Steps)) == 0 {
		return
	}
	if f.Decide == "" && len(f.Roles) == 0 {
		r.say(r.file.Failure.At.Text, "failure does not say who decides; add decide")
	}
	if idle.Escalates() && idle.Defaults() && f.Timeout == 0 && f.Escalate == (deployer.Escalate{}) {
		r.say(r.file.Failure.At.Text, "after a failure nothing happens if nobody decides; add timeout with default, or escalate")
	}
}

// called: whoever is awaited is called again.
func (r *reviewer) called() {
	for _, s := range r.all() {
		awaited := s.Work() == deployer.WorkPeople || s.Announces() && (s.With["review"].Text != "" || s.ForClients())
		if awaited && len(s.Remind) == 0 && s.Escalate == (deployer.Escalate{}) {
			keys := "remind"
			if idle.Escalates() {
				keys = "remind or escalate"
			}
			r.at(s, "waits for people, and nobody calls them again; add %s, or defaults at the top", keys)
		}
	}
}

// times: how long it takes, and how long it may.
func (r *reviewer) times() {
	for _, s := range r.all() {
		list := confirmed(s) && len(s.Items()) > 0 && s.In == 0
		if s.Mutates() && r.steps[s.ID].Timeout.Value == "" && s.Deadline == "" {
			r.at(s, "has no timeout")
		}
		if (s.Mutates() || list) && s.Estimate == 0 {
			r.at(s, "has no estimate")
		}
	}
}

// maintenance: one that was scheduled is completed, however it ends.
func (r *reviewer) maintenance() {
	for i, s := range r.p.Steps {
		if s.Uses != "statuspage.schedule" {
			continue
		}
		if !closes(r.p.Steps[i:]) && !closes(r.p.After) {
			r.at(s, "is left open at the end; add statuspage.complete")
		}
		if len(r.p.Rollback) > 0 && !closes(r.p.Rollback) && !closes(r.p.After) {
			r.at(s, "is left open by the rollback; add statuspage.complete there")
		}
		if !closes(r.p.After) {
			r.at(s, "is left open by a stop; add statuspage.complete under after")
		}
		return
	}
}

func closes(steps []deployer.Step) bool {
	for _, s := range steps {
		if s.Uses == "statuspage.complete" {
			return true
		}
	}
	return false
}
