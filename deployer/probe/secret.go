package probe

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// secretHole stands in a header or a body for a secret of the config.
var secretHole = regexp.MustCompile(`\{secrets\.([A-Za-z0-9_-]+)\}`)

// reveal fills the secrets into headers and body, at the last moment: what is recorded
// has their names alone.
func (s *System) reveal(c *check, in deployer.Intent) (err error) {
	fill := func(text string, escape func(string) string) string {
		return secretHole.ReplaceAllStringFunc(text, func(hole string) string {
			name := secretHole.FindStringSubmatch(hole)[1]
			value, problem := s.secret(name)
			if problem != nil {
				err = fmt.Errorf("read the secret %s: %w", name, problem)
				return ""
			}
			if value != "" {
				c.hidden = append(c.hidden, string(value), jsonEscape(string(value)))
			}
			return escape(string(value))
		})
	}
	c.headers = map[string]string{}
	for name, text := range in.With[paramHeaders].Texts {
		c.headers[name] = fill(text, func(v string) string { return v })
	}
	c.body = fill(in.With[paramBody].Text, jsonEscape)
	return err
}

// jsonEscape is a value for within a string of JSON, as every value in a body is.
func jsonEscape(value string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String()[1:], "\"\n")
}

// hide takes the secrets out of what people may see: a server may say what it was told,
// as it is or in JSON.
func (c check) hide(text string) string {
	for _, secret := range c.hidden {
		text = strings.ReplaceAll(text, secret, deployer.Secret("").String())
	}
	return text
}
