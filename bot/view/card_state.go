package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// The signals: what a card shows before the first word is read.
const (
	signalWork  = "🔵 " // nobody has to do anything
	signalWait  = "🟡 " // somebody is waited for
	signalWrong = "🔴 " // it failed, and somebody has to decide
	signalGood  = "🟢 " // complete
	signalEnded = "⚪ " // ended in another way
)

// signal puts the deployment's signal before the words about its state.
func (c card) signal(words string) string {
	if words == "" {
		return ""
	}
	switch c.d.Status {
	case deployer.Complete:
		return signalGood + words
	case deployer.RolledBack, deployer.Stopped, deployer.Refused:
		return signalEnded + words
	case deployer.Deciding:
		return signalWrong + words
	}
	return signalWork + words
}

// state says where the deployment stands, in as few lines as a tired person
// needs.
func (c card) state() string {
	switch c.d.Status {
	case deployer.Resolving:
		return "*Looking up what this means.* Nothing is touched yet."
	case deployer.Halting:
		return mrkdwn.Paragraph("*Stopping.*", c.why(), c.unsettled())
	case deployer.Complete:
		return mrkdwn.Paragraph("*Complete.*", c.took()) + c.proved() + c.waived()
	case deployer.RolledBack:
		return mrkdwn.Paragraph("*Rolled back.*", c.runsAgain(), c.took(), "\n"+c.cause()) + c.proved() + c.waived()
	case deployer.Refused:
		return mrkdwn.Paragraph("*Refused.*", c.why())
	case deployer.Stopped:
		return "*" + c.why() + "*" + c.leftBehind()
	case deployer.Deciding:
		return c.failure() + c.working()
	}
	working := strings.TrimPrefix(c.working(), "\n")
	if !c.d.Back {
		return working
	}
	if working == "" {
		working = c.rollbackIdle()
	}
	return working + "\n" + c.cause()
}

// isBack reports whether a rollback has done what it is for, and was proven as
// far as its procedure does, while people may have still to answer.
func (c card) isBack() bool {
	return !slices.ContainsFunc(c.path(), func(s deployer.StepState) bool {
		return s.Status != deployer.Done && s.Uses != deployer.KindConfirm && s.Uses != deployer.KindAnnounce
	})
}

// rollbackIdle is a rollback in which nothing is under way.
func (c card) rollbackIdle() string {
	if !c.isBack() {
		return "*Rolling back.*"
	}
	return mrkdwn.Paragraph("*Rolled back*, not finished yet.", c.runsAgain())
}

// why is the reason of the end or of the halt, as a sentence.
func (c card) why() string {
	if c.d.Why == "" {
		return "Stopped."
	}
	return mrkdwn.Sentence(mrkdwn.Shorten(c.d.Why, c.text))
}

// runsAgain says what runs after a rollback, for one service, and what was not
// rolled back of several.
func (c card) runsAgain() string {
	if len(c.d.Targets) != 1 {
		stay := slices.DeleteFunc(c.d.Touched(), func(s string) bool { return slices.Contains(c.d.RollbackServices, s) })
		if len(stay) == 0 {
			return ""
		}
		return "Still new: " + mrkdwn.Escape(mrkdwn.Join(stay, "and", 4), c.text) + "."
	}
	return mrkdwn.Code(version(c.d.Targets[0].Before), mrkdwn.NameMax) + " runs again."
}

// failure says what went wrong and who decides.
func (c card) failure() string {
	s := c.d.Broken()
	if s == nil {
		return "*Somebody has to decide.*"
	}
	what := "*" + c.subject(*s) + " failed.*"
	if s.Status == deployer.StepInterrupted {
		what = "*" + c.subject(*s) + " needs a look.*"
	}
	for _, e := range s.Effects {
		if c.paused(e) {
			what += " It is paused."
			break
		}
	}
	lines := []string{what}
	if len(c.d.Targets) < 2 || len(s.Effects) == 0 { // else it stands with the services
		lines = append(lines, mrkdwn.Sentence(mrkdwn.Shorten(s.Why, c.text)))
	}
	if len(c.d.Open()) > 0 {
		lines = append(lines, "The rest is still under way; then it is decided what happens.")
	} else {
		lines = append(lines, "*"+mrkdwn.Join(deciders(c.d, c.Names), "or", 4)+" decides.* Nothing happens until then.")
	}
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
}

// hint is what the procedure says besides: about failures of the broken step,
// or what one should see when the only one that works goes well.
func (c card) hint() []slack.Block {
	words := ""
	if s := c.d.Broken(); s != nil {
		words = mrkdwn.Capital(mrkdwn.Sentence(mrkdwn.Escape(s.Troubleshooting, c.text)))
	} else if active := c.active(false); len(active) == 1 && active[0].Expect != "" {
		words = "Expected: " + mrkdwn.Escape(active[0].Expect, c.text)
	}
	if words == "" {
		return nil
	}
	return []slack.Block{slack.NewContextBlock("", mrkdwn.Text(words))}
}

// subject is a step as the subject of a sentence. What everybody calls a
// rollout is called one, where there is only one.
func (c card) subject(s deployer.StepState) string {
	only := !slices.ContainsFunc(c.d.Steps, func(o deployer.StepState) bool {
		return o.Uses == deployer.KindRollout && o.Back == s.Back && o.ID != s.ID
	})
	switch {
	case s.Uses != deployer.KindRollout || !only:
		return "“" + mrkdwn.Escape(s.Title, mrkdwn.TitleMax) + "”"
	case s.Back:
		return "The rollback"
	}
	return "The rollout"
}

