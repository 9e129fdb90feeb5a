package form

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

const (
	memoMax      = 3000 // characters of a view's memo, of which Slack takes that many
	planStepsMax = 25   // lines of what will happen
)

// ErrMemoTooLong means that a form holds more than Slack lets it remember.
var ErrMemoTooLong = errors.New("a form's memo is too long")

// A Confirmation is what lies over a form that was sent: what would happen, to
// be started or gone back from. It remembers all of the form, since Slack sends
// only the fields of the view that was sent.
type Confirmation struct {
	State
	Form string `json:"f"` // the id of the form: what it starts, it starts once
}

// Confirm draws it. What runs there now is asked for by runs, unless the form
// can't be drawn at all. Trouble is why it was not started when that was tried,
// in mrkdwn.
func Confirm(
	r view.Renderer, c Confirmation, p preview.Preview, by deployer.Actor, runs func() map[string]*deployer.Serving, trouble string,
) (slack.ModalViewRequest, error) {
	memo, err := json.Marshal(c)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write a form's memo: %w", err)
	}
	if utf8.RuneCount(memo) > memoMax {
		return slack.ModalViewRequest{}, ErrMemoTooLong
	}
	run := runs()
	var view slack.ModalViewRequest
	for _, most := range []int{mrkdwn.SectionMax, mrkdwn.SectionMax / 4} { // the acknowledgement that carries it takes 20,000 bytes
		view = slack.ModalViewRequest{
			Type: slack.VTModal, CallbackID: CallbackConfirm, PrivateMetadata: string(memo),
			Title: mrkdwn.PlainText("Start this?"), Submit: mrkdwn.PlainText("Start"), Close: mrkdwn.PlainText("Back"),
			Blocks: slack.Blocks{BlockSet: confirmBlocks(r, c, p, by, run, trouble, most)},
		}
		if frame, err := json.Marshal(view); err == nil && len(frame) < mrkdwn.AckMax-500 {
			return view, nil
		}
	}
	return view, ErrMemoTooLong
}

// confirmBlocks says what would happen, each part in so many units.
func confirmBlocks(r view.Renderer, c Confirmation, p preview.Preview, by deployer.Actor, run map[string]*deployer.Serving, trouble string, most int) []slack.Block {
	s := p.Start
	blocks := mrkdwn.Sections([]string{mrkdwn.Cut(trouble, most)})
	blocks = append(blocks, mrkdwn.Sections([]string{heading(r, c.State, s.Releases, run)})...)
	if about := asAnswered(s); about != "" {
		blocks = append(blocks, slack.NewContextBlock("", mrkdwn.PlainText(mrkdwn.Plain(about, most))))
	}
	if len(s.Procedure.Steps) == 0 {
		return blocks
	}
	blocks = append(blocks, mrkdwn.Sections([]string{approval(r, p, by)})...)
	blocks = append(blocks, mrkdwn.Sections([]string{mrkdwn.Cut(strings.Join(inTheWay(r, p), "\n"), most)})...)
	text := "*What will happen*" + usualSpan(s)
	steps := plan(r, p, by)
	for i, line := range steps {
		if mrkdwn.Units(text)+mrkdwn.Units(line) > most-40 || i == planStepsMax && len(steps) > planStepsMax+1 {
			text += "\nand " + deployer.Count(len(steps)-i, "step") + " more"
			break
		}
		text += "\n" + line
	}
	return append(blocks, mrkdwn.Sections([]string{text})...)
}

// heading says what is deployed where, and from what to what.
func heading(r view.Renderer, s State, releases []deployer.Release, run map[string]*deployer.Serving) string {
	where := " · " + mrkdwn.Escape(s.Retailer, mrkdwn.NameMax) + " " + mrkdwn.Escape(s.Env, mrkdwn.NameMax)
	switch {
	case s.Procedure != "":
		return "*" + mrkdwn.Escape(cmp.Or(r.Procedures[s.Procedure].Title, s.Procedure), mrkdwn.TitleMax) + "*" + where
	case len(releases) < 2:
		return "*" + mrkdwn.Escape(s.Service, mrkdwn.NameMax) + "*" + where + "\n" + becomes(s.Tag, run[s.Service])
	}
	lines := []string{"*" + deployer.Count(len(releases), "service") + "*" + where}
	for _, w := range releases {
		lines = append(lines, "*"+mrkdwn.Escape(w.Service, mrkdwn.NameMax)+"* · "+becomes(w.Tag, run[w.Service]))
	}
	return mrkdwn.Cut(strings.Join(lines, "\n"), mrkdwn.SectionMax)
}

// becomes is from what a service goes to what.
func becomes(tag string, run *deployer.Serving) string {
	switch {
	case run == nil:
		return "to " + mrkdwn.Code(tag, mrkdwn.NameMax) + " – from what is not known: its system does not answer now."
	case run.State.Version == tag && run.Note == "" && run.Ready == run.Total:
		return mrkdwn.Code(tag, mrkdwn.NameMax) + "\n⚠ That version runs already. If it is the same image, nothing will be done."
	case len(run.Pods) > 1 || len(run.Pods) == 1 && run.Pods[0].Version != run.State.Version:
		return view.Runs(*run) + " → " + mrkdwn.Code(tag, mrkdwn.NameMax)
	}
	return mrkdwn.Code(view.Version(run.State), mrkdwn.NameMax) + " → " + mrkdwn.Code(tag, mrkdwn.NameMax)
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
