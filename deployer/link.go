package deployer

import (
	"errors"
	"fmt"
	"net/url"
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
	if len(l) > linkMost {
		return fmt.Errorf("a link has at most %d characters", linkMost)
	}
	return checkAddress("https://x/"+fragment, placeholders)
}

const linkMost = 1000

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
