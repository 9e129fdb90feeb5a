package deployer

import (
	"slices"
	"strings"
)

func (c *decider) stop(a Answer, by Person, roles []string) error {
	if err := c.checkDecider(by, roles); err != nil {
		return err
	}
	switch {
	case !slices.Contains(c.d.Options(), ChoiceStop):
		return Refuse("", "%s is being stopped already.", c.d.ID)
	case a.Subject != "" && a.Subject != c.d.StopSubject():
		return Refuse("Look at the card again.", "What stopping would leave as it is has changed since that button was shown. Now %s.", c.d.leftNow())
	case c.d.Status == Halting && strings.TrimSpace(a.Comment) == "":
		return Refuse("Say in a few words why it can be left so.", "Nobody can tell how far it came, so giving up needs a reason.")
	}
	c.add(Answered{At: c.now, By: by, Choice: ChoiceStop, Comment: strings.TrimSpace(a.Comment)})
	return nil
}

// StopSubject is a short fingerprint of what a stop would leave as it is now.
func (d Deployment) StopSubject() string {
	var untold []string
	for _, e := range d.Untold() {
		untold = append(untold, e.Key)
	}
	return fingerprint([]any{d.Part, d.Touched(), d.IsBack(), untold})
}

// IsBack reports whether a rollback has done what it is for, and was proven as
// far as its procedure does, while people may have still to answer.
func (d Deployment) IsBack() bool {
	return d.Part == PartRollback && !slices.ContainsFunc(d.Steps, func(s StepState) bool {
		return s.Part == d.Part && !s.Status.Over() && !s.Confirms() && !s.Announces() && d.Needed(s)
	})
}

// leftNow says what a stop would leave as it is now.
func (d Deployment) leftNow() string {
	touched := strings.Join(d.Touched(), ", ")
	switch {
	case len(d.Untold()) > 0:
		return "nobody can tell how far it came"
	case d.IsBack():
		return "the rollback is done"
	case d.Part == PartRollback:
		return "it is being rolled back"
	case touched == "":
		return "nothing is rolled out"
	}
	return "that is " + touched
}

// Untold are the effects of which nobody can tell, after a stop, how far they
// came.
func (d Deployment) Untold() []Effect {
	var out []Effect
	for _, s := range d.Steps {
		for _, e := range s.Effects {
			if e.Untold {
				out = append(out, e)
			}
		}
	}
	return out
}

// checkStopped looks once more at what could not be told after a stop.
func (c *decider) checkStopped(a Answer, by Person) error {
	if !slices.Contains(c.d.Options(), a.Choice) {
		return Refuse("", "%s is being stopped already.", c.d.ID)
	}
	c.add(Answered{At: c.now, By: by, Choice: a.Choice})
	for _, e := range c.d.Untold() {
		c.add(EffectReopened{At: c.now, Key: e.Key, Attempt: e.Attempt})
	}
	return nil
}
