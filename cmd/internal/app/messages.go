package app

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// riskInput is the input of procedures that lead times are keyed by.
const riskInput = "risk"

// wordsFile is a message as it is written: words, or a title with words for pages,
// mails and releases.
type wordsFile struct {
	Title strict.Text `yaml:"title" doc:"Its title on pages, in mails and releases."`
	Text  strict.Text `yaml:"text" short:"scalar" doc:"Its words."`
}

// messages checks words and titles that stand over those of the procedures.
func (c *checker) messages(cfg *Config, written map[string]wordsFile, path ...string) (words, titles map[string]string) {
	known := templates.Messages(cfg.allProcedures())
	roles := append([]string{}, sorted(c.file.Roles)...)
	words, titles = map[string]string{}, map[string]string{}
	for name, w := range written {
		if _, ok := known[name]; !ok && cfg.Procedures != nil {
			c.wrong(c.key(append(slices.Clone(path), name)...), "%s", strict.Unknown("message in a procedure", name, sorted(known)))
			continue
		}
		for _, t := range []strict.Text{w.Text, w.Title} {
			if t.Line == 0 {
				continue // it was not written
			}
			c.reworded(cfg, name, t, roles)
		}
		if w.Text.Line != 0 {
			words[name] = w.Text.Value
		}
		if w.Title.Line != 0 {
			c.titled(cfg, name, w.Title)
			titles[name] = w.Title.Value
		}
	}
	return words, titles
}

// reworded says what is wrong with what stands over words of the procedures; what is only
// called as it was before is doubted.
func (c *checker) reworded(cfg *Config, name string, t strict.Text, roles []string) {
	for _, m := range templates.Reworded(cfg.Procedures, name, t.Value, roles) {
		was, former := templates.Former(t.Value, m)
		p := t.From(m.At).Wrong("text", was.Why, was.Hint)
		if p.File = c.path; former {
			cfg.Doubts = append(cfg.Doubts, p.Error())
			continue
		}
		c.problems = append(c.problems, p)
	}
}

// titled refuses a title for a message that has none in any procedure, where nobody
// would read it.
func (c *checker) titled(cfg *Config, message string, at strict.Text) {
	for _, p := range cfg.allProcedures() {
		if _, ok := p.Titles[message]; ok {
			return
		}
	}
	c.wrong(at, "the message %s has no title in any procedure; leave it out", message)
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
