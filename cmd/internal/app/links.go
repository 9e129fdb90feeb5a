package app

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer/urltemplate"
	"github.com/stationmaster/stationmaster/templates/strict"
)

const (
	linksMax     = 8  // of one retailer or service: they stand in a line
	linkLabelMax = 30 // characters of a link's name
)

// links takes over the links of retailers and services. Those of a retailer
// know no service; both know the inputs of all procedures. A retailer's link may
// always hold its own name: it belongs to the input that is called so, which
// other procedures may not have.
func (c *checker) links(cfg *Config) {
	known := slices.Clone(urltemplate.LinkPlaceholders)
	for _, name := range sorted(cfg.Procedures) {
		for _, in := range cfg.Procedures[name].Inputs {
			if !slices.Contains(known, in.ID) {
				known = append(known, in.ID)
			}
		}
	}
	for name, file := range c.file.Retailers {
		r := cfg.Retailers[name]
		r.Links = c.checked(name, file.Links, func(label string) []string { return append(slices.Clone(known), label) })
		cfg.Retailers[name] = r
	}
	ofService := slices.Concat(known, urltemplate.ServicePlaceholders)
	for name, file := range c.file.Services {
		s := cfg.Services[name]
		s.Links = c.checked(name, file.Links, func(string) []string { return ofService })
		cfg.Services[name] = s
	}
}

// checked are the links of one retailer or service; known are the placeholders
// that the one of a name may hold.
func (c *checker) checked(owner string, links map[string]strict.Text, known func(label string) []string) map[string]urltemplate.Link {
	out := map[string]urltemplate.Link{}
	for _, label := range sorted(links) {
		t := links[label]
		if label == "" || len([]rune(label)) > linkLabelMax {
			c.wrong(t, "the name of a link is what people read: from 1 to %d characters", linkLabelMax)
		}
		if err := urltemplate.Link(t.Value).Check(known(label)); err != nil {
			c.wrong(t, "the link %s of %s: %v", label, owner, err)
		}
		if len(out) == linksMax {
			c.wrong(t, "%s has more than %d links, which nobody would find anything in", owner, linksMax)
		}
		out[label] = urltemplate.Link(t.Value)
	}
	return out
}
