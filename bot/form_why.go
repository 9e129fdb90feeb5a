package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	reasonFormPrefix = "why/" // callback ids begin with it; the verb stands behind
	reasonBlock      = "reason"
	reasonTextMax    = 500                    // characters of a reason
	peekWithin       = 300 * time.Millisecond // before a form opens: its trigger lives for 3 s
)

// A reasonForm is how the form of a button reads that needs a reason.
type reasonForm struct {
	title, label, hint, placeholder string
	needed                          string // said to somebody who gives none
	about                           func(card, deployer.StepState) string
}

// reasonForms are the buttons that ask for a reason, by their verbs.
var reasonForms = map[string]reasonForm{
	verbReject: {
		title: "Reject", label: "Why not?", placeholder: "What is wrong, and what should happen instead",
		hint:   "Everybody in the channel can read it.",
		needed: "Say in a few words what is wrong.",
		about: func(c card, _ deployer.StepState) string {
			return "*" + name(c.names, c.d.Requester) + "* asks to deploy " + summaryOf(c.d) + ".\n" + c.rejecting()
		},
	},
	verbSkip: {
		title: "Skip", label: "Why can it be done without?", placeholder: "Such as: the check itself is broken",
		hint:   "It stays in the record, under your name.",
		needed: "Say in a few words why it can be done without.",
		about: func(c card, s deployer.StepState) string {
			what := "failed"
			if s.Status == deployer.StepInterrupted {
				what = "could not be told"
			}
			return withReason("*"+escape(s.Title, titleMax)+"* "+what+".", sentence(shorten(s.Why, c.text))) + "\n" + c.skipping(s)
		},
	},
}

// rejecting says what rejecting would do.
func (c card) rejecting() string {
	if c.d.Back {
		return "Rejecting ends the rollback where it is now."
	}
	return "Rejecting ends it. " + c.halt()
}

// skipping says what skipping would do.
func (c card) skipping(s deployer.StepState) string {
	left := 0
	for _, o := range c.d.Current() {
		if o.ID != s.ID && (o.Status == deployer.StepFailed || o.Status == deployer.StepInterrupted) {
			left++
		}
	}
	if left > 0 {
		return "Skipping counts it as done. " + capital(count(left, "step")) + " more will wait for a decision."
	}
	return "Skipping counts it as done, and the deployment goes on."
}

// reasonMemo is what the form remembers.
type reasonMemo struct {
	Value   string `json:"v"` // of the button
	Channel string `json:"c"`
}

// openReason asks for the reason. What the form says of the step is looked up if
// that is quick, and a button of an earlier state opens none; nothing is
// written down.
func (b *Bot) openReason(ctx context.Context, c slack.InteractionCallback, verb string, v buttonValue) answer {
	peek, cancel := context.WithTimeout(ctx, peekWithin)
	d, err := b.records.Load(peek, v.Deployment)
	cancel()
	about := "*" + escape(v.Deployment, nameMax) + "*"
	switch {
	case err == nil:
		s, err := asked(d, verb, v)
		if err != nil {
			b.Dirty(d.ID)
			return b.refuse(err)
		}
		about = b.guide.reasonAbout(verb, d, *s)
	case errors.Is(err, deployer.ErrNotFound):
		return b.refuse(err)
	}
	view, err := reasonView(verb, about, reasonMemo{Value: v.encode(), Channel: c.Container.ChannelID})
	if err != nil {
		return b.refuse(err)
	}
	return b.open(ctx, c.TriggerID, view)
}

// asked returns the step that a button is about, unless it belongs to an
// earlier state. Who may press it is checked when the reason comes.
func asked(d deployer.Deployment, verb string, v buttonValue) (*deployer.StepState, error) {
	s := d.Step(v.Step)
	switch {
	case d.Status.Ended():
		return nil, deployer.HasEnded(d)
	case s != nil && s.Status == deployer.Done:
		return nil, deployer.DoneAlready(*s)
	case s == nil || s.Attempt != v.Attempt:
	case verb == verbReject && s.Status == deployer.Active && d.Status != deployer.Halting:
		return s, nil
	case verb == verbSkip && (s.Status == deployer.StepFailed || s.Status == deployer.StepInterrupted):
		return s, nil
	}
	return nil, refuse("Use the buttons that the card has now.", "That button belongs to an earlier question.")
}

// reasonAbout says what a button that asks for a reason is about.
func (g guide) reasonAbout(verb string, d deployer.Deployment, s deployer.StepState) string {
	return reasonForms[verb].about(card{guide: g, d: d, cardBudget: cardBudgets[0]}, s)
}

// reasonNeeded is what is said to somebody who gives no reason; false for a
// button that needs none.
func reasonNeeded(verb string) (string, bool) {
	w, ok := reasonForms[verb]
	return w.needed, ok
}

func reasonView(verb, about string, memo reasonMemo) (slack.ModalViewRequest, error) {
	private, err := json.Marshal(memo)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	w := reasonForms[verb]
	reason := slack.NewPlainTextInputBlockElement(plainText(w.placeholder), "text")
	reason.Multiline, reason.MinLength, reason.MaxLength, reason.FocusOnLoad = true, 1, reasonTextMax, true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: reasonFormPrefix + verb, PrivateMetadata: string(private),
		Title: plainText(w.title), Submit: plainText(w.title), Close: plainText("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(markdownText(about), nil, nil),
			slack.NewInputBlock(reasonBlock, plainText(w.label), plainText(w.hint), reason),
		}},
	}, nil
}

// readReason takes the reason. The view's id makes the order's nonce: Slack gives
// a new one to each form that it opens. What is refused is said in the form,
// so that nobody types it again.
func (b *Bot) readReason(c slack.InteractionCallback) (task, error) {
	var memo reasonMemo
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &memo); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	v, err := decodeValue(memo.Value)
	if err != nil {
		return task{}, err
	}
	verb := strings.TrimPrefix(c.View.CallbackID, reasonFormPrefix)
	command := commandOf(verb)
	needed, ok := reasonNeeded(verb)
	if command == nil || !ok {
		return task{}, nil
	}
	by := b.people.personOf(c.User.ID, c.User.Name)
	reason := strings.TrimSpace(field(c, reasonBlock).Value)
	t := task{key: "deployment/" + v.Deployment, id: fingerprint("submission", c.View.ID, c.TriggerID), channel: memo.Channel, user: c.User.ID}
	t.do = func(ctx context.Context) answer {
		switch n := utf8.RuneCountInString(reason); {
		case n == 0:
			return errorInForm(reasonBlock, needed)
		case n > reasonTextMax:
			return errorInForm(reasonBlock, fmt.Sprintf("That has %d characters; %d are the most. Put the rest into the thread.", n, reasonTextMax))
		}
		_, err := b.order(ctx, deployer.Order{
			Deployment: v.Deployment, By: by, Nonce: fingerprint("view", c.Team.ID, c.View.ID), Command: command(v, reason),
		})
		if err == nil {
			return answer{}
		}
		b.Dirty(v.Deployment)
		return b.refuseInForm(reasonBlock, b.guide.inField(""), err)
	}
	return t, nil
}
