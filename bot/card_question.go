package bot

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// questions are what people are asked, with their buttons. A single
// question shares its row with the decisions.
func (c card) questions() []slack.Block {
	asked, rest := c.active(true), 0
	if len(asked) > c.cardBudget.questions {
		asked, rest = asked[:c.cardBudget.questions], len(asked)-c.cardBudget.questions
	}
	var out []slack.Block
	options := c.options()
	for _, s := range asked {
		out = append(out, sections([]string{signalWait + c.question(s)})...)
		answers := c.answers(s)
		if len(asked) == 1 {
			options = append(answers, options...)
		} else if len(answers) > 0 {
			out = append(out, c.actions(s.ID, answers))
		}
	}
	if rest > 0 {
		out = append(out, sections([]string{count(rest, "more question") + " after these."})...)
	}
	if len(options) > 0 {
		out = append(out, c.actions("options", options))
	}
	return out
}

// question says what is asked, of whom, since when.
func (c card) question(s deployer.StepState) string {
	lines := []string{"*" + c.asks(s) + "*", c.otherwise(s)}
	if s.Uses == deployer.KindApprove {
		if given := approvals(s, c.names); len(given) > 0 {
			lines = append(lines, fmt.Sprintf("%d of %d so far: %s", len(given), max(s.Count, 1), join(given, "and", 4)))
		}
		if s.Why != "" {
			lines = append(lines, "Asked again: "+shorten(s.Why, c.text))
		}
	}
	if s.Expect != "" {
		lines = append(lines, "Expected: "+escape(s.Expect, c.text))
	}
	lines = append(lines, c.checklist(s.Items)...)
	if s.ForClients() {
		lines = append(lines, c.reviewing(s))
	}
	return strings.Join(lines, "\n")
}

// otherwise says since when nobody has answered, and what happens if it stays
// so. Nothing more is promised.
func (c card) otherwise(s deployer.StepState) string {
	out := []string{ago("Asked", s.Began)}
	switch r := c.d.Reminder(s); {
	case !r.IsZero():
		out = append(out, "reminder "+c.timely(r))
	case s.Reminded > 0:
		out = append(out, "last reminder "+c.timely(s.Began.Add(s.Remind[s.Reminded-1])))
	}
	if s.Timeout > 0 && !s.Expired {
		out = append(out, "it fails "+c.timely(s.Began.Add(s.Timeout))+" without an answer")
	}
	return strings.Join(out, " · ")
}

// asks says who is waited for, and for what.
func (c card) asks(s deployer.StepState) string {
	switch {
	case s.Uses == deployer.KindApprove:
		return "Waiting for " + join(c.approvers(s), "or", 4) + " to approve"
	case s.Role != "":
		return "Waiting for " + join(holders(c.names, s.Role, ""), "or", 4) + ": " + escape(s.Title, titleMax)
	}
	return "Waiting for " + name(c.names, c.d.Requester) + ": " + escape(s.Title, titleMax)
}

// approvers are those who may still approve: not the requester, and nobody
// twice.
func (c card) approvers(s deployer.StepState) []string {
	given := approvals(s, c.names)
	who := slices.DeleteFunc(holders(c.names, s.Role, name(c.names, c.d.Requester)), func(w string) bool {
		return slices.Contains(given, w)
	})
	if len(who) == 0 {
		return []string{"somebody else of " + escape(s.Role, nameMax)}
	}
	return who
}

func approvals(s deployer.StepState, n names) []string {
	var out []string
	for _, a := range s.Approvals {
		out = append(out, name(n, a.By))
	}
	return out
}

// checklist shows what is confirmed together.
func (c card) checklist(items []deployer.Item) []string {
	var out []string
	for i, it := range items {
		if i == c.items {
			return append(out, fmt.Sprintf("• and %d more", len(items)-i))
		}
		out = append(out, "• "+linkTo(it.Link, escape(it.Title, titleMax)))
	}
	return out
}

// linkTo links a label that is escaped already, if the address is one that
// a browser opens.
func linkTo(address, label string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(address) > 500 {
		return label
	}
	return "<" + strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C", " ", "%20", "&", "&amp;").Replace(u.String()) +
		"|" + strings.ReplaceAll(label, "|", "¦") + ">"
}
