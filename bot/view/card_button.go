package view

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// The verbs of the buttons: their action ids.
const (
	ActionDone     = "done"
	ActionFill     = "fill" // reads as ActionDone, and opens the form of its step
	ActionApprove  = "approve"
	ActionReject   = "reject"
	ActionChanges  = "changes"
	ActionReply    = "reply" // to what somebody wants changed
	ActionRetry    = "retry"
	ActionSkip     = "skip"
	ActionCheck    = "check"
	ActionPatch    = "patch" // opens a form for the tags
	ActionRollBack = "rollback"
	ActionTakeBack = "take-back" // reads as ActionRollBack: starts the way back of what has ended
	ActionStop     = "stop"
	ActionGiveUp   = "give-up" // stops what nobody can tell
	ActionProceed  = "proceed" // at a gate of a system
	ActionAbort    = "abort"
	ActionOverride = "override" // what a window or a freeze refuses
	ActionReview   = "review"   // reads Done as well
	ActionTogether = "together" // opens the form of several questions
	ActionHold     = "hold"     // stops the clock of what would be decided by itself
	ActionView     = "view"     // what an expert would decide
	ActionReviewed = "reviewed"
	ActionByHand   = "by-hand" // opens the form of a step that somebody has done instead of its machine
	ActionTakeOver = "take-over"
	ActionHandBack = "hand-back"
	ActionTrail    = "trail" // on no card: in answers, and on home tabs
)

// A ButtonValue says what a button is about, so that a click on an old card, or on
// one of another deployment that has had the number, is recognized as such.
type ButtonValue struct {
	Deployment string `json:"d"`
	Store      string `json:"store,omitempty"` // the id of the store that it was created in
	Print      string `json:"f,omitempty"`     // its fingerprint; "": of an earlier version
	Step       string `json:"s,omitempty"`
	Attempt    int    `json:"a,omitempty"`
	Item       string `json:"i,omitempty"`
	Subject    string `json:"h,omitempty"`   // what it was drawn for: the hash of what is approved, rolled back or left, or a gate's id
	All        bool   `json:"all,omitempty"` // all services go back that can, and not the failed ones alone
}

// ButtonOf says that a button is about a deployment as a whole.
func ButtonOf(d deployer.Deployment) ButtonValue {
	return ButtonValue{Deployment: d.ID, Store: d.Store, Print: deployer.Fingerprint(d)}
}

// ofStep says that it is about a step in its present attempt.
func (v ButtonValue) ofStep(s deployer.StepState) ButtonValue {
	v.Step, v.Attempt = s.ID, s.Attempt
	return v
}

// buttonValueMax is how many characters Slack takes of a value.
const buttonValueMax = 2000

// Encode returns the value as it travels; Slack takes up to buttonValueMax.
func (v ButtonValue) Encode() string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("view: a button's value holds only strings and numbers: " + err.Error())
	}
	return string(b)
}

// ParseButtonValue reads what Encode wrote.
func ParseButtonValue(s string) (ButtonValue, error) {
	var v ButtonValue
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return v, fmt.Errorf("read a button's value: %w", err)
	}
	if v.Deployment == "" {
		return v, errors.New("read a button's value: it names no deployment")
	}
	return v, nil
}

// button does a verb on what its value says.
func button(verb, label string, style slack.Style, v ButtonValue) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(verb, v.Encode(), mrkdwn.PlainText(label))
	b.Style = style
	return b
}

// confirmed asks once more before a button is taken for pressed.
func confirmed(b *slack.ButtonBlockElement, title, text, yes, no string) *slack.ButtonBlockElement {
	b.Confirm = &slack.ConfirmationBlockObject{
		Title: mrkdwn.PlainText(mrkdwn.Plain(title, 100)), Text: mrkdwn.PlainText(mrkdwn.Plain(text, dialogMax)),
		Confirm: mrkdwn.PlainText(yes), Deny: mrkdwn.PlainText(no), Style: slack.StyleDanger,
	}
	return b
}

// answers are the buttons of a step that waits for people. Approving is one
// tap: what is approved stands on the card.
func (c card) answers(s deployer.StepState) []slack.BlockElement {
	if s.Status != deployer.Active || c.d.Status == deployer.Halting || c.d.Status.Ended() && !outlives(s) {
		return nil
	}
	v := ButtonOf(c.d).ofStep(s)
	if g, item, ok := s.GateOf(); ok {
		v.Item, v.Subject = item, g.ID
		return atGate(s, v)
	}
	switch {
	case s.Confirms():
		return c.doneButtons(s, v)
	case s.Announces():
		return []slack.BlockElement{button(ActionReview, "Done", slack.StylePrimary, v)}
	case s.Approves():
		v.Subject = c.d.Subject().Hash()
		return c.approvalButtons(s, v)
	}
	return nil
}

