package runbook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// times are how long a step takes, and what ends it.
func times(s deployer.Step) string {
	var out []string
	if s.Estimate > 0 {
		out = append(out, "about "+span(s.Estimate))
	}
	var ends []string
	if s.Timeout > 0 {
		ends = append(ends, span(s.Timeout)+" after it began")
	}
	if s.Deadline != "" {
		ends = append(ends, "at "+code(s.Deadline))
	}
	if len(ends) > 0 {
		end := strings.Join(ends, " or ")
		if len(ends) > 1 {
			end += ", whichever comes first,"
		}
		out = append(out, end+" "+expires(s))
	}
	if s.Retries.Times > 0 {
		again := deployer.Count(s.Retries.Times, "more try")
		if s.Retries.Times > 1 {
			again = fmt.Sprintf("%d more tries", s.Retries.Times)
		}
		out = append(out, "by itself "+again+", each "+or(after("after ", optional(s.Retries.Every)), "at once"))
	}
	return strings.Join(out, "; ")
}

// expires is what comes of a step whose time is over.
func expires(s deployer.Step) string {
	switch {
	case s.With["default"].Text != "":
		return "it takes " + code(s.With["default"].Text)
	case s.Uses == "ask" && answered(s):
		return "it takes the defaults of its fields"
	case s.Announces() && !s.ForClients():
		return "it goes out as it is drafted"
	case s.Waits():
		return "it goes on"
	}
	return "it fails (`timeout`)"
}

// answered reports whether a form has a default wherever something has to be given.
func answered(s deployer.Step) bool {
	return !slices.ContainsFunc(s.With["inputs"].Inputs, func(in deployer.Input) bool { return in.Required && in.Default == "" })
}

// people says what happens when those who are awaited don't come.
func people(s deployer.Step) string {
	if s.Work() != deployer.WorkPeople && asked(s) == "" && !s.ForClients() {
		return ""
	}
	return reminded(s.Remind, s.Escalate)
}

func reminded(remind []time.Duration, e deployer.Escalate) string {
	var out []string
	if len(remind) > 0 {
		spans := make([]string, len(remind))
		for i, d := range remind {
			spans[i] = span(d)
		}
		out = append(out, "called again after "+strings.Join(spans, ", "))
	}
	for _, more := range []struct {
		after time.Duration
		what  string
	}{
		{e.Deputies, "their deputies may answer too"},
		{e.Page, "whoever is on call is paged"},
		{e.BreakGlass, "those of break_glass may answer, with a reason"},
	} {
		if more.after > 0 {
			out = append(out, "after "+span(more.after)+" "+more.what)
		}
	}
	return strings.Join(out, "; ")
}

// fails says what comes of a step that fails, and who may skip it.
func (w *printer) fails(s deployer.Step) string {
	out := map[deployer.OnFailure]string{
		deployer.FailureDecide:   w.decides() + " (“If a step fails”)",
		deployer.FailureContinue: "it is noted, and goes on",
		deployer.FailureStop:     "the deployment ends calmly",
		deployer.FailureRollBack: "it goes back at once",
	}[s.OnFailure]
	switch {
	case slices.ContainsFunc(w.p.Failure.Steps, func(o deployer.Step) bool { return o.ID == s.ID }):
		return "it is shown, and changes nothing"
	case s.Background && s.OnFailure == deployer.FailureDecide:
		out += ", of it alone"
	}
	if s.Work() == deployer.WorkPeople && s.OnFailure == deployer.FailureDecide && s.Timeout == 0 && s.Deadline == "" && !s.Approves() {
		out = "" // it can't: it waits
	}
	switch {
	case s.MaySkip == deployer.MaySkipNobody:
		out += after2(out, "nobody may skip it")
	case s.MaySkip != "":
		out += after2(out, code(s.MaySkip)+" may skip it, with a reason")
	case s.Deploys(), s.Approves():
		out += after2(out, "nobody may skip it")
	case out != "" && s.OnFailure == deployer.FailureDecide:
		out += after2(out, "whoever decides may skip it, with a reason")
	}
	return out
}

// decides says who decides what becomes of a failure: the roles that are named for it, else
// those that approve.
func (w *printer) decides() string {
	roles := w.p.Failure.Roles
	if w.p.Failure.Decide != "" {
		roles = append([]string{w.p.Failure.Decide}, roles...)
	}
	if len(roles) == 0 {
		return "whoever approves decides"
	}
	return strings.ReplaceAll(codes(roles), ", ", " or ") + " decides"
}

func after2(before, text string) string {
	if before == "" {
		return text
	}
	return "; " + text
}

// failure writes what happens when a step fails.
func (w *printer) failure() {
	f := w.p.Failure
	w.line("\n## If a step fails\n\nWhat is under way goes on to its end, and nothing new begins. A maintenance stays open until it is decided.\n")
	decide := append([]string{}, f.Roles...)
	if f.Decide != "" {
		decide = append([]string{f.Decide}, decide...)
	}
	w.fact("Decides", or(codes(decide), "the roles that approve")+"; the requester alone may check again, retry and stop")
	w.fact("Choices", "check again, retry, done by hand, skip with a reason, patch forward to another version, roll back, take over, stop; as far as each makes sense")
	w.fact("Called in", after("", codes(f.Experts)))
	w.fact("First button", string(f.Prefer))
	if f.Timeout > 0 {
		what := "it escalates"
		if f.Default != "" {
			what = "it is decided by itself: " + string(f.Default)
		}
		w.fact("Nobody decides", "after "+span(f.Timeout)+" "+what)
	}
	w.fact("Who does not come", reminded(f.Remind, f.Escalate))
	w.fact("Told", strings.Join(slices.DeleteFunc([]string{codes(f.To), after("directly ", codes(f.People))}, func(s string) bool { return s == "" }), ", "))
	for _, m := range []struct{ when, message string }{
		{"Then", f.Message}, {"When what failed is done after all", f.Over}, {"When it is stopped", f.Stopped},
		{"When its approval is asked again", f.Held}, {"When it goes on", f.Resumed},
	} {
		w.fact(m.when, w.words("", m.message))
	}
	if len(f.Steps) > 0 {
		w.line("\nAt once, side by side with the decision:\n")
		w.steps(f.Steps)
	}
}

// words are those of a message.
func (w *printer) words(step, name string) string {
	if words := w.p.Messages[name]; words != "" {
		return after("", w.p.Titles[name]) + map[bool]string{true: ": "}[w.p.Titles[name] != ""] + "“" + strings.TrimSpace(newlines.ReplaceAllString(w.text(step, words), " / ")) + "”"
	}
	return after("the words ", code(name))
}

// span is a duration as people write it, with days.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return deployer.Span(d)
}

func optional(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return span(d)
}

// or is the first text that is not empty.
func or(texts ...string) string { return cmp.Or(texts...) }

// after is a text behind another one, where there is one.
func after(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
