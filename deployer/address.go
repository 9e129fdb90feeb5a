package deployer

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// An Address is a URL of http or https as a procedure writes it. It may hold
// the placeholders {service}, {retailer} and {environment}.
type Address string

var addressPlaceholders = []string{"service", "retailer", "environment"}

// Check says what is wrong with the address as it is written, or nil.
func (a Address) Check() error {
	if strings.Contains(string(a), "#") {
		return errors.New("a URL ends before its #, which is never sent")
	}
	return checkAddress(string(a), addressPlaceholders)
}

// checkAddress says what is wrong with a URL that may hold those placeholders.
func checkAddress(a string, placeholders []string) error {
	for _, m := range addressHole.FindAllStringSubmatch(a, -1) {
		if slices.Contains(placeholders, m[1]) {
			continue
		}
		instead := SuggestAs("{%s}", m[1], placeholders)
		if instead == "" {
			instead = "there are: {" + strings.Join(placeholders, "}, {") + "}"
		}
		return fmt.Errorf("there is no placeholder {%s} in a URL; %s", m[1], instead)
	}
	full := addressHole.ReplaceAllString(a, "x")
	u, err := url.Parse(full)
	switch {
	case strings.ContainsAny(full, "{}"):
		return errors.New("a brace has no partner")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New("a URL begins with https:// or http:// and a host") // without the text, which may hold a password
	case u.User != nil:
		return errors.New("a user or a password is never written into a URL")
	}
	return nil
}

// For is the address for what an intent is about, each value escaped for where
// it stands. It fails where a value can't stand there, and where Check does.
func (a Address) For(in Intent) (string, error) {
	if err := a.Check(); err != nil {
		return "", err
	}
	return fillAddress(string(a), map[string]string{"service": in.Service, "retailer": in.Site.Name, "environment": in.Site.Environment})
}

// fillAddress puts values into the host, the path and the query of a URL.
func fillAddress(a string, values map[string]string) (string, error) {
	scheme, rest, _ := strings.Cut(a, "://")
	rest, query, asks := strings.Cut(rest, "?")
	host, path, hasPath := strings.Cut(rest, "/")
	host, err := fill(host, values, hostEscape)
	if err != nil {
		return "", err
	}
	if path, err = fill(path, values, pathEscape); err != nil {
		return "", err
	}
	if query, err = fill(query, values, queryEscape); err != nil {
		return "", err
	}
	full := scheme + "://" + host
	if hasPath {
		full += "/" + path
	}
	if asks {
		full += "?" + query
	}
	return full, nil
}

var (
	addressHole = regexp.MustCompile(`\{([^{}]*)\}`)
	hostLabel   = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
)

// fill replaces the placeholders in a part of an address.
func fill(part string, values map[string]string, escape func(string) (string, bool)) (string, error) {
	var failed error
	part = addressHole.ReplaceAllStringFunc(part, func(hole string) string {
		name := strings.Trim(hole, "{}")
		value, ok := escape(values[name])
		if !ok && failed == nil {
			failed = fmt.Errorf("the %s %q can't stand in a URL at %s", name, values[name], hole)
		}
		return value
	})
	return part, failed
}

func hostEscape(v string) (string, bool) { return v, hostLabel.MatchString(v) }

// A dot or two would be a step in the path and not a name.
func pathEscape(v string) (string, bool) { return url.PathEscape(v), v != "" && v != "." && v != ".." }

func queryEscape(v string) (string, bool) { return url.QueryEscape(v), true }

// A Link is a URL of http or https as a config writes it, for people to open.
// It may hold placeholders, in braces.
type Link string

// LinkPlaceholders are what every link may hold, besides the ids of inputs.
// ServicePlaceholders are those of a link about one service.
var (
	LinkPlaceholders    = []string{"id", "retailer", "environment", "requester", "procedure"}
	ServicePlaceholders = []string{"service", "from", "to"}
)

// Check says what is wrong with the link as it is written, or nil.
func (l Link) Check(placeholders []string) error {
	address, fragment, _ := strings.Cut(string(l), "#")
	if err := checkAddress(address, placeholders); err != nil {
		return err
	}
	if len(l) > linkMax {
		return fmt.Errorf("a link has at most %d characters", linkMax)
	}
	return checkAddress("https://x/"+fragment, placeholders)
}

const linkMax = 1000

// For is the link with its placeholders filled, each value escaped for where
// it stands. It fails where a value is missing or can't stand there.
func (l Link) For(values map[string]string) (string, error) {
	for _, m := range addressHole.FindAllStringSubmatch(string(l), -1) {
		if values[m[1]] == "" {
			return "", errors.New("there is no " + m[1])
		}
	}
	address, fragment, marked := strings.Cut(string(l), "#")
	full, err := fillAddress(address, values)
	if err != nil || !marked {
		return full, err
	}
	fragment, err = fill(fragment, values, func(v string) (string, bool) { return url.PathEscape(v), true })
	return full + "#" + fragment, err
}

// key is what names a ticket or a change in its own system: CHG-1.
var key = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.[A-Za-z0-9_-]){0,79}$`)

// IsKey reports whether a value can be what a link is made of that belongs to
// an input: a key, and never words or another URL, which would read as if they
// stood in that system.
func IsKey(value string) bool { return key.MatchString(value) }

// HasUser reports whether a value is a URL with a user or a password, by which
// people take another host for the one that it leads to.
func HasUser(value string) bool {
	u, err := url.Parse(strings.TrimSpace(value))
	return err == nil && u.Host != "" && u.User != nil
}
