package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardEnded is how a deployment has ended, or what a stop leaves: what was proven,
// waived, left behind, and how long it took.
type cardEnded struct{ card }

// proofMax is how many findings stand on one line.
const proofMax = 3

// proof is what was found out about a service that went well, such as that its
// pods stayed healthy for a while, newest last.
func (c cardEnded) proof(service string) []string {
	var out []string
	for _, s := range c.path() {
		for _, e := range s.Effects {
			if e.Item == service && e.IsMain() && e.Stage == deployer.Settled && e.Outcome.Result == deployer.OK && e.Outcome.Why != "" {
				out = append(out, mrkdwn.TrimStop(mrkdwn.Escape(e.Outcome.Why, c.text)))
			}
		}
	}
	if extra := len(out) - proofMax; extra > 0 {
		out = out[extra:]
	}
	return out
}

// proved is the proof of the only service, on a line of its own; several have
// theirs with their names.
func (c cardEnded) proved() string {
	if len(c.d.Targets) != 1 || c.d.Drill.On {
		return ""
	}
	if line := mrkdwn.JoinWithin(c.proof(c.d.Targets[0].Service), 3*c.text); line != "" {
		return "\n" + mrkdwn.Capital(line)
	}
	return ""
}

// remarked is what people should know though it went well.
func (c cardEnded) remarked() string {
	if lines := c.remarks(); len(lines) > 0 {
		return "\n" + strings.Join(lines, "\n")
	}
	return ""
}

// skippedSteps are the steps that somebody did without, with who and why, and those
// that failed and were only noted: whoever reads "complete" must see what it does not
// stand for.
func (c cardEnded) skippedSteps() string {
	out, waived, failed := "", 0, 0
	for _, s := range c.d.Steps {
		line := ""
		switch {
		case s.Skipped.By.ID != "":
			waived++
			line = "Waived: “" + StepTitle(s) + "” (" + name(c.Names, s.Skipped.By) + ": " + mrkdwn.Escape(s.Skipped.Reason, c.text) + ")"
		case s.Noted():
			failed++
			line = cardStep(c).wentOn(s)
		default:
			continue
		}
		if waived+failed <= c.skips {
			out += "\n⚠ " + line
		}
	}
	if extra := waived + failed - c.skips; extra > 0 {
		word := "waived"
		if failed > 0 {
			word = "waived or failed"
		}
		out += fmt.Sprintf("\n⚠ and %s more "+word, deployer.Count(extra, "step"))
	}
	return out
}

// runsAgain says what runs after a rollback, for one service, and what was not
// rolled back of several.
func (c cardEnded) runsAgain() string {
	if c.d.Drill.On {
		return ""
	}
	if len(c.d.Targets) != 1 {
		stay := StaysNew(c.d)
		if len(stay) == 0 {
			return ""
		}
		return "Still new: " + mrkdwn.Escape(mrkdwn.Join(stay, "and", 4), c.text) + "."
	}
	return cardBack(c).backTo(c.d.Targets[0]) + " runs again."
}

// StaysNew are the services that a rollback leaves as they were rolled out.
func StaysNew(d deployer.Deployment) []string {
	return slices.DeleteFunc(d.Touched(), func(s string) bool { return slices.Contains(d.RollbackServices, s) })
}

// leftBehind says what a stopped deployment leaves behind.
func (c cardEnded) leftBehind() string {
	switch {
	case c.d.Drill.On:
		return c.rehearsed()
	case len(c.d.Touched()) == 0:
		return "\nNothing was rolled out."
	case len(c.d.Targets) == 1:
		t := c.d.Targets[0]
		words, _ := serviceLines(c).outcome(t)
		if e := c.rollout(t.Service, deployer.PartMain); e != nil && c.d.Part != deployer.PartRollback && !c.abandoned(*e) && c.paused(*e) {
			words = mrkdwn.Sentence(words) + " It is paused."
		}
		return "\nLeft as it is · " + words + serviceLines(c).spreadOf(t) + c.changed() + c.rollbackCommand()
	}
	return "\nThe services are left as they are." + c.changed() + c.rollbackCommand()
}

// changed is what somebody has changed since of what is left as it is.
func (c cardEnded) changed() string {
	if lost := cardBack(c).lost("Changed since"); lost != "" && c.d.Part != deployer.PartRollback {
		return "\n" + lost
	}
	return ""
}

