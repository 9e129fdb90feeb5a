package deployer

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
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

// Unseen reports whether a character can't be seen where it stands: it takes no
// room, turns around what stands beside it, or is blank without being a space.
// Letters that join and emoji hold some of these for good reason.
func Unseen(r rune) bool {
	switch {
	case unicode.IsSpace(r):
		return false
	case r == '\u2800', r == '\U0001D159': // the empty pattern of Braille, the empty head of a note
		return true
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // formatting by its class, and seen
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Blank reports whether there is nothing to read in a text: a reason of that is none.
func Blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !Unseen(r) && !unicode.IsMark(r) })
}

// said is what somebody gave as a reason or a comment; "" where there is nothing to read.
func said(s string) string {
	if Blank(s) {
		return ""
	}
	return strings.TrimSpace(s)
}

// Foreign is the first character of a version that is not a letter, digit or sign
// of ASCII, if there is one. Tags hold none: what looks like the one that is meant
// would be another.
func Foreign(s string) (r rune, found bool) {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return r, true
		}
	}
	return 0, false
}

// A Language knows what the conditions and texts of procedures come to. It is pure:
// it looks at nothing but its arguments, always says the same of them, and what it
// costs is bounded. An error says, in words for people, that it can't be told.
type Language interface {
	// Compute is what an expression comes to, as TypeCond (Flag), TypeTime (Time), TypeList (List)
	// or TypeText (Text).
	Compute(expression string, as ParamType, at Moment) (Value, error)
	// With are the parameters of the step of a moment, filled and computed, each for
	// where its Param says that it stands.
	With(at Moment) (Values, error)
	// Words are the values of the placeholders in a text, by what stands in the braces.
	// Times are written as RFC 3339 has it.
	Words(text string, at Moment) (map[string]string, error)
}

// A Moment is what a condition or a text is read at.
type Moment struct {
	Deployment *Deployment
	Now        time.Time
	Step       string // the id of the step that it belongs to; "": none
	Item       string // the service or member that it is done for; "": none
}

var errNoLanguage = errors.New("this process knows no language")

// A reader reads what a procedure says, at a moment.
type reader struct {
	Language // nil: what needs one can't be told
	at       Moment
}

// An evaluator finds out what the conditions, parameters and texts of steps come to now.
type evaluator struct {
	d        *Deployment
	now      time.Time
	language Language // nil: there is none
	people   Members  // nil: nobody is known
}

func (v evaluator) reader(step, item string) reader {
	return reader{v.language, Moment{Deployment: v.d, Now: v.now, Step: step, Item: item}}
}

// condition is what an expression says before a step or a phase begins.
func (v evaluator) condition(e ConditionSeen, expression string) ConditionSeen {
	r := v.reader(e.Step, "")
	is, err := r.compute(expression, TypeCond)
	e.At, e.Is, e.Saw = v.now, Holds, r.saw(expression)
	switch {
	case err != nil && e.Phase == "":
		e.Is, e.Why = Unasked, Tail(err.Error(), DetailMax)
	case err != nil: // whoever is asked about its first step decides for all
		e.Why = Tail(err.Error(), DetailMax)
	case !is.Flag:
		e.Is = Fails
	}
	return e
}

func (r reader) compute(expression string, as ParamType) (Value, error) {
	if r.Language == nil {
		return Value{}, errNoLanguage
	}
	return r.Compute(expression, as, r.at)
}

// with are the parameters of the step of the moment; nil: they are as they are written.
func (r reader) with(s Step) (Values, error) {
	if !s.holdsParameters() {
		return nil, nil
	}
	if r.Language == nil {
		return nil, errNoLanguage
	}
	v, err := r.With(r.at)
	if err != nil || reflect.DeepEqual(v, s.With) {
		return nil, err
	}
	return v, nil
}

// forAll is a text that people read, filled once for all of some items: what differs among
// them stands there for each.
func (r reader) forAll(text string, items []string) (string, error) {
	if !strings.Contains(text, "{") {
		return text, nil
	}
	if r.Language == nil {
		return "", errNoLanguage
	}
	values := make([]map[string]string, len(items))
	for i, item := range items {
		r.at.Item = item
		var err error
		if values[i], err = r.Words(text, r.at); err != nil {
			return "", err
		}
	}
	return hole.ReplaceAllStringFunc(text, func(found string) string {
		var all []string
		for _, of := range values {
			if one := fillWords(found, of, r.at.Deployment.Place.zone()); !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
		return strings.Join(all, ", ")
	}), nil
}

// Filled is a text with the values of its placeholders at a moment. Times are those of the
// place.
func Filled(l Language, text string, at Moment) (string, error) {
	return reader{l, at}.forAll(text, []string{at.Item})
}

// words are the values of the placeholders in words that are told. Without a language
// there are none: the core knows some by itself.
func (r reader) words(texts ...string) (map[string]string, error) {
	out := map[string]string{}
	for _, text := range texts {
		if r.Language == nil || !strings.Contains(text, "{") {
			continue
		}
		values, err := r.Words(text, r.at)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, values)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// What a condition rests on is kept of at most so many names, each cut to so many bytes.
const (
	sawMax      = 20
	sawValueMax = 300
)

var (
	literal = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	named   = regexp.MustCompile(`\b(?:inputs|vars|values|steps|service|retailer|product|environment|maintenance|failure)(?:\.[A-Za-z_][A-Za-z0-9_-]*)+\(?|\b(?:each|outcome|reason)\b`)
)

// saw is what an expression rests on, as people read it, as far as that can be told.
func (r reader) saw(expression string) map[string]string {
	if r.Language == nil {
		return nil
	}
	out := map[string]string{}
	for _, path := range named.FindAllString(literal.ReplaceAllString(expression, `""`), sawMax) {
		if call, ok := strings.CutSuffix(path, "("); ok {
			path = call[:strings.LastIndex(call, ".")]
		}
		values, err := r.Words("{"+path+"}", r.at)
		if v, ok := values[path]; err == nil && ok {
			out[path] = Tail(v, sawValueMax)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (l Locale) zone() *time.Location {
	if zone, err := time.LoadLocation(l.Zone); err == nil {
		return zone
	}
	return time.UTC
}

var hole = regexp.MustCompile(`\{\{(@?[A-Za-z_][\w.@-]*)\}\}|\{([^{}]*)\}`)

// fillWords puts values into a text, by what stands in its braces. A brace for which
// there is none stays as it is, and {{name}} is {name}.
func fillWords(text string, values map[string]string, zone *time.Location) string {
	return hole.ReplaceAllStringFunc(text, func(found string) string {
		m := hole.FindStringSubmatch(found)
		v, ok := values[m[2]]
		at, err := time.Parse(time.RFC3339, v)
		switch {
		case m[1] != "":
			return "{" + m[1] + "}"
		case !ok:
			return found
		case err == nil:
			return clock(at, zone)
		}
		return v
	})
}

// clock is a moment as people of a zone write it.
func clock(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("2 Jan 15:04 MST")
}

// Secret is a string that does not show itself when it is printed.
type Secret string

func (Secret) String() string { return "(secret)" }

func (Secret) GoString() string { return "(secret)" }

func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }
