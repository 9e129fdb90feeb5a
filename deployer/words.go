package deployer

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sentence ends a reason with a full stop, so that words can follow it.
func Sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// Count is a number with its noun: 1 pod, 2 pods.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Span is a duration without noughts at its end: 1h30m, 2h.
func Span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// SpanInWords is a duration in full words, to the minute.
func SpanInWords(d time.Duration) string {
	minutes := max(int(d.Round(time.Minute)/time.Minute), 1)
	switch hours := minutes / 60; {
	case hours == 0:
		return Count(minutes, "minute")
	case minutes%60 == 0:
		return Count(hours, "hour")
	default:
		return Count(hours, "hour") + " " + Count(minutes%60, "minute")
	}
}

// Suggest asks whether the candidate that is nearest to a word was meant, or is
// "" where none is near.
func Suggest(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return "Did you mean " + near + "?"
	}
	return ""
}

// SuggestAs asks the same within a sentence, with the candidate in a format such
// as %q.
func SuggestAs(format, word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return "did you mean " + fmt.Sprintf(format, near) + "?"
	}
	return ""
}

// Nearest returns the candidate that was most likely meant by word, or "" if
// none is near. Case does not count; a word that one of them begins with does.
func Nearest(word string, candidates []string) string {
	word = strings.ToLower(word)
	best, least := "", 1+max(1, len([]rune(word))/3)
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		d := distance(word, strings.ToLower(c))
		if d >= least && len(word) >= 3 && strings.HasPrefix(strings.ToLower(c), word) {
			d = least - 1
		}
		if d < least && d < len(word) {
			best, least = c, d
		}
	}
	return best
}

// distance counts the typing mistakes between two words: a letter too many,
// missing, wrong, or swapped with its neighbour (Damerau and Levenshtein, each
// letter changed at most once).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 256 || len(y) > 256 {
		return max(len(x), len(y))
	}
	var before []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(y)]
}

// Placeholders are the names that a procedure's words may use in braces.
var Placeholders = []string{
	"id", "service", "from", "to", "what", "retailer", "environment", "requester", "approvers", "reason", "tam", "procedure",
	"step", "why", "risk", "downtime", "start", "end", "duration", "impact", "next-update", "notice",
	"stays",
}

// ClientPlaceholders are the only ones in words for clients.
var ClientPlaceholders = []string{"start", "end", "duration", "impact", "next-update"}

// Mentions are placeholders that call people and not only name them. The name
// of a role stands behind MentionRole.
var Mentions = []string{"@requester", "@approvers", "@tam"}

// MentionRole begins a placeholder that calls the people of a role.
const MentionRole = "@role:"

// A Telling is what words may say of what a deployment changes, and of when.
type Telling struct {
	Services   []string  // that it is about, or goes back with
	From, To   []string  // of each of them: the version that it ran before, and that it runs then
	Stays      []string  // rolling back: services with their versions that are left as they are
	Back       []string  // services with the versions that a rollback goes back to, where they are known
	Start, End time.Time // of what people notice, as far as that can be told
}

// TellingOf is that of a deployment at a time.
func TellingOf(d Deployment, at time.Time) Telling {
	var out Telling
	short, _ := ShortOf(d)
	for _, t := range d.Targets {
		if d.Part == PartRollback && !slices.Contains(d.RollbackServices, t.Service) {
			if slices.Contains(d.Touched(), t.Service) {
				out.Stays = append(out.Stays, t.Service+" "+t.After.Version)
			}
			continue // it stays as it is
		}
		was, becomes := Found(d, t), t.After
		back, known := BackTo(d, t)
		if known {
			out.Back = append(out.Back, t.Service+" "+back.Version)
		}
		if known && d.Part == PartRollback {
			was = back
		}
		if short == ShortOfRollout && d.Part == PartMain && !IsLive(d, t) {
			becomes = t.Before // nothing is rolled out
		}
		out.Services, out.From, out.To = append(out.Services, t.Service), append(out.From, was.Version), append(out.To, becomes.Version)
	}
	out.Start, out.End = window(d, at)
	return out
}

// What are the services with what they run then.
func (t Telling) What() []string { return t.with(t.To) }

// Before are the services with what they ran before.
func (t Telling) Before() []string { return t.with(t.From) }

func (t Telling) with(versions []string) []string {
	out := make([]string, len(versions))
	for i, v := range versions {
		out[i] = t.Services[i] + " " + v
	}
	return out
}

// args are the values of the placeholders in a procedure's words at a time.
func (d Deployment) args(at time.Time) map[string]string {
	t := TellingOf(d, at)
	var approvers []string
	for _, s := range d.Steps {
		for _, a := range s.Approvals {
			approvers = append(approvers, a.By.Name)
		}
	}
	list := func(s []string) string { return strings.Join(s, ", ") }
	out := maps.Clone(d.Terms)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, schedule(d, at))
	maps.Copy(out, map[string]string{
		"id": d.ID, "service": list(t.Services), "from": list(t.From), "to": list(t.To), "what": list(t.What()),
		"retailer": d.Site.Name, "environment": d.Site.Environment, "requester": d.Requester.Name,
		"approvers": list(approvers), "reason": d.Reason, "tam": d.Terms["tam"], "procedure": d.Procedure.Title,
		"risk": d.Inputs["risk"], "downtime": d.Inputs["downtime"], "notice": strings.Join(d.Warnings, " "), "stays": "",
	})
	if len(t.Stays) > 0 {
		out["stays"] = "Not rolled back: " + list(t.Stays) + "."
	}
	return out
}

