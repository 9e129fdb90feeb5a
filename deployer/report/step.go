package report

import (
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// steps describes what becomes of steps. It reports whether the event is that.
func (d *describer) steps(event deployer.Event) bool {
	switch e := event.(type) {
	case deployer.StepBegan:
		d.is("step-began", e.At, d.of(e.Step)+" began"+number(e.Attempt))
		if d.Attempt = e.Attempt; e.Look {
			d.What += ", only to look at what was begun before"
		}
		d.seen(e.Seen)
	case deployer.ConditionSeen:
		d.condition(e)
	case deployer.StepHeld:
		d.is("step-held", e.At, d.of(e.Step)+" is held")
		d.Item, d.Why = e.Held.Item, e.Held.Why
		d.saw("until", moment(e.Held.Until))
		if e.Held.Why == "" {
			d.What = d.of(e.Step) + " is not held any more"
		}
	case deployer.StepEnded:
		d.is("step-ended", e.At, d.of(e.Step)+" "+ended[e.Status])
		d.Result, d.Why = string(e.Status), e.Why
		d.saw("failure", e.Kind)
		if d.saw("retry", moment(e.Retry)); !e.Retry.IsZero() {
			d.What += ", and begins again by itself"
		}
	case deployer.StepExpired:
		d.is("step-expired", e.At, "The time of "+d.of(e.Step)+" has run out")
	case deployer.ApprovalVoided:
		d.is("approval-voided", e.At, "The approvals of "+d.of(e.Step)+" are void")
		d.Why = e.Why
	case deployer.ApprovalLapsed:
		d.is("approval-lapsed", e.At, "The approval of "+d.of(e.Step)+" is asked again")
		d.Why = e.Why
		d.saw("people", strings.Join(names(e.People), ", "))
	case deployer.ApprovalCarried:
		d.by(e.Approval.By)
		d.is("approval-carried", e.At, person(e.Approval.By)+" approved, for "+d.of(e.Step)+", in "+e.Approval.From)
		d.Subject = e.Approval.Subject
		d.saw("from", e.Approval.From)
		d.saw("given", moment(e.Approval.At))
	case deployer.Reminded:
		d.is("reminded", e.At, "Whoever is awaited for "+d.of(e.Step)+" was called again")
		d.Attempt = e.Attempt
	default:
		return false
	}
	return true
}

var ended = map[deployer.StepStatus]string{
	deployer.Done: "is done", deployer.StepNotNeeded: "is not needed", deployer.StepFailed: "failed", deployer.StepInterrupted: "was interrupted",
}

func (d *describer) condition(e deployer.ConditionSeen) {
	about := ""
	if e.Phase == "" {
		about = d.of(e.Step)
	} else {
		about = "the phase " + quoted(phaseTitle(d.d, e.Phase), e.Phase)
		d.saw("phase", e.Phase)
	}
	is := string(e.Is)
	if e.Is == deployer.Unasked {
		is = "it can't be told"
	}
	d.is("condition-seen", e.At, "Whether "+about+" is needed: "+is)
	d.Result, d.Why = string(e.Is), e.Why
	for name, value := range e.Saw {
		d.saw(name, value)
	}
}

func phaseTitle(d *deployer.Deployment, id string) string {
	for _, p := range d.Procedure.Phases {
		if p.ID == id {
			return p.Title
		}
	}
	return ""
}

// seen keeps what conditions and texts of a step came to when it began.
func (d *describer) seen(s deployer.Seen) {
	d.saw("for", strings.Join(s.Members, ", "))
	d.saw("deadline", moment(s.Deadline))
	for item, values := range s.With {
		d.values("with.", item, values)
	}
	for name, text := range s.Texts {
		d.saw("text."+name, text)
	}
	for name, text := range s.Words {
		d.saw("words."+name, text)
	}
	for item, words := range s.Each {
		for name, text := range words {
			d.saw("words."+name+" of "+item, text)
		}
	}
}

// values keeps parameters or outputs, by their names and what they are of.
func (d *describer) values(prefix, item string, values deployer.Values) {
	of := ""
	if item != "" {
		of = " of " + item
	}
	for name, v := range values {
		d.saw(prefix+name+of, text(v))
	}
}
