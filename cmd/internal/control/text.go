package control

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Text writes what a process says for a terminal of 80 columns. Whatever people and
// systems have written in it moves no cursor and hides nothing.
type Text struct {
	Now   time.Time
	Zone  *time.Location // of the times; nil: UTC
	Where []string       // what a command needs besides, such as --config FILE
}

// width is how many columns a line has at most. Commands may be longer where a word is.
const width = 80

// Listing is what is under way.
func (t Text) Listing(l Listing) string {
	var b page
	for _, d := range l.Deployments {
		t.summary(&b, d)
		b.gap()
	}
	for _, id := range l.Unreadable {
		b.line(0, id+" can't be read by this program; the log says why.")
	}
	switch n := len(l.Deployments); {
	case n == 0 && len(l.Unreadable) == 0:
		b.line(0, "Nothing is under way.")
	case n > 0:
		b.line(0, "One with all that can be answered:")
		b.command(2, append([]string{"stationmaster", "status", l.Deployments[0].ID}, t.Where...))
	}
	t.here(&b, l.Here)
	return b.String()
}

// summary is a deployment in a few lines.
func (t Text) summary(b *page, d Summary) {
	b.line(0, deployer.MarkDrill(d.Drill, d.ID)+" · "+t.place(d)+" · "+t.services(d)+" · "+d.State)
	for _, w := range d.Waits {
		b.line(2, t.wait(w))
	}
	if len(d.Waits) == 0 {
		b.line(2, "asked for by "+d.AskedBy+", "+t.since(d.Since))
	}
}

func (t Text) place(d Summary) string { return strings.TrimSpace(d.Retailer + " " + d.Environment) }

// servicesMax bounds how many services a line names.
const servicesMax = 12

// services are what becomes of them.
func (t Text) services(d Summary) string {
	if len(d.Services) == 0 {
		return d.Title
	}
	var out []string
	for _, c := range d.Services[:min(len(d.Services), servicesMax)] {
		switch {
		case c.From == "":
			out = append(out, c.Service+" "+c.To)
		default:
			out = append(out, c.Service+" "+c.From+" → "+cmp.Or(c.To, "?"))
		}
	}
	if more := len(d.Services) - servicesMax; more > 0 {
		out = append(out, fmt.Sprint("and ", more, " more"))
	}
	return strings.Join(out, ", ")
}

// wait is what is waited for, whom for, and since when.
func (t Text) wait(w Wait) string {
	out := w.What
	if len(w.Who) > 0 {
		out = "waits for " + strings.Join(w.Who, " or ") + ": " + w.What
	}
	if !w.Since.IsZero() {
		out += ", since " + t.since(w.Since)
	}
	return out
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// since is a time, and how long ago that is.
func (t Text) since(at time.Time) string {
	ago := t.Now.Sub(at)
	span := deployer.Span(ago.Truncate(time.Minute))
	if ago < time.Minute {
		span = "a moment"
	}
	return t.at(at) + " (" + span + " ago)"
}

func (t Text) at(at time.Time) string {
	zone := t.Zone
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format("2 Jan 15:04 MST")
}

// Detail is all of one deployment.
func (t Text) Detail(d Detail) string {
	var b page
	b.line(0, deployer.MarkDrill(d.Drill, d.ID)+" · "+d.Title+" · "+t.place(d.Summary))
	if len(d.Services) > 0 {
		b.line(0, t.services(d.Summary))
	}
	b.line(0, "Asked for by "+d.AskedBy+", "+t.since(d.Since))
	if d.Reason != "" {
		b.line(0, "Reason: "+d.Reason)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Inputs)) {
		if d.Inputs[name] != "" {
			b.line(0, name+": "+d.Inputs[name])
		}
	}
	state := "State: " + d.State
	if d.Why != "" {
		state += ": " + d.Why
	}
	b.line(0, state)
	for _, w := range d.Waits {
		b.line(0, capital(deployer.Sentence(t.wait(w))))
	}
	b.gap()
	t.steps(&b, d.Steps)
	b.gap()
	t.choices(&b, d)
	t.here(&b, d.Here)
	return b.String()
}

// steps are what is done and what is to come.
func (t Text) steps(b *page, all []Step) {
	for _, s := range all {
		words := s.Title
		if s.Why != "" {
			words += ": " + s.Why
		}
		b.hang(fmt.Sprintf("  %-10s  ", printable(s.State)), 14, words)
		for _, item := range s.List {
			b.line(14, "- "+item)
		}
	}
}

// choices are what can be answered, each with its command.
func (t Text) choices(b *page, d Detail) {
	if len(d.Choices) == 0 {
		b.line(0, "Nothing waits for an answer.")
		return
	}
	b.line(0, "What can be answered, by whoever may:")
	for _, c := range d.Choices {
		if c.Means != "" {
			b.line(2, capital(c.Choice)+": "+c.Means)
		}
		b.command(2, t.command(d.ID, c))
	}
}

