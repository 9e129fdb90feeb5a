package view

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// state says where the deployment stands, in as few lines as a tired person
// needs.
func (c card) state() string {
	return strings.Join(compact(takenOver(c), c.stands()), "\n") + cardEnded{c}.owed()
}

// takenOver says that nothing is done by itself, and since when.
func takenOver(c card) string {
	if !deployer.TakenOver(c.d) || c.d.Status.Ended() {
		return ""
	}
	return "*" + name(c.Names, c.d.Taken.By) + " has taken over* " + c.timely(c.d.Taken.At) + ". Nothing is done by the bot; it only watches."
}

func (c card) stands() string {
	ended := cardEnded{c}
	switch c.d.Status {
	case deployer.Resolving:
		return "*Looking up what this means.* Nothing is touched yet."
	case deployer.Halting:
		if len(c.d.Options()) > 0 {
			return cardFailure{c}.untold()
		}
		return mrkdwn.Paragraph("*Stopping.*", c.why(), cardFailure{c}.unsettled())
	case deployer.Complete:
		head, missing := ended.shortOf("Complete")
		return mrkdwn.Paragraph(head, ended.took()) + missing + ended.rehearsed() + ended.remarked() + ended.proved() + ended.skippedSteps() + ended.due()
	case deployer.RolledBack:
		head, missing := ended.shortOf("Rolled back")
		return mrkdwn.Paragraph(head, ended.runsAgain(), ended.took(), "\n"+c.cause()) + missing + ended.rehearsed() + ended.remarked() + ended.proved() + ended.skippedSteps() + ended.due()
	case deployer.Refused:
		return mrkdwn.Paragraph("*Refused.*", c.why())
	case deployer.Stopped:
		return "*" + c.why() + "*" + ended.leftBehind() + ended.due()
	case deployer.Deciding:
		failure := cardFailure{c}
		return failure.words() + failure.atOnce() + cardWork{c}.working() + c.freed()
	}
	working := strings.TrimPrefix(cardWork{c}.working(), "\n")
	if working == "" && readout.LooksAgain(c.d, c.now) {
		working = "*Looking once more whether all is still so.*"
	}
	if c.d.Part != deployer.PartRollback {
		return strings.TrimPrefix(working+c.freed(), "\n")
	}
	if working == "" {
		working = c.rollbackIdle()
	}
	return working + "\n" + c.cause() + c.freed()
}

// freed says that only paperwork is left, which keeps nobody away.
func (c card) freed() string {
	switch {
	case !c.d.Freed || c.d.Status.Ended():
		return ""
	case len(c.d.Releases) > 1:
		return "\nThe places are free: another deployment may begin."
	}
	return "\nThe place is free: another deployment may begin."
}

// rollbackIdle is a rollback in which nothing is under way.
func (c card) rollbackIdle() string {
	if !deployer.LeftBy(c.d).Back {
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

// subject is a step as the subject of a sentence. What everybody calls a
// rollout is called one, where there is only one.
func (c card) subject(s deployer.StepState) string {
	only := !slices.ContainsFunc(c.d.Steps, func(o deployer.StepState) bool {
		return o.Deploys() && o.Part == s.Part && o.ID != s.ID
	})
	switch {
	case !s.Deploys() || !only:
		return "“" + StepTitle(s) + "”"
	case s.Part == deployer.PartRollback:
		return "The rollback"
	}
	return "The rollout"
}

// cause is why a rollback was decided, as a sentence.
func (c card) cause() string {
	for _, s := range c.d.Steps {
		if s.Part != deployer.PartRollback && (s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted) {
			why := c.subject(s) + " " + broken(s)
			switch {
			case s.Status == deployer.StepInterrupted && deployer.Disproved(s):
				why = c.subject(s) + " may not hold any more"
			case s.Status == deployer.StepInterrupted:
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
