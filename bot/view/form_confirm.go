package view

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// DryRun says what a deployment would be. Nothing was looked up in the
// cluster yet.
func (r Renderer) DryRun(s deployer.Start, by deployer.Person) string {
	var what []string
	for _, w := range s.Releases {
		to := mrkdwn.Code(w.Tag, mrkdwn.NameMax)
		if w.Revision != "" {
			to = "revision " + mrkdwn.Code(w.Revision, mrkdwn.NameMax)
		}
		what = append(what, "*"+mrkdwn.Escape(w.Service, mrkdwn.NameMax)+"* to "+to)
	}
	return mrkdwn.Clip(fmt.Sprintf("*A rehearsal: nothing was started.*\n%s in %s %s, by %s:\n%s",
		strings.Join(what, ", "), mrkdwn.Escape(s.Retailer, mrkdwn.NameMax), mrkdwn.Escape(s.Environment, mrkdwn.NameMax),
		mrkdwn.Escape(s.Procedure.Title, mrkdwn.TitleMax), strings.Join(r.plan(s, by), "\n")), 10_000)
}

func inChannels(ids map[string]string, labels []string) string {
	var out []string
	for _, l := range labels {
		out = append(out, "<#"+ids[l]+">")
	}
	return strings.Join(out, ", ")
}

const memoMax = 3000 // characters of a view's memo

const planStepsMax = 25 // lines of what will happen

var ErrMemoTooLong = errors.New("a form's memo is too long")

// A Confirmation is what lies over a form that was sent: what would happen, to
// be started or gone back from. It remembers all of the form, since Slack sends
// only the fields of the view that was sent.
type Confirmation struct {
	FormState
	Form string `json:"f"` // the id of the form: what it starts, it starts once
}

// ConfirmForm draws it; run is what runs there now. Trouble is why it was not started when that was tried, in
// mrkdwn.
func (r Renderer) ConfirmForm(c Confirmation, start deployer.Start, by deployer.Person, run map[string]*deployer.Serving, trouble string) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(c)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	if utf8.RuneCount(memo) > memoMax {
		return slack.ModalViewRequest{}, ErrMemoTooLong
	}
	var view slack.ModalViewRequest
	for _, most := range []int{mrkdwn.SectionMax, mrkdwn.SectionMax / 4} { // the acknowledgement that carries it takes 20,000 bytes
		view = slack.ModalViewRequest{
			Type: slack.VTModal, CallbackID: FormConfirm, PrivateMetadata: string(memo),
			Title: mrkdwn.PlainText("Start this?"), Submit: mrkdwn.PlainText("Start"), Close: mrkdwn.PlainText("Back"),
			Blocks: slack.Blocks{BlockSet: r.outlook(c, start, by, run, trouble, most)},
		}
		if frame, err := json.Marshal(view); err == nil && len(frame) < mrkdwn.AckMax-500 {
			return view, nil
		}
	}
	return view, ErrMemoTooLong
}

// outlook says what would happen, each part in so many units.
func (r Renderer) outlook(c Confirmation, s deployer.Start, by deployer.Person, run map[string]*deployer.Serving, trouble string, most int) []slack.Block {
	blocks := mrkdwn.Sections([]string{mrkdwn.Cut(trouble, most)})
	blocks = append(blocks, mrkdwn.Sections([]string{r.heading(c.FormState, s.Releases, run)})...)
	if about := asAnswered(s); about != "" {
		blocks = append(blocks, slack.NewContextBlock("", mrkdwn.PlainText(mrkdwn.Plain(about, most))))
	}
	if len(s.Procedure.Steps) == 0 {
		return blocks
	}
	blocks = append(blocks, mrkdwn.Sections([]string{r.approval(s, by)})...)
	text := "*What will happen*" + planned(s)
	steps := r.plan(s, by)
	for i, line := range steps {
		if mrkdwn.Units(text)+mrkdwn.Units(line) > most-40 || i == planStepsMax && len(steps) > planStepsMax+1 {
			text += "\nand " + mrkdwn.Count(len(steps)-i, "step") + " more"
			break
		}
		text += "\n" + line
	}
	return append(blocks, mrkdwn.Sections([]string{text})...)
}