// cause is why a rollback was decided, as a sentence.
func (c card) cause() string {
	for _, s := range c.d.Steps {
		if !s.Back && (s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted) {
			why := c.subject(s) + " failed"
			if s.Status == deployer.StepInterrupted {
				why = c.subject(s) + " was interrupted"
			}
			if s.Why != "" {
				why += ": " + mrkdwn.Shorten(s.Why, c.text)
			}
			return mrkdwn.Sentence(why)
		}
	}
	return ""
}

// unsettled names what is under way while the deployment is being stopped.
func (c card) unsettled() string {
	var open []string
	for _, e := range c.d.Open() {
		open = append(open, mrkdwn.Escape(e.Service, mrkdwn.NameMax))
	}
	if len(open) == 0 {
		return ""
	}
	return "\nFirst it is found out how far " + mrkdwn.Join(open, "and", 4) + " came."
}

// leftBehind says what a stopped deployment leaves behind.
func (c card) leftBehind() string {
	switch {
	case len(c.d.Touched()) == 0:
		return "\nNothing was rolled out."
	case len(c.d.Targets) == 1:
		t := c.d.Targets[0]
		words, _ := c.outcome(t)
		if e := c.rollout(t.Service, false); e != nil && !c.d.Back && !c.abandoned(*e) && c.paused(*e) {
			words = mrkdwn.Sentence(words) + " It is paused."
		}
		return "\nLeft as it is · " + words + c.wayBack()
	}
	return "\nThe services are left as they are." + c.wayBack()
}

// wayBack is what can still be typed when it has ended: of several services,
// for the first one that did not go well.
func (c card) wayBack() string {
	if c.d.Back {
		return ""
	}
	command := c.Command + " rollback " + c.d.FailedServices()[0]
	if !c.Retailers[c.d.Retailer].Environments[c.d.Environment].Default {
		command += " --env " + c.d.Environment
	}
	return "\nTo go back: " + mrkdwn.Code(command, 2*mrkdwn.NameMax)
}

// took compares the time it took with the plan.
func (c card) took() string {
	words := "Took " + mrkdwn.Span(c.d.Took(c.now))
	if plan := c.estimated(); plan > 0 && !c.d.Back {
		words += ", planned " + mrkdwn.Span(plan)
	}
	return words + "."
}

// working has a paragraph for each active step that waits for no person.
func (c card) working() string {
	out := ""
	for i, s := range c.active(false) {
		if i == c.cardBudget.questions {
			return out + "\nand more"
		}
		out += "\n" + c.work(s)
	}
	return out
}

// active are the steps under way that wait for a person, or those that don't.
func (c card) active(person bool) []deployer.StepState {
	var out []deployer.StepState
	for _, s := range c.d.Current() {
		if s.Status == deployer.Active && c.d.AwaitsPerson(s) == person {
			out = append(out, s)
		}
	}
	return out
}

func (c card) work(s deployer.StepState) string {
	head := "*" + mrkdwn.Escape(s.Title, mrkdwn.TitleMax) + "*"
	if s.Verifies() { // else it would read as if it were so
		head = "*Checking: " + mrkdwn.Escape(s.Title, mrkdwn.TitleMax) + "*"
	}
	switch s.Uses {
	case deployer.KindRollout:
		head = "*" + c.rolling(s) + "*"
	case deployer.KindWait:
		if s.Until == deployer.UntilPlanned {
			return "*Starts by itself* · " + c.moment(c.d.Retailer, c.d.Planned)
		}
		return head + " · until " + strings.TrimPrefix(c.timely(c.d.WaitUntil(s)), "at ")
	case deployer.KindAnnounce:
		var to []string
		for _, name := range s.To {
			to = append(to, mrkdwn.Escape(name, mrkdwn.NameMax))
		}
		return head + " · being posted to " + mrkdwn.Join(to, "and", 6)
	}
	if far := c.stepProgress(s); far != "" {
		head += " · " + far
	}
	return head + "\n" + mrkdwn.Ago("Began", s.Began) + c.usually(s)
}

// rolling is a rollout that is under way.
func (c card) rolling(s deployer.StepState) string {
	switch c.subject(s) {
	case "The rollout":
		return "Rolling out"
	case "The rollback":
		return "Rolling back"
	}
	return mrkdwn.Escape(s.Title, mrkdwn.TitleMax)
}

// stepProgress is how far the effects of a step have come.
func (c card) stepProgress(s deployer.StepState) string {
	if len(c.d.Targets) > 1 {
		done := 0
		for _, e := range s.Effects {
			if e.Outcome.Result == deployer.OK {
				done++
			}
		}
		return fmt.Sprintf("%d of %d services done", done, c.affected(s))
	}
	for _, e := range s.Effects {
		if e.Open() && s.Uses == deployer.KindRollout {
			return bar(c.progress[e.Key]) + c.progressWords(e, "")
		}
		if e.Open() {
			return c.progressWords(e, "")
		}
	}
	return ""
}

// affected counts the services that a step is about.
func (c card) affected(s deployer.StepState) int {
	n := 0
	for _, t := range c.d.Targets {
		switch {
		case s.Uses == deployer.KindRollout && s.Back && !slices.Contains(c.d.RollbackServices, t.Service):
		case s.Uses == deployer.KindRollout && !s.Back && t.Live:
		default:
			n++
		}
	}
	return max(n, len(s.Effects))
}

// usually compares a step with its estimate and, once that is over, says when
// it times out.
func (c card) usually(s deployer.StepState) string {
	if s.Estimate > 0 && !c.now.After(s.Began.Add(s.Estimate)) {
		return ", usually " + mrkdwn.Span(s.Estimate)
	}
	words := ""
	if s.Estimate > 0 {
		words = ", longer than the usual " + mrkdwn.Span(s.Estimate)
	}
	if s.Timeout > 0 && !s.Expired {
		words += ", times out " + c.timely(s.Began.Add(s.Timeout))
	}
	return words
}