// schedule is when what people notice begins and ends, as far as it can be
// told at a time, how long that is, and what it means for them.
func schedule(d Deployment, at time.Time) map[string]string {
	start, end := window(d, at)
	return map[string]string{
		"start": start.UTC().Format(time.RFC3339), "end": end.UTC().Format(time.RFC3339),
		"next-update": end.UTC().Format(time.RFC3339), "duration": SpanInWords(end.Sub(start)), "impact": impact(d),
	}
}

// window is from the rollout's beginning, or when that is expected, to the end
// of what follows it by itself.
func window(d Deployment, at time.Time) (start, end time.Time) {
	start = at
	if d.Planned.After(at) {
		start = d.Planned
	}
	const slot = 5 * time.Minute
	var takes time.Duration
	began, over := false, true
	for _, s := range d.Steps {
		if s.Part == PartRollback || s.Work() != WorkSystem {
			continue
		}
		if s.Deploys() && s.Attempt > 0 {
			start, began = s.Began, true
		}
		takes += s.Estimate
		over = over && s.Status == Done
	}
	if began && over || d.Part == PartRollback {
		return start, at
	}
	end = start.Add(max(slot, (takes + slot - 1).Truncate(slot)))
	if !end.After(at) { // it takes longer than it was thought to
		end = at.Add(slot)
	}
	return start, end
}

// impact is what somebody has written about it, or what the answer about
// downtime means.
func impact(d Deployment) string {
	switch {
	case d.Inputs["impact"] != "":
		return Sentence(d.Inputs["impact"])
	case d.Inputs["downtime"] == "yes":
		return "The service is not available during this time."
	}
	return "No interruption is expected."
}

// Texts are all texts of a procedure in which something can be named: conditions, and
// words for people and systems.
func (p Procedure) Texts() []string {
	out := slices.Concat(valuesOf(p.Messages), valuesOf(p.Titles), valuesOf(p.Values), valuesOf(p.Vars))
	for _, ph := range p.Phases {
		out = append(out, ph.When, ph.Else)
	}
	for _, t := range p.Troubles {
		out = append(out, t.texts()...)
	}
	for _, steps := range p.parts() {
		for _, s := range steps {
			out = append(out, s.Texts()...)
		}
	}
	return slices.DeleteFunc(out, func(t string) bool { return t == "" })
}

// Texts are all texts of a step in which something can be named.
func (s Step) Texts() []string {
	out := []string{s.Title, s.When, s.Else, s.EachOf, s.Expect, s.How, s.Troubleshooting, s.Deadline}
	for _, l := range s.Links {
		out = append(out, l.Title, l.Link)
	}
	for _, t := range s.Troubles {
		out = append(out, t.texts()...)
	}
	return append(out, s.With.Texts()...)
}

func (t Trouble) texts() []string {
	return append([]string{t.Symptom, t.Diagnosis, t.Fix}, t.Causes...)
}

// Texts are all texts among the values.
func (v Values) Texts() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		one := v[name]
		out = append(append(append(out, one.Text), one.List...), valuesOf(one.Texts)...)
		for _, i := range one.Items {
			out = append(out, i.Title, i.Link)
		}
		for _, row := range one.Rows {
			out = append(out, valuesOf(row)...)
		}
		for _, in := range one.Inputs {
			out = append(out, in.Label, in.Default, in.When, in.OptionsOf, in.Help)
		}
	}
	return slices.DeleteFunc(out, func(t string) bool { return t == "" })
}

// valuesOf are the values of a map, in the order of their names.
func valuesOf(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[name])
	}
	return out
}

// spanMax is the longest part of a time that people write.
const spanMax = 10 * 365 * 24 * time.Hour

// span is one part of a time as people write it.
var span = regexp.MustCompile(`^(\d{1,6})(w|d|h|m|s)`)

// ParseSpan reads how long something lasts, as people write it: 30s, 15m, 1h30m, 2d,
// 1w, in falling units. A number without a unit is none.
func ParseSpan(text string) (time.Duration, error) {
	const units = "wdhms"
	unit := []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second}
	var sum time.Duration
	last, rest := -1, text
	for rest != "" {
		m := span.FindStringSubmatch(rest)
		if m == nil {
			return 0, fmt.Errorf("%q is no time such as 30s, 15m, 1h30m, 2d or 1w", text)
		}
		at := strings.Index(units, m[2])
		if at <= last {
			return 0, fmt.Errorf("%q has its units in the wrong order; write it like 1h30m", text)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || time.Duration(n) > spanMax/unit[at] {
			return 0, fmt.Errorf("%q is longer than anything lasts", text)
		}
		sum, last, rest = sum+time.Duration(n)*unit[at], at, rest[len(m[0]):]
	}
	if text == "" {
		return 0, errors.New("a time is missing, such as 15m")
	}
	return sum, nil
}
