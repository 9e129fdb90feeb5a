// Package runbook prints a procedure as a page for people, in Markdown: all that it extends
// and includes in its place, and every default in words where it counts, so that nobody has
// to know the language to know what will happen.
package runbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/idle"
)

// A View is how a procedure is looked at. The zero value is the procedure by itself.
type View struct {
	File     string   // where it is written; "": it comes with stationmaster
	Extends  string   // the id of what it extends
	Includes []string // the ids of what it includes
	For      string   // of which services and site it is shown; "": of none

	// Not are the steps that are not needed there, by id, each with why.
	Not map[string]string
	// Fill fills the values that are known there into a text of a step; nil: none are.
	Fill func(step, text string) string
}

// A printer writes the page.
type printer struct {
	strings.Builder
	p deployer.Procedure
	v View
}

// Print makes the page of a procedure, in the order of a guide: what it is about, what has
// to be so before, the phases, what happens when a step fails, the way back, how success is
// seen, what is watched, and what may go wrong. What does nothing yet is left out.
func Print(procedure deployer.Procedure, v View) []byte {
	w := &printer{p: idle.Without(procedure), v: v}
	w.head()
	w.inputs()
	w.windows()
	w.prerequisites()
	w.phases()
	w.failure()
	w.part("Rollback", "The way back, from top to bottom. A rollout goes back to what last ran well.", w.p.Rollback)
	w.success()
	w.monitoring()
	w.troubleshooting()
	w.part("After the end", "Each begins by itself once this has ended, with whatever outcome; other deployments may begin meanwhile.", w.p.After)
	w.vars()
	return []byte(w.String())
}

// box is one that is ticked.
const box = "[ ]"

