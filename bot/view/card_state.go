package view

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// state says where the deployment stands, in as few lines as a tired person
// needs.
func (c card) state() string {
	ended := cardEnded{c}
	switch c.d.Status {
	case deployer.Resolving:
		return "*Looking up what this means.* Nothing is touched yet."
	case deployer.Halting:
		return mrkdwn.Paragraph("*Stopping.*", c.why(), c.unsettled())
	case deployer.Complete:
		return mrkdwn.Paragraph("*Complete.*", ended.took()) + ended.proved() + ended.skippedSteps()
	case deployer.RolledBack:
		return mrkdwn.Paragraph("*Rolled back.*", ended.runsAgain(), ended.took(), "\n"+c.cause()) + ended.proved() + ended.skippedSteps()
	case deployer.Refused:
		return mrkdwn.Paragraph("*Refused.*", c.why())
	case deployer.Stopped:
		return "*" + c.why() + "*" + ended.leftBehind()
	case deployer.Deciding:
		return c.failure() + cardWork{c}.working()
	}
	working := strings.TrimPrefix(cardWork{c}.working(), "\n")
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
		return s.Status != deployer.Done && !s.Confirms() && !s.Announces()
	})
}

// rollbackIdle is a rollback in which nothing is under way.
func (c card) rollbackIdle() string {
	if !c.isBack() {
		return "*Rolling back.*"
	}
	return mrkdwn.Paragraph("*Rolled back*, not finished yet.", cardEnded{c}.runsAgain())
}

// why is the reason of the end or of the halt, as a sentence.
func (c card) why() string {
	if c.d.Why == "" {
		return "Stopped."
	}
	return mrkdwn.Sentence(mrkdwn.Shorten(c.d.Why, c.text))
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
		return o.Deploys() && o.Back == s.Back && o.ID != s.ID
	})
	switch {
	case !s.Deploys() || !only:
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
