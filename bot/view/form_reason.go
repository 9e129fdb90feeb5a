package view

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/field"
	"github.com/stationmaster/stationmaster/deployer"
)

// FormReasonPrefix begins the callback id of a form that asks for a reason; the verb of the button stands behind it.
const FormReasonPrefix = "why/"

// BlockReason is the id of the block that holds a reason: of a deployment, or of what a button does.
const BlockReason = "reason"

// ReasonTextMax is how many characters a reason, or another answer, may have.
const ReasonTextMax = 500

// A reasonForm is how the form of a button reads that needs a reason.
type reasonForm struct {
	title, label, hint, placeholder string
	needed                          string // said to somebody who gives none
	about                           func(card, deployer.StepState) string
}

// reasonForms are the buttons that ask for a reason, by their verbs.
var reasonForms = map[string]reasonForm{
	ActionReject: {
		title: "Reject", label: "Why not?", placeholder: "What is wrong, and what should happen instead",
		hint:   "Everybody in the channel can read it.",
		needed: "Say in a few words what is wrong.",
		about: func(c card, _ deployer.StepState) string {
			return "*" + name(c.Names, c.d.Requester) + "* asks to deploy " + summaryOf(c.d) + ".\n" + cardReason{c}.rejecting()
		},
	},
	ActionChanges: {
		title: "Request changes", label: "What should change?", placeholder: "Such as: link the ticket, wait for the other team",
		hint:   "It is asked in the thread. Nothing begins before it is answered.",
		needed: "Say in a few words what should change.",
		about: func(c card, _ deployer.StepState) string {
			return "*" + name(c.Names, c.d.Requester) + "* asks to deploy " + summaryOf(c.d) + ".\nThey are called, and you are when they have replied."
		},
	},
	ActionReply: {
		title: "Reply", label: "What has changed?", placeholder: "What you did, or why nothing has to change",
		hint:   "It is told in the thread, and whoever asked is called again.",
		needed: "Say in a few words what has changed, or why nothing has to.",
		about: func(c card, s deployer.StepState) string {
			return strings.Join(c.requests(s), "\n")
		},
	},
	ActionSkip: {
		title: "Skip", label: "Why can it be done without?", placeholder: "Such as: the check itself is broken",
		hint:   "It stays in the record, under your name.",
		needed: "Say in a few words why it can be done without.",
		about: func(c card, s deployer.StepState) string {
			if s.Status == deployer.Active || s.Status == deployer.Pending {
				return "*" + c.titleOf(s) + "* is not over yet.\nSkipping goes on without it."
			}
			what := broken(s)
			if s.Status == deployer.StepInterrupted {
				what = "could not be told"
			}
			return withReason("*"+StepTitle(s)+"* "+what+".", mrkdwn.Sentence(mrkdwn.Shorten(s.Why, c.text))) + "\n" + cardReason{c}.skipping(s)
		},
	},
	ActionOverride: {
		title: "Override", label: "Why can't it wait?", placeholder: "Such as: customers can't pay until this is out",
		hint:   "It is announced, and stays in the record under your name.",
		needed: "Say in a few words why it can't wait.",
		about: func(c card, s deployer.StepState) string {
			return "*" + StepTitle(s) + "* " + cardWork{c}.heldWords(s) + "\nOverriding goes on now."
		},
	},
	ActionView: {
		title: "View", label: "Why?", placeholder: "Such as: the schema has changed, so the old version can't read it",
		hint:   "It stands on the card under your name. Whoever decides reads it first.",
		needed: "Say in a few words why.",
		about: func(c card, s deployer.StepState) string {
			return withReason("*"+StepTitle(s)+"* "+broken(s)+".", mrkdwn.Sentence(mrkdwn.Shorten(s.Why, c.text))) + "\nThis decides nothing."
		},
	},
	ActionAbort: {
		title: "Abort", label: "Why not?", placeholder: "What is wrong, and what should happen instead",
		hint:   "Everybody in the channel can read it.",
		needed: "Say in a few words what is wrong.",
		about: func(c card, s deployer.StepState) string {
			return cardReason{c}.askedOf(s) + "\nAborting is the answer no. How it ends, the system says."
		},
	},
	ActionPatch: {
		title: "Patch forward", label: "What does it mend?", placeholder: "Such as: the missing setting is there",
		hint:   "It stays in the record, under your name.",
		needed: "Say in a few words what the new version mends.",
		about: func(c card, _ deployer.StepState) string {
			return "Another version takes over *" + mrkdwn.Escape(c.d.ID, mrkdwn.NameMax) + "*: " + summaryOf(c.d) +
				".\nIt is approved anew, by others than you. What was done before the approval stays done."
		},
	},
	ActionGiveUp: {
		title: "Stop anyway", label: "Why can it be left so?", placeholder: "Such as: the cluster is gone for good",
		hint:   "It stays in the record, under your name.",
		needed: "Say in a few words why it can be left so.",
		about: func(c card, _ deployer.StepState) string {
			return cardFailure{c}.untold() + "\nStopping anyway ends the deployment here: nobody looks any more, and its services are free for the next."
		},
	},
}