func (w *printer) line(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

// fact writes a line of a list where it says something.
func (w *printer) fact(name, text string) {
	if text != "" {
		w.line("- %s: %s", name, text)
	}
}

// text is a text with what is known filled in.
func (w *printer) text(step, text string) string {
	if w.v.Fill != nil {
		text = w.v.Fill(step, text)
	}
	return strings.TrimSpace(text)
}

func (w *printer) head() {
	p := w.p
	w.line("# %s\n", p.Title)
	w.fact("Id", code(p.ID))
	w.fact("Kept right by", p.Owner)
	if w.v.File == "" {
		w.fact("File", "comes with stationmaster")
	} else {
		w.fact("File", w.v.File)
	}
	w.fact("Extends", code(w.v.Extends))
	w.fact("Includes", codes(w.v.Includes))
	w.fact("Shown for", w.v.For)
	if p.Abstract {
		w.fact("Abstract", "it serves other procedures, and is never started itself")
	}
	w.fact("Services", map[deployer.ServiceCount]string{
		deployer.ServicesMany: "one or more, each with a tag", deployer.ServicesOne: "one, with a tag", deployer.ServicesNone: "none",
	}[p.Services])
	w.fact("Environments", or(strings.Join(p.Environments, ", "), "all"))
	if p.Unapproved != "" {
		w.fact("Needs no approval", p.Unapproved)
	}
	if p.About != "" {
		w.line("\n%s", strings.TrimSpace(p.About))
	}
	w.line("\nA step begins when everything above it in its phase is done, unless it says otherwise. A step that is skipped or not needed counts as done for those that wait for it. Times count from when a step began. What no system does is done by hand by the requester.")
}

func (w *printer) inputs() {
	if len(w.p.Inputs) == 0 {
		return
	}
	w.line("\n## Asked when it starts\n")
	for _, in := range w.p.Inputs {
		w.line("- %s", input(in))
	}
}

// input is an input in a line.
func input(in deployer.Input) string {
	parts := []string{or(string(in.Kind), "text")}
	switch {
	case len(in.Options) > 0:
		parts = []string{"one of " + strings.Join(in.Options, ", ")}
	case in.OptionsOf != "":
		parts = []string{"one of " + code(in.OptionsOf)}
	}
	if in.Many {
		parts = append(parts, "several")
	}
	switch {
	case in.Required:
		parts = append(parts, "has to be given")
	case in.Default != "":
		parts = append(parts, "otherwise "+given(in))
	default:
		parts = append(parts, "may be left empty")
	}
	if in.When != "" {
		parts = append(parts, "only if "+code(in.When))
	}
	if in.Pattern != "" {
		parts = append(parts, "like "+code(in.Pattern))
	}
	if in.Clients {
		parts = append(parts, "clients may read it")
	}
	out := fmt.Sprintf("**%s** (`%s`): %s.", or(in.Label, in.ID), in.ID, strings.Join(parts, "; "))
	if in.Help != "" {
		out += " " + deployer.Sentence(in.Help)
	}
	return out
}

// given is the default of an input as people write it.
func given(in deployer.Input) string {
	if d, err := time.ParseDuration(in.Default); in.Kind == deployer.InputDuration && err == nil {
		return span(d)
	}
	return strings.ReplaceAll(in.Default, "\n", ", ")
}

func (w *printer) windows() {
	if len(w.p.Windows) == 0 {
		return
	}
	w.line("\n## When it may begin\n\nThe first that fits counts; it is asked at the start about the planned time.\n")
	is := map[deployer.WindowIs]string{deployer.WindowFine: "Fine", deployer.WindowWarn: "Warned, one tap more", deployer.WindowRefuse: "Refused"}
	ends := map[deployer.WindowEnds]string{
		deployer.EndsFinish: "is finished", deployer.EndsHold: "is held before its next change until it is fine again",
		deployer.EndsAsk: "is held before its next change, and those who decide are asked",
	}
	for _, win := range w.p.Windows {
		when := []string{or(strings.Join(win.Days, ", "), "every day")}
		if win.From != "" {
			when = append(when, win.From+"–"+win.To+" ("+or(win.Zone, "the retailer's time")+")")
		}
		if len(win.Environments) > 0 {
			when = append(when, "in "+strings.Join(win.Environments, ", "))
		}
		if win.When != "" {
			when = append(when, "if "+code(win.When))
		}
		out := is[win.Is] + ": " + strings.Join(when, ", ") + "."
		if win.Why != "" {
			out += " " + deployer.Sentence(win.Why)
		}
		if win.Override != "" {
			out += fmt.Sprintf(" `%s` may go on with a reason, which is announced.", win.Override)
		}
		if says := ends[win.Ends]; says != "" {
			out += " When it is over, what has begun " + says + "."
		}
		w.line("- %s", out)
	}
}

// firstChange is the place of the first step that changes what runs; -1: none does.
func (w *printer) firstChange() int { return slices.IndexFunc(w.p.Steps, deployer.Step.Mutates) }

// prerequisites are what comes before the first step that changes something.
func (w *printer) prerequisites() {
	first := w.firstChange()
	if first < 1 {
		return
	}
	w.line("\n## Prerequisites\n\nWhat has to be so before anything is changed; each is a step below, by its number:\n")
	for i, s := range w.p.Steps[:first] {
		if !s.Announces() && !s.Waits() && !s.Background {
			w.line("- %s %s (%s)", w.number(i), w.title(s), who(s))
		}
	}
}

// number is that of a step of the main part, by its phase and in it, such as 1.2.
func (w *printer) number(at int) string {
	phase, step := 1, 1
	for i := 1; i <= at; i++ {
		if step++; w.p.Steps[i].Phase != w.p.Steps[i-1].Phase {
			phase, step = phase+1, 1
		}
	}
	return fmt.Sprintf("%d.%d", phase, step)
}

// success is how one sees that it went well: what the proofs after the last change expect.
func (w *printer) success() {
	last := -1
	for i, s := range w.p.Steps {
		if s.Mutates() {
			last = i
		}
	}
	if last < 0 {
		return
	}
	var lines []string
	for i, s := range w.p.Steps {
		if expect := w.expect(s); i > last && (s.Proves() || expect != "" && s.Confirms()) {
			lines = append(lines, fmt.Sprintf("- %s %s%s", w.number(i), w.title(s), after(": ", expect)))
		}
	}
	if len(lines) > 0 {
		w.line("\n## Success criteria\n\n%s", strings.Join(lines, "\n"))
	}
}

// monitoring is what is watched after the end.
func (w *printer) monitoring() {
	var lines []string
	for _, s := range w.p.After {
		if s.Every > 0 {
			lines = append(lines, fmt.Sprintf("- %s: every %s for %s, by %s", w.title(s), span(s.Every), span(s.Lasts), who(s)))
		}
	}
	if len(lines) > 0 {
		w.line("\n## Monitoring\n\nSilent while all is well.\n\n%s", strings.Join(lines, "\n"))
	}
}

func (w *printer) troubleshooting() {
	if len(w.p.Troubles) == 0 {
		return
	}
	w.line("\n## Troubleshooting\n")
	for _, t := range w.p.Troubles {
		w.line("- %s", w.trouble("", t))
	}
}

func (w *printer) trouble(step string, t deployer.Trouble) string {
	out := "**" + or(w.text(step, t.Symptom), t.Failure, "It fails") + "**"
	if t.Failure != "" {
		out += fmt.Sprintf(" (`%s`)", t.Failure)
	}
	if t.Diagnosis != "" {
		out += ". Look: " + w.text(step, t.Diagnosis)
	}
	if len(t.Causes) > 0 {
		out += ". Causes: " + w.text(step, strings.Join(t.Causes, "; "))
	}
	if t.Fix != "" {
		out += ". Do: " + w.text(step, t.Fix)
	}
	return deployer.Sentence(out)
}

func (w *printer) vars() {
	if len(w.p.Vars) == 0 {
		return
	}
	w.line("\n## Set by the config\n\nFor all, a group, a retailer, an environment or a service; the nearest wins.\n")
	for _, name := range sorted(w.p.Vars) {
		w.line("- `vars.%s`: %s", name, or(code(w.text("", w.p.Vars[name])), "has to be set there"))
	}
	for _, name := range sorted(w.p.Values) {
		w.line("- `values.%s`, computed: %s", name, code(w.p.Values[name]))
	}
}

var newlines = regexp.MustCompile(`\s*\n\s*`)

// code is a text as code; "" stays "".
func code(text string) string {
	if text == "" {
		return ""
	}
	text = newlines.ReplaceAllString(strings.TrimSpace(text), " ")
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

func codes(texts []string) string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = code(t)
	}
	return strings.Join(out, ", ")
}
