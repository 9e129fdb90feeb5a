package mrkdwn

import (
	"strings"

	"github.com/slack-go/slack"
)

// Sections packs paragraphs into as few section blocks as hold them.
func Sections(paragraphs []string) []slack.Block {
	var out []slack.Block
	text := ""
	flush := func() {
		if text != "" {
			out = append(out, Section(text))
		}
		text = ""
	}
	for _, p := range pieces(paragraphs) {
		if Units(text)+Units(p)+1 > SectionMax {
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
		if Units(p) > SectionMax {
			lines = strings.Split(p, "\n")
		}
		for _, line := range lines {
			if line != "" {
				out = append(out, Cut(line, SectionMax))
			}
		}
	}
	return out
}

// TextUnits counts the units in all texts of the blocks.
func TextUnits(blocks []slack.Block) int {
	n := 0
	for _, b := range blocks {
		switch b := b.(type) {
		case *slack.SectionBlock:
			n += Units(b.Text.Text)
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				if t, ok := e.(*slack.TextBlockObject); ok {
					n += Units(t.Text)
				}
			}
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				if e, ok := e.(*slack.ButtonBlockElement); ok {
					n += Units(e.Text.Text) + Units(e.Value)
				}
			}
		case *slack.PlanBlock:
			n += planUnits(b)
		}
	}
	return n
}

// planUnits counts the units in a plan. Details are seen to count twice.
func planUnits(p *slack.PlanBlock) int {
	n := Units(p.Title)
	for _, t := range p.Tasks {
		n += Units(t.Title)
		if t.Details == nil {
			continue
		}
		for _, e := range t.Details.Elements {
			if s, ok := e.(*slack.RichTextSection); ok {
				for _, e := range s.Elements {
					if w, ok := e.(*slack.RichTextSectionTextElement); ok {
						n += 2 * Units(w.Text)
					}
				}
			}
		}
	}
	return n
}

// Text is a text object. Verbatim: nothing in it becomes a link or a mention
// that is not written as one.
func Text(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

// PlainText is a text object in which nothing has a meaning, not even emoji.
func PlainText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// Section is a paragraph of mrkdwn that is shown whole: what a tired person
// needs does not hide behind "See more".
func Section(text string) *slack.SectionBlock {
	return slack.NewSectionBlock(Text(text), nil, nil, slack.SectionBlockOptionExpand(true))
}
