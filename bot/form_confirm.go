package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	memoMax  = 3000 // characters of a view's memo
	stepsMax = 25   // lines of what will happen
)

var errMemo = errors.New("a form's memo is too long")

// A confirmation is what lies over a form that was sent: what would happen, to
// be started or gone back from. It remembers all of the form, since Slack sends
// only the fields of the view that was sent.
type confirmation struct {
	formState
	Form string `json:"f"` // the id of the form: what it starts, it starts once
}

// confirm draws it; run is what runs there now. Trouble is why it was not started when that was tried, in
// mrkdwn.
func (g guide) confirm(c confirmation, start deployer.Start, by deployer.Person, run map[string]*deployer.Serving, trouble string) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(c)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	if utf8.RuneCount(memo) > memoMax {
		return slack.ModalViewRequest{}, errMemo
	}
	var view slack.ModalViewRequest
	for _, most := range []int{sectionMax, sectionMax / 4} { // the acknowledgement that carries it takes 20,000 bytes
		view = slack.ModalViewRequest{
			Type: slack.VTModal, CallbackID: formConfirm, PrivateMetadata: string(memo),
			Title: plainText("Start this?"), Submit: plainText("Start"), Close: plainText("Back"),
			Blocks: slack.Blocks{BlockSet: g.outlook(c, start, by, run, trouble, most)},
		}
		if frame, err := json.Marshal(view); err == nil && len(frame) < ackMax-500 {
			return view, nil
		}
	}
	return view, errMemo
}

// outlook says what would happen, each part in so many units.
func (g guide) outlook(c confirmation, s deployer.Start, by deployer.Person, run map[string]*deployer.Serving, trouble string, most int) []slack.Block {
	blocks := sections([]string{cut(trouble, most)})
	blocks = append(blocks, sections([]string{g.heading(c.formState, s.Releases, run)})...)
	if about := asAnswered(s); about != "" {
		blocks = append(blocks, slack.NewContextBlock("", plainText(plain(about, most))))
	}
	if len(s.Procedure.Steps) == 0 {
		return blocks
	}
	blocks = append(blocks, sections([]string{g.approval(s, by)})...)
	text := "*What will happen*" + planned(s)
	steps := g.plan(s, by)
	for i, line := range steps {
		if units(text)+units(line) > most-40 || i == stepsMax && len(steps) > stepsMax+1 {
			text += "\nand " + count(len(steps)-i, "step") + " more"
			break
		}
		text += "\n" + line
	}
	return append(blocks, sections([]string{text})...)
}

// heading says what is deployed where, and from what to what.
func (g guide) heading(s formState, wants []deployer.Release, run map[string]*deployer.Serving) string {
	where := " · " + escape(s.Retailer, nameMax) + " " + escape(s.Env, nameMax)
	if len(wants) < 2 {
		return "*" + escape(s.Service, nameMax) + "*" + where + "\n" + becomes(s.Tag, run[s.Service])
	}
	lines := []string{"*" + count(len(wants), "service") + "*" + where}
	for _, w := range wants {
		lines = append(lines, "*"+escape(w.Service, nameMax)+"* · "+becomes(w.Tag, run[w.Service]))
	}
	return cut(strings.Join(lines, "\n"), sectionMax)
}

// becomes is from what a service goes to what.
func becomes(tag string, run *deployer.Serving) string {
	switch {
	case run == nil:
		return "to " + code(tag, nameMax) + " – from what is not known: its system does not answer now."
	case run.State.Version == tag:
		return code(tag, nameMax) + "\n⚠ That version runs already. If it is the same image, nothing will be done."
	}
	return code(version(run.State), nameMax) + " → " + code(tag, nameMax)
}

// approval says who has to approve.
func (g guide) approval(s deployer.Start, by deployer.Person) string {
	var out []string
	for _, step := range s.Procedure.Steps {
		if step.Uses == deployer.KindApprove {
			out = append(out, g.approvers(step, by))
		}
	}
	if len(out) == 0 {
		return "Nobody has to approve it."
	}
	return "To be approved by *" + join(out, "and", 3) + "*."
}

