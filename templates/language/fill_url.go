package language

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The parts of a URL, each with its own way to escape.
type urlPart int

const (
	urlHost urlPart = iota
	urlPath
	urlQuery
	urlFragment
)

var hostLabel = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)

// asURL puts values into a URL. One that begins with a value begins with a whole URL,
// which nothing but a path can follow.
func asURL(pieces []piece) (string, error) {
	var out strings.Builder
	part, written := urlHost, ""
	for i, p := range pieces {
		if p.path == "" {
			written += p.written
			part = partAfter(written)
			out.WriteString(p.written)
			continue
		}
		if i == 0 {
			base, err := wholeURL(p, len(pieces) > 1)
			if err != nil {
				return "", err
			}
			written = base
			part = partAfter(written)
			out.WriteString(base)
			continue
		}
		v, ok := escapeURL(part, p.print)
		if !ok {
			return "", fmt.Errorf("%q can't stand in a URL at {%s}", p.print, p.path)
		}
		written += "x"
		out.WriteString(v)
	}
	full := out.String()
	return full, checkURL(full)
}

// partAfter is the part of a URL in which what is written so far ends.
func partAfter(written string) urlPart {
	_, rest, found := strings.Cut(written, "://")
	switch {
	case !found:
		return urlHost
	case strings.Contains(rest, "#"):
		return urlFragment
	case strings.Contains(rest, "?"):
		return urlQuery
	case strings.Contains(rest, "/"):
		return urlPath
	}
	return urlHost
}

// escapeURL is a value for a part of a URL.
func escapeURL(part urlPart, v string) (string, bool) {
	switch part {
	case urlHost:
		return v, hostLabel.MatchString(v)
	case urlPath:
		return url.PathEscape(v), v != "" // a dot or two are looked at in the whole
	case urlQuery:
		return url.QueryEscape(v), true
	}
	return url.PathEscape(v), true
}

// wholeURL is a value that is a URL by itself.
func wholeURL(p piece, more bool) (string, error) {
	u, err := url.Parse(strings.TrimSpace(p.print))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil:
		return "", fmt.Errorf("what {%s} holds is no URL", p.path)
	case more && (u.RawQuery != "" || u.Fragment != "" || u.ForceQuery):
		return "", fmt.Errorf("nothing can follow the URL that {%s} holds", p.path)
	}
	return u.String(), nil
}

// checkURL looks whether a filled URL is one, and no name in it became a step of its
// path.
func checkURL(full string) error {
	u, err := url.Parse(full)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return reason("it is no URL of http or https")
	}
	steps := strings.FieldsFunc(u.Path, func(c rune) bool { return c == '/' || c == '\\' }) // as one reads it who takes %2F for a slash
	if slices.Contains(steps, ".") || slices.Contains(steps, "..") {
		return reason("a . or .. would be a step in the path of the URL")
	}
	return nil
}
