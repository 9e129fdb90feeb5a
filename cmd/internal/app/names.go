package app

import (
	"regexp"
	"strings"

	"github.com/stationmaster/stationmaster/deployer/registry"
	"github.com/stationmaster/stationmaster/store"
)

// name is what a service, a retailer or an environment can be called: it is
// typed in commands, where a colon and spaces divide, and stands in ids and keys.
var name = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]*$`)

// names checks what people type.
func (c *checker) names() {
	check := func(what, called string, path ...string) {
		if !name.MatchString(called) {
			c.wrong(c.key(path...), "a name has letters, digits and . _ -, and begins with a letter or a digit; the %s %q does not", what, called)
		}
	}
	for service := range c.file.Services {
		check("service", service, "services", service)
	}
	for retailer, r := range c.file.Retailers {
		check("retailer", retailer, c.under(retailer), retailer)
		if strings.ToLower(retailer) != retailer {
			c.wrong(c.key(c.under(retailer), retailer), "the retailer %s is found by its channel, and Slack's channels have no capitals: write %s", retailer, strings.ToLower(retailer))
		}
		for env := range r.Environments {
			check("environment", env, c.under(retailer), retailer, "environments", env)
		}
	}
}

// store checks the URL of the store, as far as that is possible without opening
// it.
func (c *checker) store() {
	if at := c.file.Store; at.Value != "" {
		if err := store.Check(at.Value); err != nil {
			c.wrong(at, "the store: %v", err) // the URL may hold a password
		}
	}
}

// image checks the image of a service.
func (c *checker) image(service, image string) {
	at := c.file.Services[service].Rollout.Image
	last := image[strings.LastIndex(image, "/")+1:]
	switch {
	case image == "":
		c.wrong(c.key("services", service, "rollout"), "the service %s needs an image, without a tag", service)
	case strings.ContainsAny(last, ":@"):
		c.wrong(at, "the image %s of %s must have no tag and no digest", image, service)
	case !registry.Names(image):
		c.wrong(at, "the image %q of %s can not be: it has lower-case letters, digits and . _ - /, and no https://, such as registry.example/web", image, service)
	}
}
