// Package urltemplate fills the URLs that procedures and configs write with
// placeholders in braces, and says which are none.
package urltemplate

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
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
		instead := spelling.SuggestAs("{%s}", m[1], placeholders)
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
func (a Address) For(in deployer.Intent) (string, error) {
	if err := a.Check(); err != nil {
		return "", err
	}
	return fillAddress(string(a), map[string]string{"service": in.Service, "retailer": in.Site.Name, "environment": in.Site.Environment})
}

// fillAddress puts values into a URL, each escaped for where it stands.
func fillAddress(a string, values map[string]string) (string, error) {
	var out, written strings.Builder
	for {
		at := addressHole.FindStringSubmatchIndex(a)
		if at == nil {
			break
		}
		out.WriteString(a[:at[0]])
		written.WriteString(a[:at[0]])
		name := a[at[2]:at[3]]
		value, ok := PartAfter(written.String()).Escape(values[name])
		if !ok {
			return "", fmt.Errorf("the %s %q can't stand in a URL at {%s}", name, values[name], name)
		}
		out.WriteString(value)
		written.WriteByte('x') // what a value holds ends no part
		a = a[at[1]:]
	}
	full := out.String() + a
	return full, CheckFilled(full)
}

var addressHole = regexp.MustCompile(`\{([^{}]*)\}`)
