package app

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// riskInput is the input of procedures that lead times are keyed by.
const riskInput = "risk"

// messages checks words that stand over those of the procedures.
func (c *checker) messages(cfg *Config, written map[string]strict.Text, path ...string) map[string]string {
	known := templates.Messages(cfg.Procedures)
	roles := sorted(c.file.Roles)
	out := map[string]string{}
	for name, words := range written {
		clients, ok := known[name]
		if !ok && cfg.Procedures != nil {
			c.wrong(c.key(append(path, name)...), "%s", strict.Unknown("message in a procedure", name, sorted(known)))
			continue
		}
		for _, why := range templates.Wrong(words.Value, clients, append([]string{}, roles...)) {
			c.wrong(words, "%s", why)
		}
		out[name] = words.Value
	}
	return out
}

// leadTimes checks how long ahead a deployment of each risk is announced.
func (c *checker) leadTimes(cfg *Config) map[string]time.Duration {
	var known []string
	for _, p := range cfg.Procedures {
		for _, in := range p.Inputs {
			if in.ID == riskInput {
				known = append(known, in.Options...)
			}
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	out := map[string]time.Duration{}
	for risk, t := range c.file.LeadTimes {
		if len(known) > 0 && !slices.Contains(known, risk) {
			c.wrong(c.key("lead_times", risk), "%s", strict.Unknown("value of the input "+riskInput, risk, known))
		}
		d, err := time.ParseDuration(t.Value)
		if err != nil || d < 0 {
			c.wrong(t, "a lead time is a time such as 0s, 90m or 24h, not %q", t.Value)
		}
		out[risk] = d
	}
	return out
}
