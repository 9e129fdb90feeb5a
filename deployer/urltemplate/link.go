package urltemplate

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

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
	return fillAddress(string(l), values)
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