// rollbackCommand is what can still be typed when it has ended: of several services,
// for the first one that did not go well.
func (c cardEnded) rollbackCommand() string {
	if c.d.Part == deployer.PartRollback {
		return ""
	}
	service := c.d.FailedServices()[0]
	t, back := *c.d.Target(service), cardBack(c)
	if _, ok := deployer.BackTo(c.d, t); !ok {
		return "\n" + cardBack(c).noWayBack([]string{service})
	}
	return "\nTo go back to " + back.backTo(t) + ": " + back.command("rollback", service) + " · others: " + back.command("history", service)
}

// shortOf is the title of a deployment that went through all of its steps, and
// what that does not stand for.
func (c cardEnded) shortOf(title string) (head, missing string) {
	switch short, services := deployer.ShortOf(c.d); {
	case short == deployer.ShortOfProof && deployer.Waived(c.d) != "":
		return "*" + title + ", not proven.*", "" // who waived the proof, a line below says
	case short == deployer.ShortOfProof && deployer.SeenByHand(c.d) != nil:
		s := deployer.SeenByHand(c.d)
		return "*" + title + ", not proven by a machine.*", "\n" + name(c.Names, s.By) + " has done “" + StepTitle(*s) + "” by hand."
	case short == deployer.ShortOfProof && len(c.d.Targets) == 1:
		return "*" + title + ", not proven.*", "\nNo step has looked whether it runs well."
	case short == deployer.ShortOfProof:
		return "*" + title + ", not proven.*", "\nNo step has looked whether " + cardBack(c).names(services) + " runs well."
	case short == deployer.ShortOfRollout && c.d.Part == deployer.PartRollback:
		return "*The rollback is over. Nothing was put back.*", ""
	case short == deployer.ShortOfRollout:
		return "*Done. Nothing was rolled out.*", "\n" + strings.Join(c.runsStill(), ", ") + "."
	}
	return "*" + title + ".*", ""
}

// runsStill says of each service what it runs, where nothing was rolled out.
func (c cardEnded) runsStill() []string {
	var out []string
	for _, t := range c.d.Targets {
		of := mrkdwn.Escape(t.Service, mrkdwn.NameMax)
		if deployer.IsLive(c.d, t) {
			already := " already"
			if by := deployer.ArrivedBy(c.d, t.Service); by.ID != "" {
				already += " (" + name(c.Names, by) + " had taken over)"
			}
			out = append(out, of+" has "+mrkdwn.Code(Version(t.After), mrkdwn.NameMax)+already)
		} else {
			out = append(out, of+" ran "+mrkdwn.Code(Version(t.Before), mrkdwn.NameMax)+" when this began")
		}
	}
	if extra := len(out) - c.cardBudget.services; extra > 0 {
		out = append(out[:c.cardBudget.services], fmt.Sprintf("and %d more", extra))
	}
	return out
}

// took compares the time it took with the plan.
func (c cardEnded) took() string {
	if c.d.Part == deployer.PartRollback {
		return c.wentBack()
	}
	words := "Took " + mrkdwn.Span(c.d.Took(c.now))
	if plan := c.estimated(deployer.PartMain); plan > 0 {
		words += ", planned " + mrkdwn.Span(plan)
	}
	return words + "."
}

// rehearsed is what a drill has shown: how long each phase took, and whether going back is
// the faster way, as it should be.
func (c cardEnded) rehearsed() string {
	if !c.d.Drill.On {
		return ""
	}
	lines := []string{"Nothing was touched."}
	if phases := c.some(c.phasesTook()); len(phases) > 0 {
		lines = append(lines, strings.Join(phases, " · "))
	}
	deploys := map[string]bool{} // phases
	for _, s := range c.d.Steps {
		deploys[s.Phase] = deploys[s.Phase] || s.Part == deployer.PartMain && s.Deploys()
	}
	began, end := c.lasted(func(s deployer.StepState) bool {
		return s.Part == deployer.PartMain && deploys[s.Phase] && !s.Background
	})
	returns, returned := c.lasted(func(s deployer.StepState) bool { return s.Part == deployer.PartRollback })
	if forward, back := end.Sub(began), returned.Sub(returns); end.After(began) && back > forward {
		lines = append(lines, "⚠ Going back took longer than going forward: "+mrkdwn.Span(back)+" against "+mrkdwn.Span(forward)+".")
	}
	return "\n" + strings.Join(lines, "\n")
}

