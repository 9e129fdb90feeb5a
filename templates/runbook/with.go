package runbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// told are the parameters that who says already.
var told = []string{"role", "roles", "count", "review"}

// with writes what a step is done with: what is given, and of what is not given what counts
// instead, where it changes what happens.
func (w *printer) with(s deployer.Step, detail func(name, text string)) {
	if slices.ContainsFunc(s.Kind.Params, func(p deployer.Param) bool { return p.Type == deployer.TypeMessage }) {
		detail("Words", w.words(s.ID, s.Message()))
	}
	for _, p := range s.Kind.Params {
		v, given := s.With[p.Name]
		switch {
		case slices.Contains(told, p.Name) && (s.Work() == deployer.WorkPeople || s.Work() == deployer.WorkMessages), p.Type == deployer.TypeMessage:
		case !given && p.Default != "" && !quiet(p):
			detail(name(p), "otherwise "+p.Default+" ("+p.Doc+")")
		case !given:
		case p.Type == deployer.TypeItems:
			for _, it := range v.Items {
				detail(box, w.item(s.ID, it))
			}
		case p.Type == deployer.TypeInputs:
			for _, in := range v.Inputs {
				detail("Asks", input(in))
			}
		case p.Type == deployer.TypeFlag:
			detail(name(p), yesNo(v.Flag)+" ("+p.Doc+")")
		case p.Name == "to" && s.Announces():
			detail("To", strings.Join(slices.DeleteFunc([]string{codes(v.List), after("directly ", codes(s.With["people"].List))}, func(t string) bool { return t == "" }), ", "))
		case p.Name == "people" && s.Announces() && len(s.To()) > 0:
		case p.Name == "people" && s.Announces():
			detail("To", "directly "+codes(v.List))
		default:
			detail(name(p), w.value(s.ID, p, v))
		}
	}
}

// quiet are defaults that change nothing that somebody could be surprised by.
func quiet(p deployer.Param) bool {
	return p.Type == deployer.TypeFlag || p.Default == "none" || p.Default == "nobody" || p.Name == "runner" || p.Name == "question" || p.Name == "message"
}

func name(p deployer.Param) string {
	text := strings.ReplaceAll(p.Name, "_", " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

func yesNo(flag bool) string {
	if flag {
		return "yes"
	}
	return "no"
}

func (w *printer) item(step string, it deployer.Item) string {
	title := w.text(step, it.Title)
	if it.Link != "" {
		title = fmt.Sprintf("[%s](%s)", title, w.text(step, it.Link))
	}
	return title + after(", with a ", it.Evidence)
}

// value is a parameter in words.
func (w *printer) value(step string, p deployer.Param, v deployer.Value) string {
	switch p.Type {
	case deployer.TypeDuration:
		return span(v.Duration) + " (" + p.Doc + ")"
	case deployer.TypeNumber:
		return fmt.Sprintf("%d (%s)", v.Number, p.Doc)
	case deployer.TypeCounts:
		return counts(v.Counts)
	case deployer.TypeTime, deployer.TypeCond:
		return code(v.Text)
	case deployer.TypeTexts, deployer.TypeOutputs, deployer.TypeRunner:
		var out []string
		for _, key := range sorted(v.Texts) {
			out = append(out, key+" "+code(w.text(step, v.Texts[key])))
		}
		return strings.Join(out, ", ")
	case deployer.TypeChoices:
		var out []string
		for _, row := range v.Rows {
			out = append(out, fmt.Sprintf("“%s” (`%s`%s)", or(row["label"], row["id"]), row["id"], map[bool]string{true: ", with a reason"}[row["reason"] == "true"]))
		}
		return strings.Join(out, ", ")
	case deployer.TypeChecks:
		var out []string
		for _, row := range v.Rows {
			out = append(out, w.check(step, row))
		}
		return strings.Join(out, "; ")
	}
	if len(v.List) > 0 {
		return w.text(step, strings.Join(v.List, ", "))
	}
	if p.Type == deployer.TypeURL || p.Escape == deployer.EscapeShell || p.Type == deployer.TypePattern {
		return code(w.text(step, v.Text))
	}
	return w.text(step, v.Text)
}

// limits are those of a check, with how they read.
var limits = [][2]string{
	{"below", "below %s"}, {"above", "above %s"},
	{"before", "at most %s times what it was before the first change"}, {"baseline", "at most %s times what the old pods show"},
}

func (w *printer) check(step string, row map[string]string) string {
	var is []string
	for _, l := range limits {
		if row[l[0]] != "" {
			is = append(is, fmt.Sprintf(l[1], row[l[0]]))
		}
	}
	return row["name"] + " " + strings.Join(is, " and ") + after(": ", code(w.text(step, row["query"])))
}
