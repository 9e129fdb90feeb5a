package bot

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// A card is the live message of a deployment: what is deployed, what is being
// waited for, and the buttons that make sense now. It is a function of the
// state, of the progress in memory, and of what the guide knows.
type card struct {
	guide
	d        deployer.Deployment
	progress map[string]deployer.Progress
	now      time.Time
	cardBudget
}

// cardBudget is how much of everything stands on a card. What does not fit is
// counted.
type cardBudget struct {
	services  int // lines
	questions int // steps that wait for people, with their buttons
	items     int // of one checklist
	waivers   int // steps that were skipped
	text      int // units of a person's or a system's words
	links     int // units of links in one line
}

// cardBudgets are tried from the widest on; the last one always fits.
var cardBudgets = []cardBudget{
	{services: 20, questions: 15, items: 20, waivers: 8, text: 300, links: 1000},
	{services: 12, questions: 10, items: 8, waivers: 4, text: 150},
	{services: 6, questions: 5, items: 4, waivers: 2, text: 80},
}

// Slack's limits on a message: blocks, units in one text, and units in all
// texts together (13,200 was observed).
const (
	blocksMax  = 50
	sectionMax = 3000
	allTextMax = 12_000
)

// drawCard draws the card as it is at a time. The text is what notifications
// and old clients show.
func drawCard(d deployer.Deployment, progress map[string]deployer.Progress, g guide, now time.Time) (string, []slack.Block) {
	var c card
	var blocks []slack.Block
	for _, r := range cardBudgets {
		c = card{guide: g, d: d, progress: progress, now: now, cardBudget: r}
		if blocks = c.blocks(); len(blocks) <= blocksMax && textUnits(blocks) <= allTextMax {
			break
		}
	}
	return c.summary(), blocks
}

// blocks are the card from top to bottom.
func (c card) blocks() []slack.Block {
	out := c.head()
	if len(c.d.Targets) > 1 {
		out = append(out, c.list(c.services())...)
	}
	out = append(out, sections([]string{c.signal(c.state())})...)
	if c.d.Status == deployer.Deciding || c.d.Status == deployer.Running {
		out = append(out, c.hint()...)
	}
	if c.d.Status != deployer.Halting && !c.d.Status.Ended() {
		out = append(out, c.questions()...)
	}
	return append(out, c.foot()...)
}

// sections packs paragraphs into as few section blocks as hold them.
func sections(paragraphs []string) []slack.Block {
	var out []slack.Block
	text := ""
	flush := func() {
		if text != "" {
			out = append(out, section(text))
		}
		text = ""
	}
	for _, p := range pieces(paragraphs) {
		if units(text)+units(p)+1 > sectionMax {
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
		if units(p) > sectionMax {
			lines = strings.Split(p, "\n")
		}
		for _, line := range lines {
			if line != "" {
				out = append(out, cut(line, sectionMax))
			}
		}
	}
	return out
}

// textUnits counts the units in all texts of the blocks.
func textUnits(blocks []slack.Block) int {
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
