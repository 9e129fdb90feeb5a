package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/templates/strict"
)

var word = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

func (r *reader) word(t strict.Text, what string) {
	if !word.MatchString(t.Value) {
		r.wrong(t, "id", fmt.Sprintf("%q can not be the %s", t.Value, what), "use small letters, digits, - and _")
	}
}

func (r *reader) nameOf(t strict.Text, name, what string) {
	if !word.MatchString(name) {
		r.wrong(t, "id", fmt.Sprintf("%q can not be the name of a %s", name, what), "use small letters, digits, - and _")
	}
}

// required reports whether a text was written, and says so where it was not: where
// its key stands, else where that should be.
func (r *reader) required(t, otherwise strict.Text, key, what, hint string) bool {
	if !isBlank(t.Value) {
		return true
	}
	if !t.Written() && (hinted(r.read, `did you mean "`+key+`"`) || hinted(r.read, `called "`+key+`"`)) {
		return false // it stands there by another name
	}
	if !t.Written() {
		t = otherwise
	}
	r.wrong(t, "missing", what, hint)
	return false
}

// hinted reports whether a mistake was told to be something else.
func hinted(found strict.Problems, hint string) bool {
	return slices.ContainsFunc(found, func(p strict.Problem) bool { return strings.Contains(p.Hint, hint) })
}

// plain is a name as conditions have it, in which a hyphen would be a minus.
func plain(name string) string { return strings.ReplaceAll(name, "-", "_") }

// untold says that two names are one in conditions.
func untold(name, other string) string {
	return fmt.Sprintf("conditions can't tell %q from %q", name, other)
}
