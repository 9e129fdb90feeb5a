package preview

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Speaker puts a preview into words, the same wherever it is shown. What it is given
// says what differs from one place to another, each ready to be shown there.
type Speaker struct {
	Text    func(words string, s Step) string         // words of the procedure, with the values that are known
	Name    func(string) string                       // a name, or several
	Code    func(string) string                       // a condition
	Strong  func(string) string                       // who is asked, to be seen at once
	Holders func(role string, approves bool) []string // who has a role and may answer; none: nobody knows
	Channel func(name string) string                  // one that the procedure calls so
	Moment  func(time.Time) string                    // in the zone that counts
	Span    func(time.Duration) string                // how long
	Message func(s Step) string                       // what is posted; nil: it is left out
}

// A Section is what would be done, and where.
type Section struct {
	Title string // of a phase; "": it has none
	Lines []string
}

// AfterTitle is the title of what is done once all is over.
const AfterTitle = "After the end"

// Phases are the steps by their phases, in a line each.
func (w Speaker) Phases(p Preview) []Section {
	var out []Section
	for _, ph := range p.Phases {
		out = append(out, w.section(p, ph.Title, ph.Steps))
	}
	return out
}

// Sections are all that comes if nothing fails: the phases, and what is after the end.
func (w Speaker) Sections(p Preview) []Section {
	out := w.Phases(p)
	if len(p.After) > 0 {
		out = append(out, w.section(p, AfterTitle, p.After))
	}
	return out
}

func (w Speaker) section(p Preview, title string, steps []Step) Section {
	out := Section{Title: title}
	for _, s := range steps {
		out.Lines = append(out.Lines, w.line(p, s))
	}
	return out
}

// Otherwise says what is there for a failure, none of which would be done as it is; ""
// where there is nothing.
func Otherwise(p Preview) string {
	var there []string
	if n := len(p.Failure); n > 0 {
		there = append(there, deployer.Count(n, "step")+" at once")
	}
	if n := len(p.Rollback); n > 0 {
		there = append(there, "a rollback of "+deployer.Count(n, "step"))
	}
	if len(there) == 0 {
		return ""
	}
	is := "is"
	if len(p.Failure) > 1 {
		is = "are"
	}
	return "If a step fails, there " + is + " " + strings.Join(there, ", and ")
}

// line is one step: what it would do, or that it is not needed.
func (w Speaker) line(p Preview, s Step) string {
	title := w.Text(s.Title, s)
	if s.Needed == Not {
		return strings.TrimSuffix("– "+title+" – not needed: "+w.Text(s.Why, s), ": ")
	}
	line := signs[s.Does] + " " + title
	if would := w.would(p, s); would != "" {
		line += " – " + would
	}
	if len(s.Members) > 0 {
		line += ", for each of " + w.Name(listed(s.Members, "and", membersMax))
	}
	switch {
	case s.Every > 0:
		line += ", every " + w.Span(s.Every) + " for " + w.Span(s.Lasts)
	case s.In > 0:
		line += ", " + w.Span(s.In) + " after the end"
	}
	if s.Needed == Depends {
		line += ", if " + w.Code(s.Why)
	}
	if s.Does == Posts && w.Message != nil && len(s.To) > 0 {
		if words := w.Message(s); words != "" {
			line += ": " + words
		}
	}
	return line
}

var signs = map[Does]string{Asks: "✓", Posts: "✉", Looks: "✓", Acts: "⚡", Waits: "…", Checks: "✓"}

const membersMax = 4

// would is what a step would do; "": its title says that.
func (w Speaker) would(p Preview, s Step) string {
	switch s.Does {
	case Asks:
		return "would ask " + w.Strong(w.Asked(s))
	case Posts:
		return w.posts(p, s)
	case Looks:
		return "would look" + w.urls(s)
	case Checks:
		return "has to hold"
	case Waits:
		switch {
		case !s.Until.IsZero():
			return "would wait until " + w.Moment(s.Until)
		case s.For() > 0:
			return "would wait " + w.Span(s.For())
		}
		return "would wait"
	}
	return ""
}

// urls is where a step looks, if that has addresses.
func (w Speaker) urls(s Step) string {
	if len(s.URLs) == 0 {
		return ""
	}
	codes := make([]string, len(s.URLs))
	for i, url := range s.URLs {
		codes[i] = w.Code(url)
	}
	return " at " + listed(codes, "and", membersMax)
}

// Asked is who would be asked by a step, by their roles.
func (w Speaker) Asked(s Step) string {
	switch {
	case len(s.Roles) == 0 && s.Hand:
		return "you, by hand"
	case len(s.Roles) == 0:
		return "you"
	}
	var out []string
	for _, role := range s.Roles {
		words := "somebody of " + role
		if who := w.Holders(role, s.Approves()); len(who) > 0 {
			words = listed(who, "or", holdersMax) + " (" + role + ")"
		}
		if n := max(s.With["roles"].Counts[role], s.Count()); n > 1 {
			words = fmt.Sprintf("%d of %s", n, strings.TrimPrefix(words, "somebody of "))
		}
		out = append(out, words)
	}
	return w.Name(listed(out, "and", holdersMax))
}

const holdersMax = 5

// posts is where a message would go.
func (w Speaker) posts(p Preview, s Step) string {
	if len(s.To)+len(s.Lacks) == 0 {
		return "would post to no channel"
	}
	if len(s.To) == 0 {
		return "would go nowhere: there is no channel " + w.Name(listed(s.Lacks, "or", membersMax))
	}
	var to []string
	for _, name := range s.To {
		to = append(to, w.Channel(name))
	}
	words := "would post to " + strings.Join(to, ", ")
	if s.Step.Planned() && slices.ContainsFunc(p.Start.Procedure.Steps, deployer.Step.Approves) {
		words += ", once it is approved; at once, if you hold a role"
	}
	if len(s.Lacks) > 0 {
		words += ", not to " + w.Name(listed(s.Lacks, "or", membersMax)) + ", which is not there"
	}
	return words
}

// listed are words in a row, so many at most.
func listed(words []string, last string, most int) string {
	if extra := len(words) - most; extra > 0 {
		words = append(slices.Clone(words[:most]), fmt.Sprintf("%d more", extra))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}
