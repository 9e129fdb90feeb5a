package mrkdwn

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func textsOf(blocks []slack.Block) []string {
	var out []string
	for _, b := range blocks {
		out = append(out, b.(*slack.SectionBlock).Text.Text)
	}
	return out
}

func TestParagraphsArePackedIntoFewSections(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", SectionMax-10)
	for _, c := range []struct {
		name       string
		paragraphs []string
		want       []string
	}{
		{"none", []string{"", ""}, nil},
		{"what fits together", []string{"one", "", "two"}, []string{"one\ntwo"}},
		{"what does not", []string{long, "twelve chars"}, []string{long, "twelve chars"}},
		{"one that no section holds is broken at its lines", []string{long + "\n" + long}, []string{long, long}},
	} {
		got := textsOf(Sections(c.paragraphs))
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for _, text := range textsOf(Sections([]string{strings.Repeat("y", 2*SectionMax)})) {
		if Units(text) > SectionMax {
			t.Errorf("a section has %d units", Units(text))
		}
	}
}

func TestUnitsOfAllTextsAreCounted(t *testing.T) {
	t.Parallel()
	button := slack.NewButtonBlockElement("done", "value", PlainText("Done"))
	blocks := []slack.Block{Section("four"), slack.NewContextBlock("", Text("six🚂")), slack.NewActionBlock("row", button), slack.NewDividerBlock()}
	if got, want := TextUnits(blocks), 4+5+len("Done")+len("value"); got != want {
		t.Errorf("there are %d units, want %d", got, want)
	}
}

// A tired person does not look behind "See more", and what a value says never
// becomes a link by itself.
func TestSectionsAreShownWholeAndAsTheyAre(t *testing.T) {
	t.Parallel()
	s := Section("see web.example")
	if !s.Expand || !s.Text.Verbatim || s.Text.Type != slack.MarkdownType {
		t.Errorf("the section is %+v", s)
	}
	if p := PlainText(":smile:"); p.Emoji != nil && *p.Emoji {
		t.Errorf("the text is %+v", p)
	}
}