// approvers may approve a step: never whoever asks for it.
func (g guide) approvers(step deployer.Step, by deployer.Person) string {
	who := g.may(deployer.May{Roles: []string{step.Role}, Not: by})
	if len(who) == 0 {
		who = []string{"somebody of " + step.Role}
	}
	names := escape(join(who, "or", 5), 400)
	if n := max(step.Count, 1); n > 1 {
		return fmt.Sprintf("%d of %s", n, names)
	}
	return names
}

// plan says step by step, in few words, what will happen, and who is waited
// for.
func (g guide) plan(s deployer.Start, by deployer.Person) []string {
	var out []string
	d := deployer.Deployment{Retailer: s.Retailer, Channels: s.Channels, Planned: s.Planned}
	steps := slices.DeleteFunc(slices.Clone(s.Procedure.Steps), func(step deployer.Step) bool {
		return d.SkipReason(deployer.StepState{Step: step}) != ""
	})
	for i, step := range steps {
		line := fmt.Sprintf("%d. %s", i+1, escape(step.Title, titleMax))
		switch step.Uses {
		case deployer.KindApprove:
			line += dash + "*" + g.approvers(step, by) + "*"
		case deployer.KindConfirm:
			line += dash + "*" + g.confirms(step) + "*"
		case deployer.KindAnnounce:
			line += dash + "in " + inChannels(s.Channels, step.To)
		case deployer.KindWait:
			line += dash + g.waits(s, step)
		}
		out = append(out, line)
	}
	return out
}

// confirms says who presses Done.
func (g guide) confirms(step deployer.Step) string {
	if step.Role == "" {
		return "you"
	}
	who := g.may(deployer.May{Roles: []string{step.Role}})
	if len(who) == 0 {
		return escape("somebody of "+step.Role, nameMax)
	}
	return escape(join(who, "or", 5), 400)
}

// planned is how long the procedure takes by its estimates.
func planned(s deployer.Start) string {
	var c card
	for _, step := range s.Procedure.Steps {
		c.d.Steps = append(c.d.Steps, deployer.StepState{Step: step})
	}
	if p := c.estimated(); p > 0 {
		return " · usually " + span(p)
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

// readStart starts what the form said, once for each form, however often it is
// sent or delivered: the form's id is the origin, which the store knows for
// good. What was refused lies in the same view, which stays open.
func (b *Bot) readStart(c slack.InteractionCallback) (task, error) {
	var memo confirmation
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &memo); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	by := b.people.personOf(c.User.ID, c.User.Name)
	t := task{key: "channel/" + memo.Channel, id: fingerprint("submission", c.View.ID, c.TriggerID), channel: memo.Channel, user: c.User.ID}
	t.do = func(ctx context.Context) answer {
		var start deployer.Start
		r, err := b.requestOf(ctx, memo.formState)
		if err == nil {
			start, err = b.start(ctx, scope{channel: memo.Channel, retailer: memo.Retailer}, r)
		}
		if err == nil {
			start.Origin = strings.Join([]string{"slack", c.Team.ID, "view", memo.Form}, "/")
			err = b.startOnce(ctx, start, by)
		}
		if err == nil {
			return answer{payload: slack.NewClearViewSubmissionResponse()}
		}
		a := b.refuse(err)
		view, drawn := b.guide.confirm(memo, start, by, b.quickRuns(ctx, memo.formState, start), "⚠ "+a.text)
		if drawn != nil {
			b.log.Error("a form could not be redrawn", "err", drawn)
			return a
		}
		return answer{payload: slack.NewUpdateViewSubmissionResponse(&view), failed: a.failed}
	}
	return t, nil
}

// quickRuns are what the services of a start run now, as far as their systems
// answer in the time that somebody waits for a form.
func (b *Bot) quickRuns(ctx context.Context, s formState, start deployer.Start) map[string]*deployer.Serving {
	ctx, cancel := context.WithTimeout(ctx, b.quick())
	defer cancel()
	return b.runs(ctx, s, each(start.Releases)...)
}

// startOnce gives the order. A form that has started something else before,
// whose answer was lost on the way, says so.
func (b *Bot) startOnce(ctx context.Context, start deployer.Start, by deployer.Person) error {
	d, err := b.order(ctx, deployer.Order{By: by, Command: start})
	if err != nil {
		return err
	}
	if d.Environment != start.Environment || !slices.Equal(d.Releases, start.Releases) {
		return refuse("Look at it: /deploy status "+d.ID+dash+"for another one, open a new form.", "This form has started %s already.", d.ID)
	}
	return nil
}