// glassForm asks whoever answers in the place of others for the reason, whatever the
// button is.
var glassForm = reasonForm{
	title: "Break the glass", label: "Why do you answer in their place?", placeholder: "Such as: nobody of the team can be reached",
	hint:   "You are not awaited. Everybody in the channel is told, and it is reviewed.",
	needed: "Say in a few words why.",
	about: func(c card, s deployer.StepState) string {
		if s.ID == "" {
			return c.title()
		}
		return "*" + StepTitle(s) + "*\n" + c.title()
	},
}

// unheardForm asks whoever decides before the experts have said anything for the reason,
// whatever the button is.
func unheardForm(why *deployer.Refusal) reasonForm {
	return reasonForm{
		title: "Decide now", label: "Why can't it wait for that?", placeholder: "Such as: customers can't pay, and nobody answers",
		hint: mrkdwn.Plain(why.Why+" It stays in the record, under your name.", 300),
	}
}

// Glass are the buttons that somebody may press in the place of those who did not come,
// once they have given a reason.
var Glass = []string{ActionDone, ActionApprove, ActionProceed, ActionRetry, ActionCheck, ActionRollBack, ActionHold, ActionStop, ActionTakeOver, ActionHandBack}

// ReasonMissing is what is said to somebody who gives no reason in the form of a button.
func ReasonMissing(verb string) string { return reasonFormOf(verb).needed }

func reasonFormOf(verb string) reasonForm {
	if w, ok := reasonForms[verb]; ok {
		return w
	}
	return glassForm
}

// A cardReason says what a button does that asks for a reason.
type cardReason struct{ card }

// askedOf is what a system asks at a step.
func (c cardReason) askedOf(s deployer.StepState) string {
	g, item, _ := s.GateOf()
	return "*" + gateWords(s.Title, deployer.ItemName(c.d, s, item)) + "* asks: " + mrkdwn.Sentence(mrkdwn.Shorten(g.Asks, c.text))
}

// rejecting says what rejecting would do.
func (c cardReason) rejecting() string {
	if c.d.Part == deployer.PartRollback {
		return "Rejecting ends the rollback where it is now."
	}
	return "Rejecting ends it. " + c.stopEffect()
}

// skipping says what skipping would do.
func (c cardReason) skipping(s deployer.StepState) string {
	left := 0
	for _, o := range c.d.Current() {
		if o.ID != s.ID && (o.Status == deployer.StepFailed || o.Status == deployer.StepInterrupted) {
			left++
		}
	}
	if left > 0 {
		return "Skipping counts it as done. " + mrkdwn.Capital(deployer.Count(left, "step")) + " more will wait for a decision."
	}
	return "Skipping counts it as done, and the deployment goes on."
}

