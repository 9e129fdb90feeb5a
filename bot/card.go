package bot

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// A card is the live message of a deployment: what is deployed, what is being
// waited for, and the buttons that make sense now. It is a function of the
// state, of the progress in memory, and of what people are called.
type card struct {
	d        deployer.Deployment
	progress map[string]deployer.Progress
	names    names
	now      time.Time
	room
}

// room is how much of everything stands on a card. What does not fit is
// counted.
type room struct {
	services  int // lines
	questions int // steps that wait for people, with their buttons
	items     int // of one checklist
	text      int // units of a person's or a system's words
}

// rooms are tried from the widest on; the last one always fits.
var rooms = []room{
	{services: 20, questions: 15, items: 20, text: 300},
	{services: 12, questions: 10, items: 8, text: 150},
	{services: 6, questions: 5, items: 4, text: 80},
}

// inputsMost is how many inputs stand on a card.
const inputsMost = 8

// Slack's limits on a message: blocks, units in one text, and units in all
// texts together (13,200 was observed).
const (
	mostBlocks = 50
	mostText   = 3000
	mostWords  = 12_000
)

// renderCard draws the card as it is at a time. The text is what notifications
// and old clients show.
func renderCard(d deployer.Deployment, progress map[string]deployer.Progress, n names, now time.Time) (string, []slack.Block) {
	var c card
	var blocks []slack.Block
	for _, r := range rooms {
		c = card{d: d, progress: progress, names: n, now: now, room: r}
		if blocks = c.blocks(); len(blocks) <= mostBlocks && words(blocks) <= mostWords {
			break
		}
	}
	return c.summary(), blocks
}

// blocks are the card from top to bottom.
func (c card) blocks() []slack.Block {
	out := c.head()
	if len(c.d.Targets) > 1 {
		out = append(out, sections(c.services())...)
	}
	out = append(out, sections([]string{c.signal(c.state())})...)
	if c.d.Status == deployer.Deciding {
		out = append(out, c.hint()...)
	}
	if c.d.Status != deployer.Halting && !c.d.Status.Ended() {
		out = append(out, c.questions()...)
	}
	return append(out, c.foot()...)
}

// head says what is deployed where, by whom and why.
func (c card) head() []slack.Block {
	lines := []string{c.title()}
	for _, line := range []string{c.change(), c.unproved()} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	out := sections([]string{strings.Join(lines, "\n")})
	about := []slack.MixedElement{plainText(c.who())}
	if inputs := c.inputs(); inputs != "" {
		about = append(about, plainText(inputs))
	}
	return append(out, slack.NewContextBlock("", about...))
}

func (c card) title() string {
	what := count(len(c.d.Wants), "service")
	if len(c.d.Wants) == 1 {
		what = esc(c.d.Wants[0].Service, nameMost)
	}
	return fmt.Sprintf("*%s* · %s %s", what, esc(c.d.Retailer, nameMost), esc(c.d.Environment, nameMost))
}

// change is from what to what, for one service; several have their own lines
// as soon as they are resolved.
func (c card) change() string {
	switch {
	case len(c.d.Targets) > 1:
		return ""
	case len(c.d.Targets) == 1:
		return fromTo(c.d.Targets[0])
	case len(c.d.Wants) == 1:
		return goal(c.d.Wants[0])
	}
	return join(changes(c.d), "and", c.room.services)
}

func fromTo(t deployer.Target) string {
	return code(version(t.Before), nameMost) + " → " + code(version(t.After), nameMost)
}

// version is what a person calls a state.
func version(s deployer.State) string {
	if s.Version != "" {
		return s.Version
	}
	return s.Image
}

// unproved warns of services whose image nothing proves: a tag can be moved, a
// digest can not.
func (c card) unproved() string {
	var tags []string
	for _, t := range c.d.Targets {
		if !t.After.Proved() && !t.Live {
			tags = append(tags, esc(t.Service, nameMost))
		}
	}
	switch {
	case len(tags) == 0:
		return ""
	case len(c.d.Targets) == 1:
		return "⚠ By tag: nothing proves which image it is."
	}
	return "⚠ " + join(tags, "and", 3) + " by tag: nothing proves which image that is."
}

// who asked for it, and why.
func (c card) who() string {
	who := c.names.Person(c.d.Requester)
	if who == "" {
		who = c.d.Requester.Name
	}
	asked := "Asked by " + plain(who, nameMost)
	if c.d.Reason == "" {
		return asked
	}
	return asked + ": " + plain(c.d.Reason, c.text)
}

// inputs are what was answered when it was started.
func (c card) inputs() string {
	var out []string
	for _, in := range c.d.Procedure.Inputs {
		if v := c.d.Inputs[in.ID]; v != "" && len(out) < inputsMost {
			label := in.Label
			if label == "" {
				label = in.ID
			}
			out = append(out, plain(label, nameMost)+": "+plain(v, nameMost))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, " · ")
}

// sections packs paragraphs into as few section blocks as hold them.
func sections(paragraphs []string) []slack.Block {
	var out []slack.Block
	text := ""
	flush := func() {
		if text != "" {
			out = append(out, slack.NewSectionBlock(mrkdwn(text), nil, nil))
		}
		text = ""
	}
	for _, p := range pieces(paragraphs) {
		if units(text)+units(p)+1 > mostText {
			flush()
		}
		if text != "" {
			text += "\n"
		}
		text += p
	}
	flush()
	return out
}

// pieces drops empty paragraphs and breaks those that no block can hold.
func pieces(paragraphs []string) []string {
	var out []string
	for _, p := range paragraphs {
		lines := []string{p}
		if units(p) > mostText {
			lines = strings.Split(p, "\n")
		}
		for _, line := range lines {
			if line != "" {
				out = append(out, cut(line, mostText))
			}
		}
	}
	return out
}

// words counts the units in all texts of the blocks.
func words(blocks []slack.Block) int {
	n := 0
	for _, b := range blocks {
		switch b := b.(type) {
		case *slack.SectionBlock:
			n += units(b.Text.Text)
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				if t, ok := e.(*slack.TextBlockObject); ok {
					n += units(t.Text)
				}
			}
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				if e, ok := e.(*slack.ButtonBlockElement); ok {
					n += units(e.Text.Text) + units(e.Value)
				}
			}
		}
	}
	return n
}