// command is how a choice is typed.
func (t Text) command(id string, c Choice) []string {
	out := []string{"stationmaster", "act", id, c.Choice}
	if c.Step != "" {
		out = append(out, "--step "+Quote(c.Step))
	}
	if c.Item != "" {
		out = append(out, "--item "+Quote(c.Item))
	}
	if len(c.Services) > 0 {
		out = append(out, "--services "+Quote(strings.Join(c.Services, ",")))
	}
	if c.Reason {
		out = append(out, "--reason 'WHY'")
	}
	for _, f := range c.Fields {
		value := cmp.Or(f.Value, strings.Join(f.Options, "|"), "VALUE")
		switch {
		case c.Choice == words[deployer.ChoicePatch]:
			out = append(out, "--tag "+Quote(f.Name+"="+value))
		case f.Required:
			out = append(out, "--field "+Quote(f.Name+"="+value))
		}
	}
	return append(append(out, "--seen "+c.Seen), t.Where...)
}

// Done says what came of an answer.
func (t Text) Done(d Done) string {
	var b page
	words := "Done: " + d.Did.Choice
	if d.Did.What != "" {
		words += " “" + d.Did.What + "”"
	}
	if d.Did.Item != "" {
		words += " for " + d.Did.Item
	}
	if len(d.Did.Services) > 0 {
		words += " for " + strings.Join(d.Did.Services, ", ")
	}
	b.line(0, words+", as "+d.Deployment.Here.Person+".")
	t.summary(&b, d.Deployment.Summary)
	t.here(&b, d.Deployment.Here)
	return b.String()
}

// here says how well is known who asks, and that Slack is away.
func (t Text) here(b *page, h Here) {
	if h.SlackAway.IsZero() && h.KnownAt.IsZero() {
		return
	}
	b.gap()
	if !h.SlackAway.IsZero() {
		b.line(0, "Slack has been out of reach since "+t.since(h.SlackAway)+". What is under way goes on, nothing new begins, and all is told there when it is back.")
	}
	if !h.KnownAt.IsZero() {
		b.line(0, "Slack can't say now who you are: what it said of "+h.Person+" "+t.at(h.KnownAt)+" counts ("+deployer.Span(t.Now.Sub(h.KnownAt).Truncate(time.Minute))+" ago).")
	}
}

// Refused is a no.
func (t Text) Refused(r *Refused) string {
	var b page
	b.line(0, r.Why)
	for _, say := range r.Instead {
		b.line(0, say)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// A page is text of lines that are no wider than the terminal.
type page struct{ strings.Builder }

// gap leaves one line free, if there is anything before it.
func (b *page) gap() {
	if b.Len() > 0 && !strings.HasSuffix(b.String(), "\n\n") {
		b.WriteByte('\n')
	}
}

func (b *page) line(indent int, text string) { b.hang(strings.Repeat(" ", indent), indent+2, text) }

// hang writes a text behind a head; what does not fit goes on from a column.
func (b *page) hang(head string, column int, text string) {
	b.wrap(head, column, strings.FieldsFunc(printable(text), func(r rune) bool { return r == ' ' }), "")
}

// command writes a command whose lines can be copied as one.
func (b *page) command(indent int, parts []string) {
	clean := make([]string, len(parts))
	for i, p := range parts {
		clean[i] = printable(p)
	}
	b.wrap(strings.Repeat(" ", indent), indent+2, clean, ` \`)
}

// wrap writes words in lines; more ends each that goes on.
func (b *page) wrap(head string, column int, words []string, more string) {
	used := utf8.RuneCountInString(head)
	b.WriteString(head)
	for i, w := range words {
		n := utf8.RuneCountInString(w)
		switch {
		case i == 0:
			used += n
		case used+1+n+len(more) > width:
			b.WriteString(more + "\n" + strings.Repeat(" ", column))
			used = column + n
		default:
			b.WriteByte(' ')
			used += 1 + n
		}
		b.WriteString(w)
	}
	b.WriteByte('\n')
}

// printable is a text in one line without what moves the cursor or turns the order of
// letters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, text)
}

// plain are words that a shell takes as they are.
func plain(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-/=:,@%+", r)
}

// Quote is a word as a shell takes it, for the commands of a Text.
func Quote(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// clip cuts a word that somebody has typed.
func clip(word string) string {
	const most = 60
	if runes := []rune(word); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return word
}

// oldestFirst sorts deployments.
func oldestFirst(all []Summary) {
	slices.SortStableFunc(all, func(a, b Summary) int { return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID)) })
}
