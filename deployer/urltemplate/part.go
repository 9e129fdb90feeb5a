package urltemplate

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A Part of a URL has its own way to escape what is put into it.
type Part int

// The parts.
const (
	Host Part = iota
	Path
	Query
	Fragment
)

// PartAfter is the part in which what is written so far of a URL ends.
func PartAfter(written string) Part {
	_, rest, found := strings.Cut(written, "://")
	switch {
	case !found:
		return Host
	case strings.Contains(rest, "#"):
		return Fragment
	case strings.Contains(rest, "?"):
		return Query
	case strings.Contains(rest, "/"):
		return Path
	}
	return Host
}

var hostLabel = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)

// Escape is a value for the part, and whether it can stand there. What it makes of a
// path together with others, CheckFilled says.
func (p Part) Escape(v string) (string, bool) {
	switch p {
	case Host:
		return v, hostLabel.MatchString(v)
	case Path:
		return url.PathEscape(v), v != ""
	case Query:
		return url.QueryEscape(v), true
	}
	return url.PathEscape(v), true
}

// CheckFilled says what is wrong with a URL whose values are filled, or nil: it has to be
// one, and no value may have become a step of its path.
func CheckFilled(full string) error {
	u, err := url.Parse(full)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return errors.New("it is no URL of http or https")
	}
	steps := strings.FieldsFunc(u.Path, func(c rune) bool { return c == '/' || c == '\\' }) // as one reads it who takes %2F for a slash
	if slices.Contains(steps, ".") || slices.Contains(steps, "..") {
		return errors.New("a . or .. would be a step in the path of the URL")
	}
	return nil
}
