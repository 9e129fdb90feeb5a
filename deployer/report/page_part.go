package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// timeline has what happened, but for what is about the bot's own work alone.
func (p *printer) timeline() {
	p.line("\n## Timeline\n")
	columns := []string{place(p.place), "UTC", "What happened"}
	if p.inUTC() {
		columns = columns[1:]
	}
	p.table(columns...)
	for _, e := range p.events {
		if ownWork(e.event) {
			continue
		}
		cells := []string{p.local(e.At), utc(e.At), p.happened(e.Entry)}
		p.row(cells[len(cells)-len(columns):]...)
	}
	p.line("\nClicks, tries and messages of the bot's own are left out; JSON Lines and CSV have all %s.", deployer.Count(len(p.events), "event"))
}

func place(zone *time.Location) string {
	return escape(strings.ReplaceAll(zone.String(), "_", " "))
}

// ownWork is what only the bot needs to know.
func ownWork(e deployer.Event) bool {
	switch e := e.(type) {
	case deployer.OrderSeen, deployer.EffectTried, deployer.PlacesFreed:
		return true
	case deployer.EffectRechecked:
		return e.Outcome.Result == deployer.OK && e.Outcome.Remark == ""
	case deployer.Delivered:
		return slices.Contains(deployer.CoreMessages(), deployer.MessageKindOf(e.Post.DedupKey))
	}
	return false
}

// happened is an event in one line, with what was seen.
func (p *printer) happened(e Entry) string {
	out := escape(e.What)
	if e.ByID != "" && e.By != "" && strings.HasPrefix(e.What, e.By) {
		out = who(e) + " " + escape(strings.TrimPrefix(e.What, e.By))
		if role := e.Role; role != "" {
			out += ", as " + escape(role)
		}
	}
	out += reason(e.Why)
	var seen []string
	for _, name := range sortedKeys(e.Seen) {
		if e.Kind != "created" && !elsewhere(name) {
			seen = append(seen, escape(name)+" = "+escape(short(e.Seen[name])))
		}
	}
	if len(seen) > 0 {
		out += " — " + strings.Join(seen, "; ")
	}
	return out
}

// elsewhere reports whether what was seen stands in another part of the page, or tells
// nobody anything who reads it.
func elsewhere(name string) bool {
	return name == "detail" || name == "runner" || name == "ts" || strings.HasSuffix(name, ".image")
}

// shortMax bounds what was seen in a line of the timeline, in characters.
const shortMax = 200

func short(text string) string {
	if runes := []rune(text); len(runes) > shortMax {
		return string(runes[:shortMax]) + "…"
	}
	return text
}

func (p *printer) agreements() {
	p.line("\n## Who agreed to what\n")
	if len(p.agreed) == 0 {
		p.line("Nobody was asked, or nobody has answered.")
		return
	}
	p.table("Step", "Who", "Answer", "When", "Waited", "About")
	for _, a := range p.agreed {
		by := who(a.Entry)
		if a.Role != "" {
			by += ", as " + escape(a.Role)
		}
		p.row(p.titled(a.Entry), by, p.answer(a), p.local(a.At), lasts(a.waited), escape(a.Subject))
	}
}

// answer is what somebody has answered and filled in, and whether that stands.
func (p *printer) answer(a agreement) string {
	if a.Kind == "step-ended" { // nobody has, in time
		return escape(a.What)
	}
	if a.Kind == "approval-carried" {
		return "Approve, in " + escape(a.Seen["from"]) + a.isVoid(p)
	}
	out := escape(a.Result)
	if p.step(a.Step).Hand && a.Result != string(deployer.ChoiceByHand) {
		out += " by hand"
	}
	out += reason(a.Why)
	for _, name := range sortedKeys(a.Seen) {
		out += "; " + escape(strings.TrimPrefix(name, "fields.")) + " = " + escape(a.Seen[name])
	}
	return out + a.isVoid(p)
}

// isVoid says since when what somebody agreed to does not count any more. "": it does.
func (a agreement) isVoid(p *printer) string {
	if a.void.Kind == "" {
		return ""
	}
	return "; **void** since " + p.local(a.void.At) + reason(a.void.Why)
}

// titled is the step of an event, and what of its scope it is about.
func (p *printer) titled(e Entry) string {
	title := cmp.Or(e.Title, e.Step)
	if e.Item != "" {
		title += " (" + e.Item + ")"
	}
	return escape(title)
}

func (p *printer) goneWithout() {
	p.line("\n## What was skipped, and what was not needed\n")
	if len(p.skipped)+len(p.unneeded) == 0 {
		p.line("Nothing.")
	}
	for _, s := range p.skipped {
		out := "- **" + p.titled(s.Entry) + "** was skipped by " + who(s.Entry)
		if s.Role != "" {
			out += ", as " + escape(s.Role)
		}
		out += ", " + p.local(s.At) + reason(s.Why)
		if s.was != "" {
			out += ". What was wrong: " + escape(s.was)
		}
		p.line("%s", out)
	}
	for _, e := range p.unneeded {
		p.line("- **%s** was not needed%s", p.titled(e), reason(e.Why))
	}
}

