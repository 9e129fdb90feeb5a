// Package manual prints the step kinds for people: from the kinds themselves, so that it
// says what the loader takes and the runners do.
package manual

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/deployer"
)

// Group says who does the steps of a kind.
type Group string

// The groups, in the order in which people read them.
const (
	People Group = "people" // a person answers
	Core   Group = "core"   // the bot alone
	System Group = "system" // a runner; without one, or without a config, it is done by hand
)

var groups = []Group{People, Core, System}

// heads are what stands above the kinds of a group.
var heads = map[Group]string{
	People: "Asked of people, or told to them",
	Core:   "Done by the bot alone",
	System: "Done by a system; without one a person does it by hand",
}

// GroupOf is the group of a kind.
func GroupOf(k deployer.Kind) Group {
	switch {
	case k.Work == deployer.WorkPeople, k.Work == deployer.WorkMessages:
		return People
	case strings.Contains(k.Name, "."):
		return System
	}
	return Core
}

// Acts reports whether steps of a kind change something outside.
func Acts(k deployer.Kind) bool {
	return k.Mutates || (k.Work == deployer.WorkSystem || k.Work == deployer.WorkMessages) && k.Repeat != deployer.RepeatReads
}

// width is that of a terminal, in characters.
const width = 100

// All prints the table of all kinds: a line or two for each.
func All(kinds []deployer.Kind) string {
	var b strings.Builder
	longest := 0
	for _, k := range kinds {
		longest = max(longest, len(k.Name))
	}
	for _, g := range groups {
		fmt.Fprintf(&b, "%s:\n", heads[g])
		for _, k := range sorted(kinds) {
			if GroupOf(k) == g {
				fmt.Fprintf(&b, "  %-*s  %s\n", longest, k.Name, hang(k.Doc, longest+4))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("`stationmaster procedure kinds NAME` says what stands under with, what a step leaves behind, and how it fails.\n")
	return b.String()
}

// sorted are kinds as they are listed: those of one system side by side.
func sorted(kinds []deployer.Kind) []deployer.Kind {
	out := slices.Clone(kinds)
	first := map[string]int{} // where a system was first named
	for i, k := range out {
		system, _, _ := strings.Cut(k.Name, ".")
		if _, ok := first[system]; !ok {
			first[system] = i
		}
	}
	of := func(k deployer.Kind) int { system, _, _ := strings.Cut(k.Name, "."); return first[system] }
	slices.SortStableFunc(out, func(a, b deployer.Kind) int { return cmp.Compare(of(a), of(b)) })
	return out
}

// One prints everything about a kind.
func One(k deployer.Kind) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", hang(k.Name+": "+k.Doc, 2))
	for _, fact := range Facts(k) {
		fmt.Fprintf(&b, "  %s\n", hang(fact, 2))
	}
	params(&b, "with", k.Params)
	params(&b, "leaves behind, as {steps.ID.NAME} in texts and steps.ID.NAME in conditions", k.Outputs)
	fmt.Fprintf(&b, "\nfails with: %s\n", hang(strings.Join(Fails(k), ", "), 2))
	return b.String()
}

// Fails are the names of a kind's failures, with the one that every kind has.
func Fails(k deployer.Kind) []string { return append(slices.Clone(k.Fails), "timeout") }

// Facts are what a kind says of itself besides its doc, in sentences.
func Facts(k deployer.Kind) []string {
	var out []string
	if k.Scope == deployer.ScopeServices {
		out = append(out, "Done once for every service by itself, side by side.")
	}
	otherwise := "It "
	if k.Reads.Param != "" {
		out = append(out, "With "+readsWith(k.Reads)+" it only looks, as often as it likes.")
		otherwise = "Otherwise it "
	}
	if k.Deploys {
		out = append(out, "It deploys: it is bound to what was approved, undone by the rollback, and never skipped.")
	} else if k.Mutates {
		out = append(out, otherwise+"changes what runs, so it waits for the approvals above it.")
	}
	if again := repeats[k.Repeat]; Acts(k) && again != "" {
		out = append(out, otherwise+again)
	}
	if k.Expect != "" {
		out = append(out, "Where the step does not say it, one expects: "+deployer.Sentence(k.Expect))
	}
	return out
}

// readsWith says with which parameter a kind only reads.
func readsWith(r deployer.Reading) string {
	out := make([]string, len(r.Values))
	for i, v := range r.Values {
		if out[i] = r.Param + ": " + v; v == "" {
			out[i] = "no " + r.Param
		}
	}
	return strings.Join(out, " or ")
}

// repeats says how a kind acts, behind “it”.
var repeats = map[deployer.Repeat]string{
	deployer.RepeatConditional:  "acts; the system itself refuses a second time.",
	deployer.RepeatDeduplicated: "acts; the system takes a second time for the first.",
	deployer.RepeatFindable:     "acts; before a second time it is looked for.",
	deployer.RepeatAtMostOnce:   "acts at most once; where it is unclear, a person looks.",
}

// params prints a table of parameters.
func params(b *strings.Builder, head string, params []deployer.Param) {
	if len(params) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", head)
	name, kind := 0, 0
	for _, p := range params {
		name, kind = max(name, len(p.Name)), max(kind, len(TypeOf(p)))
	}
	for _, p := range params {
		fmt.Fprintf(b, "  %-*s  %-*s  %s\n", name, p.Name, kind, TypeOf(p), hang(Sentence(p), name+kind+6))
	}
}

// celTypes are those that are written as expressions.
var celTypes = []deployer.ParamType{deployer.TypeCond, deployer.TypeTime}

// TypeOf is what a parameter looks like, in a word or two.
func TypeOf(p deployer.Param) string {
	switch {
	case len(p.Options) > 0:
		return strings.Join(p.Options, "|")
	case p.Type == deployer.TypeCond:
		return "CEL yes/no"
	case slices.Contains(celTypes, p.Type):
		return "CEL " + string(p.Type)
	}
	return string(p.Type)
}

// Sentence is what a parameter is, whether it has to be there, and what it is otherwise.
func Sentence(p deployer.Param) string {
	out := p.Doc
	switch {
	case p.Required:
		out += " (required)"
	case p.Instead != "" && p.Default == "" && !strings.Contains(p.Doc, p.Instead):
		out += fmt.Sprintf(" (this or %s)", p.Instead)
	case p.Default != "":
		out += fmt.Sprintf(" (otherwise %s)", p.Default)
	}
	return out
}

// hang breaks a text into lines, of which all but the first begin at a column.
func hang(text string, column int) string {
	var b strings.Builder
	at := column
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i > 0 && at+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", column))
			at = column
		case i > 0:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}
