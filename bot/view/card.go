package view

import (
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// A card is the live message of a deployment: what is deployed, what is being
// waited for, and the buttons that make sense now. It is a function of the
// state, of the progress in memory, and of what the renderer knows.
type card struct {
	Renderer
	d        deployer.Deployment
	progress map[string]deployer.Progress
	now      time.Time
	current  []deployer.StepState // what Current says of d; nil: it is asked
	lane     []deployer.StepState // likewise of path
	cardBudget
}

// cardBudget is how much of everything stands on a card. What does not fit is
// counted.
type cardBudget struct {
	services  int // lines
	questions int // steps that wait for people, with their buttons
	items     int // of one checklist
	skips     int // steps that were skipped
	tasks     int // steps of the way, in their list
	text      int // units of a person's or a system's words
	links     int // units of links in one line
}

// cardBudgets are tried from the widest on; the last one always fits.
var cardBudgets = []cardBudget{
	{services: 20, questions: 15, items: 20, skips: 8, tasks: 30, text: 300, links: 1000},
	{services: 12, questions: 10, items: 8, skips: 4, tasks: 14, text: 150},
	{services: 6, questions: 5, items: 4, skips: 2, tasks: 8, text: 80},
}

// The signals: what a card shows before the first word is read.
const (
	signalWork  = "🔵 " // nobody has to do anything
	signalWait  = "🟡 " // somebody is waited for
	signalWrong = "🔴 " // it failed, and somebody has to decide
	signalGood  = "🟢 " // complete
	signalEnded = "⚪ " // ended in another way
)

// Card draws the card as it is at a time. The text is what notifications
// and old clients show.
func Card(d deployer.Deployment, progress map[string]deployer.Progress, r Renderer, now time.Time) (string, []slack.Block) {
	var c card
	var blocks []slack.Block
	current := append([]deployer.StepState{}, d.Current()...)
	lane := append([]deployer.StepState{}, card{d: d}.path()...)
	for _, budget := range cardBudgets {
		c = card{Renderer: r, d: d, progress: progress, now: now, current: current, lane: lane, cardBudget: budget}
		if blocks = c.blocks(); len(blocks) <= mrkdwn.BlocksMax && mrkdwn.TextUnits(blocks) <= mrkdwn.AllTextMax {
			break
		}
	}
	return c.summary(), blocks
}

// blocks are the card from top to bottom.
func (c card) blocks() []slack.Block {
	out := cardHead{c}.blocks()
	if len(c.d.Targets) > 1 {
		lines := serviceLines{c}
		out = append(out, lines.list(lines.services())...)
	}
	out = append(out, mrkdwn.Sections([]string{c.signal(c.state())})...)
	out = append(out, mrkdwn.Sections([]string{cardWork{c}.meanwhile()})...)
	if c.d.Status == deployer.Deciding || c.d.Status == deployer.Running {
		out = append(out, cardFailure{c}.hint()...)
	}
	if _, back := readout.TakenBack(c.d); back || len(c.d.Options()) > 0 || c.d.Status.Ended() && len(deployer.ReviewsOwed(c.d)) > 0 {
		out = append(out, cardQuestion{c}.questions()...)
	}
	return append(out, cardFooter{c}.blocks()...)
}

// currentSteps are the steps that somebody waits for, or that go on beside them.
func (c card) currentSteps() []deployer.StepState {
	if c.current != nil {
		return c.current
	}
	return c.d.Current()
}

// signal puts the deployment's signal before the words about its state.
func (c card) signal(words string) string {
	if words == "" {
		return ""
	}
	switch c.d.Status {
	case deployer.Complete:
		if short, _ := deployer.ShortOf(c.d); short != deployer.ShortOfNothing || c.d.Why != "" {
			return signalEnded + words // of one in a list, its reason says so
		}
		return signalGood + words
	case deployer.RolledBack, deployer.Stopped, deployer.Refused:
		return signalEnded + words
	case deployer.Deciding:
		return signalWrong + words
	case deployer.Halting:
		if len(c.d.Options()) > 0 {
			return signalWrong + words
		}
	}
	if deployer.TakenOver(c.d) {
		return signalWait + words
	}
	return signalWork + words
}