// A ButtonMemo is what a form remembers of the button that opened it. When the form is
// sent, all of it is checked as the click would be.
type ButtonMemo struct {
	Value   string `json:"v"` // of the button
	Channel string `json:"c"`
	Message string `json:"m,omitempty"` // the message that it is on
	Private bool   `json:"p,omitempty"` // only one person sees that: a copy of a card, or a home tab
	Ticked  []int  `json:"t,omitempty"` // the lines of a checklist that were ticked when it was shown: see ShownTicks
}

// ReasonAbout says what a button that asks for a reason is about.
func (r Renderer) ReasonAbout(verb string, d deployer.Deployment, s deployer.StepState) string {
	c := card{Renderer: r, d: d, cardBudget: cardBudgets[0]}
	return c.marked(reasonFormOf(verb).about(c, s))
}

// ReasonNeeded is what is said to somebody who gives no reason; false for a
// button that needs none.
func ReasonNeeded(verb string) (string, bool) {
	w, ok := reasonForms[verb]
	return w.needed, ok
}

// TagsOf are the fields for the tags of another version, one for each service, with what
// is deployed now. The form takes so many.
func TagsOf(d deployer.Deployment) []field.Field {
	var out []field.Field
	for _, r := range d.Releases[:min(len(d.Releases), fieldsMax)] {
		out = append(out, field.Field{Of: tagPrefix, Input: deployer.Input{ID: r.Service, Label: "Tag of " + r.Service, Default: r.Tag, Required: r.Revision == ""}})
	}
	return out
}

// tagPrefix begins the ids of those fields.
const tagPrefix = "tag/"

// TagsIn are what somebody has filled in there, by service.
func TagsIn(c slack.InteractionCallback) map[string]string {
	out := map[string]string{}
	if c.View.State == nil {
		return out
	}
	for block := range c.View.State.Values {
		if service, ok := strings.CutPrefix(block, field.Prefix+tagPrefix); ok {
			out[service] = field.In(c, block).Value
		}
	}
	return out
}

// ReasonForm asks for the reason that a button needs; about says in mrkdwn what the
// button would do. What it asks besides stands before it.
func ReasonForm(verb, about string, memo ButtonMemo, asked ...field.Field) (slack.ModalViewRequest, error) {
	return reasonFormOf(verb).draw(verb, about, memo, asked)
}

// UnheardForm asks for the reason that a button needs since it was refused without one.
func UnheardForm(verb string, refused *deployer.Refusal, about string, memo ButtonMemo) (slack.ModalViewRequest, error) {
	if len(refused.Unheard) == 0 {
		return ReasonForm(verb, about, memo)
	}
	return unheardForm(refused).draw(verb, about, memo, nil)
}

func (w reasonForm) draw(verb, about string, memo ButtonMemo, asked []field.Field) (slack.ModalViewRequest, error) {
	private, err := json.Marshal(memo)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	reason := slack.NewPlainTextInputBlockElement(mrkdwn.PlainText(w.placeholder), field.Text)
	reason.Multiline, reason.MinLength, reason.MaxLength, reason.FocusOnLoad = true, 1, ReasonTextMax, true
	blocks := []slack.Block{slack.NewSectionBlock(mrkdwn.Text(about), nil, nil)}
	for _, f := range asked {
		blocks = append(blocks, f.Block())
	}
	reason.FocusOnLoad = len(asked) == 0
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: FormReasonPrefix + verb, PrivateMetadata: string(private),
		Title: mrkdwn.PlainText(w.title), Submit: mrkdwn.PlainText(w.title), Close: mrkdwn.PlainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: append(blocks, slack.NewInputBlock(BlockReason, mrkdwn.PlainText(w.label), mrkdwn.PlainText(w.hint), reason))},
	}, nil
}