// heading says what is deployed where, and from what to what.
func (r Renderer) heading(s FormState, wants []deployer.Release, run map[string]*deployer.Serving) string {
	where := " · " + mrkdwn.Escape(s.Retailer, mrkdwn.NameMax) + " " + mrkdwn.Escape(s.Env, mrkdwn.NameMax)
	if len(wants) < 2 {
		return "*" + mrkdwn.Escape(s.Service, mrkdwn.NameMax) + "*" + where + "\n" + becomes(s.Tag, run[s.Service])
	}
	lines := []string{"*" + mrkdwn.Count(len(wants), "service") + "*" + where}
	for _, w := range wants {
		lines = append(lines, "*"+mrkdwn.Escape(w.Service, mrkdwn.NameMax)+"* · "+becomes(w.Tag, run[w.Service]))
	}
	return mrkdwn.Cut(strings.Join(lines, "\n"), mrkdwn.SectionMax)
}

// becomes is from what a service goes to what.
func becomes(tag string, run *deployer.Serving) string {
	switch {
	case run == nil:
		return "to " + mrkdwn.Code(tag, mrkdwn.NameMax) + " – from what is not known: its system does not answer now."
	case run.State.Version == tag:
		return mrkdwn.Code(tag, mrkdwn.NameMax) + "\n⚠ That version runs already. If it is the same image, nothing will be done."
	}
	return mrkdwn.Code(version(run.State), mrkdwn.NameMax) + " → " + mrkdwn.Code(tag, mrkdwn.NameMax)
}

// approval says who has to approve.
func (r Renderer) approval(s deployer.Start, by deployer.Person) string {
	var out []string
	for _, step := range s.Procedure.Steps {
		if step.Uses == deployer.KindApprove {
			out = append(out, r.approvers(step, by))
		}
	}
	if len(out) == 0 {
		return "Nobody has to approve it."
	}
	return "To be approved by *" + mrkdwn.Join(out, "and", 3) + "*."
}

// approvers may approve a step: never whoever asks for it.
func (r Renderer) approvers(step deployer.Step, by deployer.Person) string {
	who := r.may(deployer.May{Roles: []string{step.Role}, Not: by})
	if len(who) == 0 {
		who = []string{"somebody of " + step.Role}
	}
	names := mrkdwn.Escape(mrkdwn.Join(who, "or", 5), 400)
	if n := max(step.Count, 1); n > 1 {
		return fmt.Sprintf("%d of %s", n, names)
	}
	return names
}

// plan says step by step, in few words, what will happen, and who is waited
// for.
func (r Renderer) plan(s deployer.Start, by deployer.Person) []string {
	var out []string
	d := deployer.Deployment{Retailer: s.Retailer, Channels: s.Channels, Planned: s.Planned}
	steps := slices.DeleteFunc(slices.Clone(s.Procedure.Steps), func(step deployer.Step) bool {
		return !d.Needed(deployer.StepState{Step: step})
	})
	for i, step := range steps {
		line := fmt.Sprintf("%d. %s", i+1, mrkdwn.Escape(step.Title, mrkdwn.TitleMax))
		switch step.Uses {
		case deployer.KindApprove:
			line += mrkdwn.Dash + "*" + r.approvers(step, by) + "*"
		case deployer.KindConfirm:
			line += mrkdwn.Dash + "*" + r.confirms(step) + "*"
		case deployer.KindAnnounce:
			line += mrkdwn.Dash + "in " + inChannels(s.Channels, step.To)
		case deployer.KindWait:
			line += mrkdwn.Dash + r.waits(s, step)
		}
		out = append(out, line)
	}
	return out
}

// confirms says who presses Done.
func (r Renderer) confirms(step deployer.Step) string {
	if step.Role == "" {
		return "you"
	}
	who := r.may(deployer.May{Roles: []string{step.Role}})
	if len(who) == 0 {
		return mrkdwn.Escape("somebody of "+step.Role, mrkdwn.NameMax)
	}
	return mrkdwn.Escape(mrkdwn.Join(who, "or", 5), 400)
}

// planned is how long the procedure takes by its estimates.
func planned(s deployer.Start) string {
	var c card
	for _, step := range s.Procedure.Steps {
		c.d.Steps = append(c.d.Steps, deployer.StepState{Step: step})
	}
	if p := c.estimated(); p > 0 {
		return " · usually " + mrkdwn.Span(p)
	}
	return ""
}

// asAnswered is the reason and the inputs, as the card will show them.
func asAnswered(s deployer.Start) string {
	var out []string
	if s.Reason != "" {
		out = append(out, "Reason: "+s.Reason)
	}
	for _, in := range s.Procedure.Inputs {
		label := in.Label
		if label == "" {
			label = in.ID
		}
		if v := s.Inputs[in.ID]; v != "" {
			out = append(out, label+": "+v)
		}
	}
	return strings.Join(out, " · ")
}
