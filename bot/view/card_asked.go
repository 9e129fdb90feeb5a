package view

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// questions are what people are asked, with their buttons. A single
// question shares its row with the decisions.
func (c cardQuestion) questions() []slack.Block {
	asked, rest := c.active(true), 0
	if len(asked) > c.cardBudget.questions {
		asked, rest = asked[:c.cardBudget.questions], len(asked)-c.cardBudget.questions
	}
	var out []slack.Block
	options := c.options()
	groups := c.groups(asked)
	for _, group := range groups {
		skips := 0
		for _, s := range group {
			out = append(out, mrkdwn.Sections([]string{signalWait + c.question(s)})...)
			if skip := c.skipNow(s); len(skip) > 0 && len(group) > 1 {
				out, skips = append(out, c.actions(s.ID, skip)), skips+1
			}
		}
		answers := c.buttons(group[0])
		if len(group) == 1 {
			skip := c.skipNow(group[0])
			answers, skips = append(answers, skip...), len(skip)
		}
		switch key := group[0].ID; {
		case len(groups) == 1 && skips == 0:
			options = append(answers, options...)
		case len(group) > 1:
			out = append(out, c.actions("together/"+key, answers))
		case len(answers) > 0:
			out = append(out, c.actions(key, answers))
		}
	}
	if rest > 0 {
		out = append(out, mrkdwn.Sections([]string{deployer.Count(rest, "more question") + " after these."})...)
	}
	out = append(out, c.besides()...)
	if len(options) > 0 {
		out = append(out, c.actions("options", options))
	}
	return out
}

// groups are the questions with those that are answered together beside each other.
func (c cardQuestion) groups(asked []deployer.StepState) [][]deployer.StepState {
	var out [][]deployer.StepState
	at := map[string]int{} // by role
	for _, s := range asked {
		i, joins := at[s.Role()]
		switch alone := len(deployer.Together(c.d, s)) == 0; {
		case !alone && joins:
			out[i] = append(out[i], s)
			continue
		case !alone:
			at[s.Role()] = len(out)
		}
		out = append(out, []deployer.StepState{s})
	}
	return out
}

// besides are the steps that are decided about by themselves, whatever becomes of the
// deployment, and those that somebody may go on without.
func (c cardQuestion) besides() []slack.Block {
	var out []slack.Block
	for _, s := range c.currentSteps() {
		choices := deployer.StepOptions(c.d, s)
		broken := s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted
		if len(choices) == 0 || broken && awaited.DecidedWithAll(c.d, s) || !broken && (c.d.AwaitsPerson(s) || s.Part == deployer.PartFailure) {
			continue
		}
		if len(out) == 2*c.cardBudget.questions {
			return append(out, mrkdwn.Sections([]string{"and more"})...)
		}
		words, buttons := c.beside(s)
		out = append(out, mrkdwn.Sections([]string{words})...)
		out = append(out, c.actions("step/"+s.ID, buttons))
	}
	return out
}

// beside is one of them, with its buttons.
func (c cardQuestion) beside(s deployer.StepState) (words string, buttons []slack.BlockElement) {
	words = c.titleOf(s)
	if s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted {
		words = signalWrong + cardStep(c).wentOn(s) + " " + mrkdwn.Join(deciders(c.d, c.Names), "or", 4) + " decides."
	}
	if s.HeldBack {
		words = strings.Join(append([]string{words}, cardStep(c).byHand(s)...), "\n")
	}
	for _, choice := range deployer.StepOptions(c.d, s) {
		if action, ok := stepActions[choice]; ok {
			buttons = append(buttons, button(action, string(choice), slack.StyleDefault, ButtonOf(c.d).ofStep(s)))
		}
	}
	return words, buttons
}

// skipNow is the button that goes on without a step that is asked, where somebody may.
func (c card) skipNow(s deployer.StepState) []slack.BlockElement {
	if !slices.Contains(deployer.StepOptions(c.d, s), deployer.ChoiceSkip) {
		return nil
	}
	return []slack.BlockElement{button(ActionSkip, string(deployer.ChoiceSkip), slack.StyleDefault, ButtonOf(c.d).ofStep(s))}
}

// stepActions are the buttons of what is decided about one step.
var stepActions = map[deployer.Choice]string{
	deployer.ChoiceCheck: ActionCheck, deployer.ChoiceRetry: ActionRetry, deployer.ChoiceSkip: ActionSkip, deployer.ChoiceByHand: ActionByHand,
}
