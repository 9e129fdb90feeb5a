package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A reader reads single values, and says what is wrong with each.
type reader struct {
	*report
	known   Known
	builtIn bool
}

func (r *reader) flag(t strict.Text, key string) bool {
	if t.Written() && t.Value != "true" && t.Value != "false" {
		r.wrong(t, "flag", fmt.Sprintf("%s is true or false, not %q", key, t.Value), "")
	}
	return t.Value == "true"
}

// computed is what is no time as it is written, and may come to one.
var computed = regexp.MustCompile(`[{(]|[a-z]\.[a-z]`)

// duration reads one; 0 where it is not written or wrong.
func (r *reader) duration(t strict.Text) time.Duration {
	if !t.Written() {
		return 0
	}
	span, what, hint := strict.Span(t.Value)
	switch {
	case what != "" && computed.MatchString(t.Value):
		r.wrong(t, "duration", "how long something lasts is written as it is, and neither {values} nor CEL can stand here", "write one such as 15m")
	case what != "":
		r.wrong(t, "duration", what, hint)
	case span == 0:
		r.wrong(t, "duration", t.Value+" is no time", "write one such as 15m, or take the line away")
	}
	return span
}

// durations reads times that come one after the other.
func (r *reader) durations(times []strict.Text) []time.Duration {
	var out []time.Duration
	last, before := time.Duration(0), ""
	for _, t := range times {
		d := r.duration(t)
		switch {
		case d == 0:
			continue
		case d <= last:
			r.wrong(t, "reminders", fmt.Sprintf("reminders come one after the other: %s is not later than %s", t.Value, before), "")
			continue
		}
		last, before = d, t.Value
		out = append(out, d)
	}
	return out
}

// Most of what is counted: of people, and of tries; of all else that a parameter says.
const (
	timesMax  = 100
	numberMax = 1_000_000
)

// number reads a whole one that is not less than the least, and not more than the most.
func (r *reader) number(t strict.Text, key string, least, most int) int {
	if !t.Written() {
		return 0
	}
	n, err := strconv.Atoi(t.Value)
	if err != nil || n < least {
		r.wrong(t, "number", fmt.Sprintf("%s is a whole number from %d on, not %q", key, least, t.Value), "")
		return 0
	}
	if n > most {
		r.wrong(t, "number", fmt.Sprintf("%s is at most %d, not %d", key, most, n), "")
		return 0
	}
	return n
}

// one reads a word that has to be one of some; "" where it is not.
func (r *reader) one(t strict.Text, key string, of ...string) string {
	if !t.Written() {
		return ""
	}
	if !slices.Contains(of, t.Value) {
		r.wrong(t, "unknown-word", fmt.Sprintf("%s is never %q", key, t.Value), isOneOf(t.Value, of))
		return ""
	}
	return t.Value
}

// isOneOf says which word was meant, else what it may be.
func isOneOf(word string, of []string) string {
	if near := spelling.SuggestAs("%q", word, of); near != "" {
		return near
	}
	if len(of) > 8 {
		return "it is one of " + strings.Join(of[:8], ", ") + ", …"
	}
	if len(of) == 1 {
		return "it is " + of[0]
	}
	return "it is " + strings.Join(of[:len(of)-1], ", ") + " or " + of[len(of)-1]
}

// literals reads a list of texts, none of them empty or twice.
func (r *reader) literals(list []strict.Text, key string) []string {
	var out []string
	for _, t := range list {
		switch {
		case !t.Written(): // what stands there was wrong already
		case isBlank(t.Value):
			r.wrong(t, "empty", "an entry of "+key+" is empty", "")
		case slices.Contains(out, t.Value):
			r.wrong(t, "doubled", fmt.Sprintf("%q stands in this list already", t.Value), "take one of them away")
		default:
			out = append(out, t.Value)
		}
	}
	return out
}

// role checks one that the config has to have. One of another file was checked there.
func (r *reader) role(t strict.Text, besides ...string) string {
	if t.Written() && r.known.Roles != nil && !r.builtIn && r.mine(t) && !slices.Contains(r.known.Roles, t.Value) && !slices.Contains(language.BuiltInRoles, t.Value) {
		r.wrong(t, "unknown-role", fmt.Sprintf("the config has no role %q", t.Value), strict.Instead(t.Value, r.allRoles(besides)))
	}
	return t.Value
}

// environments checks names of environments, which the config has to have.
func (r *reader) environments(list []strict.Text) []string {
	for _, t := range list {
		r.site(t, "environment", r.known.Environments)
	}
	return r.literals(list, "environments")
}

// site checks the name of an environment or a retailer, which the config has to have.
func (r *reader) site(t strict.Text, what string, known []string) {
	if t.Written() && known != nil && !r.builtIn && r.mine(t) && !isBlank(t.Value) && !slices.Contains(known, t.Value) {
		r.wrong(t, "unknown-"+what, fmt.Sprintf("the config has no %s %q", what, t.Value), language.InsteadOfSite(t.Value, known))
	}
}

// allRoles are those that may be named, each once.
func (r *reader) allRoles(besides []string) []string {
	var out []string
	for _, role := range slices.Concat(besides, r.known.Roles, language.BuiltInRoles) {
		if !slices.Contains(out, role) {
			out = append(out, role)
		}
	}
	return out
}

func (r *reader) roles(list []strict.Text, key string) []string {
	for _, t := range list {
		r.role(t)
	}
	return r.literals(list, key)
}

// pattern checks a regular expression.
func (r *reader) pattern(t strict.Text, key string, matchesNothing bool) {
	switch re, err := regexp.Compile(t.Value); {
	case err != nil:
		r.wrong(t, "pattern", fmt.Sprintf("%s is no regular expression: %s", key, strings.TrimPrefix(err.Error(), "error parsing regexp: ")), "")
	case !matchesNothing && re.MatchString(""):
		r.wrong(t, "pattern", key+" must not match the empty text, since it would match every line", "")
	}
}

var clock = regexp.MustCompile(`^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$`)

// clock reads a time of the day, and writes it with two digits each: such are compared as
// texts.
func (r *reader) clock(t strict.Text, key string) string {
	if t.Written() && !clock.MatchString(t.Value) {
		r.wrong(t, "clock", fmt.Sprintf("%s is a time of the day, not %q", key, t.Value), `write one such as "18:00"`)
	}
	if len(t.Value) == len("9:00") {
		return "0" + t.Value
	}
	return t.Value
}

// decode reads what has structs of its own.
func (r *reader) decode(n strict.Node, key string, into any) {
	for _, p := range n.Decode(key, into) {
		r.add(p)
	}
}

// address checks a URL as it is written: its values are not known yet.
func (r *reader) address(t strict.Text, what string) {
	full := strings.TrimSpace(t.Value)
	if !t.Written() || strings.HasPrefix(full, "{") {
		return
	}
	if !strings.HasPrefix(full, "https://") && !strings.HasPrefix(full, "http://") {
		r.wrong(t, "url", what+" begins with https:// or http://", "")
	} else if host, _, _ := strings.Cut(strings.SplitN(full, "://", 2)[1], "/"); strings.Contains(host, "@") {
		r.wrong(t, "url", "a user or a password is never written into a URL", "")
	}
}
