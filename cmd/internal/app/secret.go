package app

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// reference is how a config says where a secret is.
var reference = regexp.MustCompile(`^\$\{(ENV|FILE):([^}]+)\}$`)

// secret reads a secret from where the config says, once: what it opens or signs
// is kept. The error never shows what was written or read.
func (c *checker) secret(t strict.Text) deployer.Secret {
	read := c.renewable(t)
	if read == nil {
		return ""
	}
	value, err := read()
	if err != nil {
		return "" // which was said
	}
	return value
}

// renewable is a secret that is read when it is used, for its file may be written
// anew while the process runs; nil: there is none. What can't be read now is wrong
// already.
func (c *checker) renewable(t strict.Text) func() (deployer.Secret, error) {
	if t.Value == "" {
		return nil
	}
	m := reference.FindStringSubmatch(t.Value)
	if m == nil {
		c.wrong(t, "a secret is never written here: use ${ENV:NAME} or ${FILE:/path}")
		return nil
	}
	if m[1] == "ENV" {
		v, ok := os.LookupEnv(m[2])
		if !ok {
			c.wrong(t, "the environment variable %s is not set", m[2])
		}
		return func() (deployer.Secret, error) { return deployer.Secret(v), nil }
	}
	path := Beside(c.path, m[2])
	read := func() (deployer.Secret, error) { return readSecret(path) }
	if _, err := read(); err != nil {
		c.wrong(t, "the secret can not be read: %v", err)
	}
	return read
}

// readSecret reads a file without the space around its content. An empty one is no
// secret: it is just being written.
func readSecret(path string) (deployer.Secret, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return deployer.Secret(text), nil
}