func (p *printer) failed() {
	p.line("\n## What failed, and what was decided\n")
	if len(p.failures)+len(p.decided) == 0 {
		p.line("Nothing failed.")
	}
	for _, f := range p.failures {
		kind := ""
		if name := f.Seen["failure"]; name != "" {
			kind = " (" + escape(name) + ")"
		}
		p.line("- **%s** %s%s, %s%s", p.titled(f.Entry), ended[deployer.StepStatus(f.Result)], kind, p.local(f.At), reason(f.Why))
		for _, d := range f.decisions {
			p.line("  - %s", p.decision(d))
		}
		switch {
		case f.passed != "":
			p.line("  - %s", f.passed)
		case f.open():
			p.line("  - Nobody has decided.")
		}
		p.details(f.details)
	}
	for _, d := range p.decided {
		p.line("- %s", p.decision(d))
	}
}

func (p *printer) decision(d decision) string {
	out := who(d.Entry) + " decided: **" + escape(d.Result) + "**"
	if d.Role != "" {
		out += ", as " + escape(d.Role)
	}
	if services := d.Seen["services"]; services != "" {
		out += ", of " + escape(services)
	}
	out += ", " + p.local(d.At)
	if d.after > 0 {
		out += ", after " + lasts(d.after)
	}
	return out + reason(d.Why)
}

// details are what systems had to say of a failure, in their own lines.
func (p *printer) details(all []Entry) {
	for _, e := range all {
		if detail := e.Seen["detail"]; detail != "" {
			p.line("\n%s", strings.TrimSuffix(indented(block(detail)), "\n"))
		}
	}
}

// indented is a block within an item of a list.
func indented(block string) string {
	var b strings.Builder
	for line := range strings.Lines(block) {
		if strings.TrimSpace(line) != "" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String()
}

func (p *printer) times() {
	p.line("\n## Estimated and actual time\n")
	p.table("Step", "Estimated", "Actual", "Difference", "Attempts")
	var estimated, actual time.Duration
	for _, s := range p.Deployment.Steps {
		of := p.spans[s.ID]
		if of == nil {
			continue
		}
		estimate, difference, took := "", "", lasts(of.took)
		if !of.began.IsZero() {
			took = "not over"
		} else if s.Estimate > 0 {
			difference = signed(of.took - s.Estimate)
			estimated, actual = estimated+s.Estimate, actual+of.took
		}
		if s.Estimate > 0 {
			estimate = lasts(s.Estimate)
		}
		p.row(shown(cmp.Or(s.Title, s.ID)), estimate, took, difference, counted(of.attempts))
	}
	if estimated > 0 {
		p.row("**All that were estimated, and are over**", lasts(estimated), lasts(actual), signed(actual-estimated), "")
	}
}

func signed(d time.Duration) string {
	switch d = d.Truncate(time.Second); {
	case d < 0:
		return "−" + lasts(-d)
	case d == 0:
		return "none"
	}
	return "+" + lasts(d)
}

func (p *printer) leadsTo() {
	p.line("\n## Links\n")
	if len(p.links) == 0 && p.Deployment.Card.TS == "" {
		p.line("None.")
	}
	for _, l := range p.links {
		p.line("- %s", linked(link{plain(cmp.Or(l.label, l.url)), l.url}))
	}
	if card := p.Deployment.Card; card.TS != "" {
		p.line("- The card: channel %s, message %s", shown(card.Channel), shown(card.TS))
	}
}

// questions are for people to answer.
func (p *printer) questions() {
	for _, q := range [][2]string{
		{"Impact", "Who noticed what, from when to when, and how many?"},
		{"Root cause", "What made it possible, and what set it off?"},
		{"What went well", "What should stay as it is?"},
		{"What went badly, and where we were lucky", "What took long, was unclear, or could have gone wrong?"},
		{"What we change", "What, by whom, until when?"},
	} {
		p.line("\n## %s\n\n_%s_", q[0], q[1])
	}
}

// record says how the page can be held against what was written.
func (p *printer) record() {
	p.line("\n## The record\n")
	first, last := "", ""
	if n := len(p.Records); n > 0 {
		first, last = p.Records[0].Hash, p.Records[n-1].Hash
	}
	p.line("- %s in %s, each with the hash of the one before", deployer.Count(len(p.events), "event"), deployer.Count(len(p.Records), "record"))
	p.fact("First hash", shown(first))
	p.fact("Last hash", shown(last))
	p.fact("Procedure text", shown(p.Deployment.Procedure.SHA))
}