// buttons answer a step: where others wait for the same people, all at once by a form.
func (c card) buttons(s deployer.StepState) []slack.BlockElement {
	all := deployer.Together(c.d, s)
	if len(all) == 0 {
		return c.answers(s)
	}
	v := ButtonOf(c.d)
	v.Step = s.ID // those that wait for the same people are asked with it
	return []slack.BlockElement{button(ActionTogether, confirmLabel(len(all)), slack.StylePrimary, v)}
}

// approvalButtons are those of an approval. While somebody wants something changed,
// whoever asked for the deployment replies first.
func (c card) approvalButtons(s deployer.StepState, v ButtonValue) []slack.BlockElement {
	var out []slack.BlockElement
	yes := slack.StylePrimary
	if len(deployer.OpenRequests(s)) > 0 {
		out, yes = append(out, button(ActionReply, string(deployer.ChoiceReply), slack.StylePrimary, v)), slack.StyleDefault
	}
	out = append(out, button(ActionApprove, c.approveLabel(s), yes, v))
	if asksForChanges(s) && len(out) == 1 {
		out = append(out, button(ActionChanges, string(deployer.ChoiceChanges), slack.StyleDefault, v))
	}
	return append(out, button(ActionReject, string(deployer.ChoiceReject), slack.StyleDefault, v))
}

// asksForChanges reports whether people can ask for changes at a step: its kind is as it
// was when the deployment started.
func asksForChanges(s deployer.StepState) bool {
	return s.Kind != nil && s.Kind.Asks != nil && slices.ContainsFunc(s.Kind.Asks.Choices, func(o deployer.Option) bool { return o.Choice == deployer.ChoiceChanges })
}

// approveLabel says as what somebody approves, where several approvals could be meant:
// those of one step, or of several that wait side by side.
func (c card) approveLabel(s deployer.StepState) string {
	label := string(deployer.ChoiceApprove)
	missing := slices.Compact(deployer.MissingApprovals(c.d, s))
	asked := 0
	for _, o := range c.active(true) {
		if o.Approves() {
			asked++
		}
	}
	if len(missing) != 1 || asked < 2 && len(s.RoleCounts()) == 0 {
		return label
	}
	return label + " as " + mrkdwn.Plain(missing[0], 40)
}

// nth is the action id of one of several buttons of a row that do the same, which Slack
// wants to differ.
func nth(verb string, i int) string {
	if i == 0 {
		return verb
	}
	return verb + nthMark + strconv.Itoa(i+1)
}

const nthMark = "#"

// VerbOf is what the button with an action id does.
func VerbOf(action string) string {
	verb, _, _ := strings.Cut(action, nthMark)
	return verb
}

// doneButtons say that a step is done, or each of what it asks for by itself. Where
// something has to be filled in, they open its form.
func (c card) doneButtons(s deployer.StepState, v ButtonValue) []slack.BlockElement {
	action := ActionDone
	if HasForm(s) {
		action = ActionFill
	}
	var out []slack.BlockElement
	open := deployer.Unanswered(c.d, s)
	for i, item := range open[:min(len(open), c.cardBudget.questions)] {
		v.Item = item
		out = append(out, button(nth(action, i), ofItem(doneLabel(s), item, len(deployer.AskedOf(c.d, s))), slack.StylePrimary, v))
	}
	return out
}

// atGate are the buttons that answer a gate, where anybody can here.
func atGate(s deployer.StepState, v ButtonValue) []slack.BlockElement {
	if s.GateRole() == "" || mrkdwn.Units(v.Encode()) > buttonValueMax {
		return nil
	}
	return []slack.BlockElement{
		button(ActionProceed, string(deployer.ChoiceProceed), slack.StylePrimary, v),
		button(ActionAbort, string(deployer.ChoiceAbort), slack.StyleDefault, v),
	}
}

