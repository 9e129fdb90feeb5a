package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/placeholder"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

// cardStep is how a step reads: what is done, how, and how one sees that it went well.
type cardStep struct{ card }

// read is a text of a step that people read: with its values where the step has begun
// and it holds any, else as it is written.
func read(s deployer.StepState, name, written string) string {
	return cmp.Or(s.Seen.Texts[name], written)
}

// StepTitle is a step's title, escaped. Of one that has not begun, what is not known is left
// out.
func StepTitle(s deployer.StepState) string {
	return titled(read(s, deployer.TextTitle, s.Title))
}

// titled is what a step is called, escaped.
func titled(words string) string { return mrkdwn.Escape(bare(words), mrkdwn.TitleMax) }

// bare are words in which what is not known yet is left out.
func bare(words string) string {
	if !strings.Contains(words, "{") {
		return words
	}
	return placeholder.Fill(words, func(string, bool) (string, bool) { return "…", true })
}

// titleOf is the title of a step that may not have begun: what is known already stands in
// it.
func (c card) titleOf(s deployer.StepState) string {
	words := read(s, deployer.TextTitle, s.Title)
	if s.Attempt == 0 && strings.Contains(words, "{") {
		values := preview.Values(c.Language, deployer.Moment{Deployment: &c.d, Now: c.now, Step: s.ID}, words)
		words = placeholder.Fill(words, placeholder.Known(values, c.Zone(c.d.Site.Name)))
	}
	return titled(words)
}

// expected is what one should see when a step goes well; "": it does not say.
func (c cardStep) expected(s deployer.StepState) string {
	expect := read(s, deployer.TextExpect, s.Expect)
	if expect == "" && s.Kind != nil && s.Hand {
		expect = s.Kind.Expect
	}
	if expect == "" {
		return ""
	}
	return "Expected: " + mrkdwn.Escape(expect, c.text)
}

// how is how a step is done, with what stands between back-ticks as code.
func (c cardStep) how(s deployer.StepState) string {
	how := read(s, deployer.TextHow, s.How)
	if deployer.Blank(how) {
		return ""
	}
	return "How: " + coded(how, 2*c.text)
}

// coded are words in which back-ticks mark code, escaped: so many units of each piece, and
// twice as many of all.
func coded(words string, most int) string {
	out := ""
	for i, piece := range strings.Split(words, "`") {
		if len(out) > 6*most { // a unit takes at most three bytes: it is cut in any case
			break
		}
		switch shown := mrkdwn.Escape(piece, most); {
		case deployer.Blank(piece) && i%2 == 1:
		case i%2 == 1:
			out += mrkdwn.Code(piece, most)
		default:
			out += spaceOf(piece, strings.TrimLeft(piece, " \n")) + shown + spaceOf(piece, strings.TrimRight(piece, " \n"))
		}
	}
	return mrkdwn.Cut(strings.TrimSpace(out), 2*most)
}

// spaceOf is the space that was between a piece and what stands beside it.
func spaceOf(piece, trimmed string) string {
	if len(piece) == len(trimmed) || trimmed == "" {
		return ""
	}
	return " "
}

// links are those of a step to read and to look at, as far as their addresses are known.
func (c cardStep) links(s deployer.StepState) string {
	var out []string
	for _, l := range s.Links {
		address := read(s, deployer.TextLink+l.Title, l.Link)
		shown := mrkdwn.Escape(cmp.Or(l.Title, mrkdwn.BareAddress(address)), mrkdwn.NameMax)
		if linked := mrkdwn.Link(address, shown); linked != shown && !strings.ContainsAny(address, "{}") {
			out = append(out, linked)
		}
	}
	if meeting := mrkdwn.Link(s.WithOf("")["link"].Text, "Join"); meeting != "Join" {
		out = append(out, meeting)
	}
	return mrkdwn.JoinWithin(out, max(c.cardBudget.links, c.text))
}

// instructions are what whoever does a step, or has to know how it is done, reads of it.
func (c cardStep) instructions(s deployer.StepState) []string {
	return compact(c.expected(s), c.how(s), c.links(s))
}

// compact are the texts that are not empty.
func compact(texts ...string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

// troubles are what is known of a failure like that of a step, in few lines.
func (c cardStep) troubles(s deployer.StepState) []string {
	var out []string
	for _, t := range slices.Concat(s.Troubles, c.d.Procedure.Troubles) {
		if t.Failure != "" && t.Failure != s.Fault {
			continue
		}
		words := []string{}
		if t.Symptom != "" {
			words = append(words, "*"+mrkdwn.Sentence(mrkdwn.Escape(t.Symptom, mrkdwn.TitleMax))+"*")
		}
		for _, part := range []struct{ head, text string }{
			{"Look: ", t.Diagnosis}, {"Perhaps: ", mrkdwn.Join(t.Causes, "or", 4)}, {"Mend: ", t.Fix},
		} {
			if part.text != "" {
				words = append(words, part.head+mrkdwn.Sentence(coded(part.text, c.text)))
			}
		}
		out = append(out, strings.Join(words, " "))
	}
	return c.some(out)
}

// wentOn says of such a step what is wrong with it.
func (c cardStep) wentOn(s deployer.StepState) string {
	return withReason("“"+StepTitle(s)+"” "+broken(s)+".", mrkdwn.Capital(mrkdwn.Sentence(mrkdwn.Shorten(s.Why, c.text))))
}

// deadline is when the time of a step is over; zero: never.
func deadline(s deployer.StepState) time.Time {
	by := s.Seen.Deadline
	if s.Timeout > 0 && !s.Began.IsZero() {
		if over := s.Began.Add(s.Timeout); by.IsZero() || over.Before(by) {
			by = over
		}
	}
	return by
}

// tryOf says which of several tries a step is in, where it is tried again by itself.
func tryOf(s deployer.StepState) string {
	if s.Retries.Times == 0 || s.Tries == 0 {
		return ""
	}
	return fmt.Sprintf("try %d of %d", s.Tries+1, s.Retries.Times+1)
}

// byHand is what helps whoever does by hand what a machine could not: how it is done,
// and where to look.
func (c cardStep) byHand(s deployer.StepState) []string {
	return compact(c.how(s), c.links(s))
}

// FilledIn are words with the values that are known, on one line. Times are those of a zone.
func FilledIn(words string, values map[string]string, zone *time.Location) string {
	return bare(placeholder.Fill(words, placeholder.Known(values, zone)))
}
