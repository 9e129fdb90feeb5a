package runbook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// phases writes the main part.
func (w *printer) phases() {
	w.line("\n## Phases\n\nOne after the other, each as a whole.")
	number := 0
	for at := 0; at < len(w.p.Steps); {
		end := at + 1
		for end < len(w.p.Steps) && w.p.Steps[end].Phase == w.p.Steps[at].Phase {
			end++
		}
		number++
		ph := w.p.PhaseOf(w.p.Steps[at])
		w.line("\n### %d. %s\n", number, ph.Title)
		if ph.When != "" {
			w.line("Only if %s%s.\n", code(ph.When), after("; otherwise: ", w.text("", ph.Else)))
		}
		w.steps(w.p.Steps[at:end])
		at = end
	}
}

// part writes the steps of another part.
func (w *printer) part(title, about string, steps []deployer.Step) {
	if len(steps) == 0 {
		return
	}
	w.line("\n## %s\n\n%s\n", title, about)
	w.steps(steps)
}

// steps writes steps with everything that counts for each.
func (w *printer) steps(steps []deployer.Step) {
	for i, s := range steps {
		if why, not := w.v.Not[s.ID]; not {
			w.line("%d. ~~%s~~ (`%s`) is not needed%s", i+1, w.text(s.ID, s.Title), s.ID, after(": ", why))
			continue
		}
		w.line("%d. **%s** (`%s`, %s)", i+1, w.text(s.ID, s.Title), s.ID, s.Uses)
		detail := func(name, text string) {
			if text != "" {
				if name != box {
					name += ":"
				}
				w.line("    - %s %s", name, strings.ReplaceAll(text, "\n", "\n      "))
			}
		}
		detail("Begins", w.begins(s, steps[:i]))
		if s.When != "" {
			detail("Only if", code(s.When)+after("; otherwise: ", w.text(s.ID, s.Else)))
		}
		detail("Who", who(s))
		detail("For each", each(s))
		w.with(s, detail)
		detail("Expect", w.expect(s))
		detail("How", w.text(s.ID, s.How))
		detail("Time", times(s))
		detail("Who does not come", people(s))
		detail("If it fails", w.fails(s))
		for _, l := range s.Links {
			detail("Link", fmt.Sprintf("[%s](%s)", l.Title, w.text(s.ID, l.Link)))
		}
		detail("What may go wrong", w.text(s.ID, s.Troubleshooting))
		for _, t := range s.Troubles {
			detail("What may go wrong", w.trouble(s.ID, t))
		}
	}
}

func (w *printer) title(s deployer.Step) string {
	if why, not := w.v.Not[s.ID]; not {
		return "~~" + w.text(s.ID, s.Title) + "~~" + after(" not needed: ", why)
	}
	return w.text(s.ID, s.Title) + after(", if ", code(s.When))
}

// begins says what a step waits for, where that is not everything above it.
func (w *printer) begins(s deployer.Step, above []deployer.Step) string {
	var out []string
	if s.In > 0 {
		out = append(out, span(s.In)+" after the end")
	}
	if s.Every > 0 {
		out = append(out, fmt.Sprintf("every %s for %s after the end", span(s.Every), span(s.Lasts)))
	}
	var named []string
	for _, a := range above {
		if slices.Contains(s.Needs, a.ID) {
			named = append(named, "“"+w.text(a.ID, a.Title)+"”")
		}
	}
	switch n := len(above); {
	case n == 0, len(named) == 0 && s.In+s.Every > 0:
	case len(named) == 0:
		out = append(out, "with those above, side by side")
	case slices.Contains(s.Needs, above[n-1].ID) && len(named) == 1 && waits(above[n-1], above[:n-1]):
	default:
		out = append(out, "when "+strings.Join(named, " and ")+map[bool]string{true: " is done", false: " are done"}[len(named) == 1])
	}
	if s.Background {
		out = append(out, "nothing waits for it, not even the end")
	}
	return strings.Join(out, "; ")
}

// waits reports whether a step comes after all above it.
func waits(s deployer.Step, above []deployer.Step) bool {
	if len(above) == 0 {
		return true
	}
	last := above[len(above)-1]
	return slices.Contains(s.Needs, last.ID) && waits(last, above[:len(above)-1])
}

// who does a step, in words.
func who(s deployer.Step) string {
	role := or(code(s.Role()), "the requester")
	switch s.Work() {
	case deployer.WorkPeople:
		switch {
		case s.Approves() && len(s.With["roles"].Counts) > 0:
			return counts(s.With["roles"].Counts) + ", never the requester"
		case s.Approves():
			return fmt.Sprintf("%d of %s, never the requester", max(s.Count(), 1), role)
		case len(s.With["roles"].List) > 0:
			return "one of each: " + codes(s.With["roles"].List)
		}
		return role
	case deployer.WorkMessages:
		if reader := asked(s); reader != "" {
			return "the bot, when " + code(reader) + " has read it"
		}
		if s.ForClients() {
			return "the bot, when the requester has read it"
		}
		return "the bot"
	case deployer.WorkTime, deployer.WorkFact:
		return "the bot"
	}
	if s.Deploys() {
		return "the runner of each service"
	}
	if system, _, ok := strings.Cut(s.Uses, "."); ok {
		return system
	}
	return "the bot"
}

func counts(c map[string]int) string {
	var out []string
	for _, role := range slices.Sorted(maps.Keys(c)) {
		out = append(out, fmt.Sprintf("%d of %s", c[role], code(role)))
	}
	return strings.Join(out, " and ")
}

// each says for what a step is done, and in which order.
func each(s deployer.Step) string {
	what := ""
	switch {
	case s.EachOf == deployer.EachService, s.EachOf == "" && len(s.Each) == 0 && s.Kind.Scope == deployer.ScopeServices:
		what = "service"
	case s.EachOf != "":
		what = "of " + code(s.EachOf)
	case len(s.Each) > 0:
		what = "of " + strings.Join(s.Each, ", ")
	default:
		return ""
	}
	switch {
	case len(s.Order) == 0:
		return what + ", side by side"
	case slices.Equal(s.Order, deployer.InTurn):
		return what + ", one after the other; the first failure stops those to come"
	}
	sizes := make([]string, len(s.Order))
	for i, n := range s.Order {
		sizes[i] = strconv.Itoa(n)
		if n == deployer.WaveRest {
			sizes[i] = "the rest"
		}
	}
	return what + ", in waves of " + strings.Join(sizes, ", ") + "; the first failure stops those to come"
}

func (w *printer) expect(s deployer.Step) string {
	return w.text(s.ID, cmp.Or(s.Expect, s.Kind.Expect))
}

// asked is the role that a step names, the requester's too.
func asked(s deployer.Step) string {
	if s.Kind == nil || s.Kind.Asks == nil {
		return ""
	}
	return s.With[s.Kind.Asks.Role].Text
}