// phasesTook says of each phase how long it took, against its estimate.
func (c cardEnded) phasesTook() []string {
	var out []string
	for _, p := range c.d.Procedure.Phases {
		of := func(s deployer.StepState) bool {
			return s.Part == deployer.PartMain && s.Phase == p.ID && !s.Background && s.Status != deployer.StepNotNeeded
		}
		began, end := c.lasted(of)
		if end.Before(began) || began.IsZero() {
			continue
		}
		words := mrkdwn.Escape(cmp.Or(p.Title, p.ID), mrkdwn.TitleMax) + " " + mrkdwn.Span(end.Sub(began))
		d := deployer.Deployment{Steps: slices.DeleteFunc(slices.Clone(c.d.Steps), func(s deployer.StepState) bool { return !of(s) })}
		if plan := (card{d: d}).estimated(deployer.PartMain); plan > 0 {
			words += ", planned " + mrkdwn.Span(plan)
		}
		out = append(out, words)
	}
	return out
}

// wentBack says how long the way back took, and the plan, and the rollout before it: people
// decide the sooner, the better they know the way.
func (c cardEnded) wentBack() string {
	words := "Took " + mrkdwn.Span(c.d.Took(c.now)) + "."
	began, _ := c.lasted(func(s deployer.StepState) bool { return s.Part == deployer.PartRollback })
	if began.IsZero() {
		return words
	}
	words += " Back after " + mrkdwn.Span(c.d.Ended.Sub(began))
	if plan := c.estimated(deployer.PartRollback); plan > 0 {
		words += ", planned " + mrkdwn.Span(plan)
	}
	if began, end := c.lasted(func(s deployer.StepState) bool { return s.Part == deployer.PartMain && s.Deploys() }); end.After(began) {
		words += "; the rollout took " + mrkdwn.Span(end.Sub(began))
	}
	return words + "."
}

// lasted is when the first of some steps began, and the last was over.
func (c cardEnded) lasted(of func(deployer.StepState) bool) (began, end time.Time) {
	for _, s := range c.d.Steps {
		if !of(s) || s.Began.IsZero() {
			continue
		}
		if began.IsZero() || s.Began.Before(began) {
			began = s.Began
		}
		if s.Finished.After(end) {
			end = s.Finished
		}
	}
	return began, end
}

// owed are the reviews that are owed once it has ended.
func (c cardEnded) owed() string {
	if !c.d.Status.Ended() {
		return ""
	}
	var lines []string
	for _, g := range deployer.ReviewsOwed(c.d) {
		of := ""
		if s := c.d.Step(g.Step); s != nil {
			of = ", at “" + StepTitle(*s) + "”"
		}
		lines = append(lines, "⚠ *Review owed:* glass broken by "+name(c.Names, g.By)+of+": "+mrkdwn.Sentence(mrkdwn.Shorten(g.Reason, c.text)))
	}
	if lines = c.some(lines); len(lines) == 0 {
		return ""
	}
	return "\n" + strings.Join(lines, "\n")
}

// due is what goes on after the end, or is due then: what nothing has waited for, and
// what begins with the end.
func (c cardEnded) due() string {
	var lines []string
	for _, s := range c.d.Steps {
		if !outlives(s) || s.Over() || s.Status == deployer.Pending && s.Part != deployer.PartAfter || !c.d.Needed(s) {
			continue
		}
		if words := c.stillDue(s); words != "" {
			lines = append(lines, words)
		}
	}
	if lines = c.some(lines); len(lines) == 0 {
		return ""
	}
	return "\n*Still due:*\n" + strings.Join(lines, "\n")
}

// outlives reports whether a step goes on when the deployment has ended.
func outlives(s deployer.StepState) bool { return s.Part == deployer.PartAfter || s.Background }

// stillDue says of one of them when it is due, or what is wrong with it.
func (c cardEnded) stillDue(s deployer.StepState) string {
	words, at := "• "+c.titleOf(s), c.dueAt(s)
	switch {
	case s.Status == deployer.StepFailed, s.Status == deployer.StepInterrupted, s.Status == deployer.Active && c.d.AwaitsPerson(s):
		return "" // it is asked below
	case s.Every > 0:
		return words + " · every " + mrkdwn.Span(s.Every) + " until " + strings.TrimPrefix(c.timely(c.d.Ended.Add(s.Lasts)), "at ")
	case at.IsZero():
		return words
	case s.Status == deployer.Pending:
		return words + " · " + c.timely(at)
	}
	return words + " · by " + strings.TrimPrefix(c.timely(at), "at ")
}

// dueAt is when a step begins that begins after the end, or by when one that has begun
// is to be done; zero: nobody says.
func (c cardEnded) dueAt(s deployer.StepState) time.Time {
	if s.Status == deployer.Pending {
		return deployer.DueAt(c.d, s)
	}
	return deadline(s)
}