// options are the buttons of what can be decided now. Those that say in a dialog
// what they would do carry a hash of that.
func (c card) options() []slack.BlockElement {
	v := ButtonOf(c.d)
	if s := c.d.Broken(); s != nil && c.d.Status != deployer.Halting {
		v = v.ofStep(*s)
	}
	stop := v
	stop.Subject = deployer.LeftBy(c.d).Hash()
	var out []slack.BlockElement
	if c.d.Status.Ended() && len(deployer.ReviewsOwed(c.d)) > 0 {
		out = append(out, button(ActionReviewed, string(deployer.ChoiceReviewed), slack.StylePrimary, v))
	}
	if s := c.d.HeldByRule(); s != nil && s.Held.Role != "" {
		held := ButtonOf(c.d).ofStep(*s)
		held.Subject = s.Held.Rule
		out = append(out, button(ActionOverride, string(deployer.ChoiceOverride), slack.StyleDefault, held))
	}
	for _, o := range c.d.Options() {
		switch o {
		case deployer.ChoiceHold:
			out = append(out, button(ActionHold, string(o), slack.StylePrimary, v))
		case deployer.ChoiceCheck:
			out = append(out, button(ActionCheck, string(o), slack.StyleDefault, v))
		case deployer.ChoiceRetry:
			out = append(out, button(ActionRetry, string(o), slack.StyleDefault, v))
		case deployer.ChoiceByHand:
			out = append(out, button(ActionByHand, string(o), slack.StyleDefault, ButtonOf(c.d).ofStep(*deployer.DoableByHand(c.d))))
		case deployer.ChoiceTakeOver:
			out = append(out, button(ActionTakeOver, string(o), slack.StyleDefault, v))
		case deployer.ChoiceHandBack:
			out = append(out, confirmed(button(ActionHandBack, string(o), slack.StylePrimary, v),
				"Hand "+c.d.ID+" back?", "The bot looks at what was done by hand, and goes on with the rest.", "Hand back", "Not yet"))
		case deployer.ChoiceSkip:
			out = append(out, button(ActionSkip, string(o), slack.StyleDefault, ButtonOf(c.d).ofStep(*c.d.Skippable())))
		case deployer.ChoicePatch:
			out = append(out, button(ActionPatch, string(o), slack.StyleDefault, v))
		case deployer.ChoiceRollBack:
			out = append(out, cardBack{c}.buttons(ActionRollBack, v)...)
		case deployer.ChoiceStop:
			if c.d.Status == deployer.Halting {
				out = append(out, button(ActionGiveUp, "Stop anyway", slack.StyleDanger, stop))
				continue
			}
			out = append(out, confirmed(button(ActionStop, string(o), slack.StyleDefault, stop),
				"Stop "+c.d.ID+"?", c.stopEffect(), "Stop", "Go on"))
		}
	}
	if deployer.AsksExperts(c.d) && slices.ContainsFunc(c.d.Procedure.Failure.Experts, func(role string) bool { return c.Mention(role) != "" }) {
		out = append(out, button(ActionView, string(deployer.ChoiceView), slack.StyleDefault, v))
	}
	if _, over := readout.RanThrough(c.d); over {
		out = append(out, cardBack{c}.buttons(ActionTakeBack, ButtonOf(c.d))...)
	}
	return out
}

// dialogMax is how many units the words of a dialog may have.
const dialogMax = 300

// stopEffect says what stopping would do.
func (c card) stopEffect() string {
	touched := c.d.Touched()
	switch {
	case c.d.Status.Ended():
		return "Nothing of what is still due is done any more. How it ended stays."
	case deployer.LeftBy(c.d).Back:
		return "The rollback is done and stays. Nobody is asked any more whether all is well."
	case c.d.Part == deployer.PartRollback:
		return "The rollback ends where it is now. It may be half way: " + mrkdwn.Join(c.d.RollbackServices, "and", 4) + "."
	case len(touched) > 0:
		return "Nothing more is begun and nothing is rolled back. What was rolled out so far stays: " + mrkdwn.Join(touched, "and", 4) + "."
	}
	return "Nothing was rolled out yet, and nothing will be."
}

// actions puts buttons in a row. Its id changes with the state, so that a
// client shows the new ones; progress alone leaves it as it is.
func (c card) actions(key string, elements []slack.BlockElement) *slack.ActionBlock {
	return slack.NewActionBlock(mrkdwn.Plain(fmt.Sprintf("%d/%s", c.d.Seq, key), 255), elements...)
}

// TrailButton opens a deployment's audit trail, from a message or a home tab.
func TrailButton(d deployer.Deployment) *slack.ButtonBlockElement {
	return button(ActionTrail, "Audit trail", slack.StyleDefault, ButtonOf(d))
}
