package procedures

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/preview"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A Start is what somebody would start.
type Start struct {
	Procedure string
	Releases  []deployer.Release
	Site      Site   // of which a retailer or product has to be there; no services
	At        string // as in a command: 22:00, tomorrow 6:30; "": at once
}

// Releases reads services and tags: web v2 api v3, or web:v2.
func Releases(words []string) ([]deployer.Release, error) {
	var out []deployer.Release
	for i := 0; i < len(words); i++ {
		service, tag, ok := strings.Cut(words[i], ":")
		if !ok {
			if i++; i == len(words) {
				return nil, fmt.Errorf("%s has no tag; write for example %s v2", service, service)
			}
			tag = words[i]
		}
		out = append(out, deployer.Release{Service: service, Tag: tag})
	}
	return out, nil
}

// Missing are inputs, by their labels, without which a procedure can't be started.
type Missing []string

func (m Missing) Error() string {
	return "it can't be started yet; missing: " + strings.Join(m, ", ")
}

// Rehearse prints step by step what would be done, by the config alone. What would be done
// is printed as well where the error is [Missing].
func Rehearse(ctx context.Context, config string, s Start) (string, error) {
	cfg, err := app.Load(config)
	if err != nil {
		return "", err
	}
	site := cmp.Or(s.Site.Retailer, s.Site.Product)
	if names := sortedKeys(cfg.Retailers); site == "" && len(names) == 1 {
		site = names[0]
	} else if site == "" {
		return "", fmt.Errorf("say for whom, with --retailer or --product; there are: %s", strings.Join(names, ", "))
	} else if _, ok := cfg.Retailers[site]; !ok {
		return "", fmt.Errorf("%s", strict.Unknown("retailer in the config", site, names))
	}
	p, err := app.Rehearse(ctx, cfg, launch.Request{
		Site: site, Environment: s.Site.Environment, Channel: typedIn, Releases: s.Releases, Procedure: s.Procedure, Inputs: s.Site.Inputs,
	}, s.At)
	if err != nil {
		return "", err
	}
	var missing Missing
	for _, in := range p.Missing {
		missing = append(missing, cmp.Or(in.Label, in.ID))
	}
	page := rehearsal{cfg: cfg, p: p}.page()
	if len(missing) > 0 {
		return page, missing
	}
	return page, nil
}

// typedIn stands for the channel of the command, which nobody has typed.
const typedIn = "the channel where it is started"

// A rehearsal prints a preview for a terminal.
type rehearsal struct {
	cfg app.Config
	p   preview.Preview
}

func (r rehearsal) page() string {
	s := r.p.Start
	var what []string
	for _, c := range r.p.Changes {
		what = append(what, c.Service+" "+c.To)
	}
	lines := []string{"A rehearsal: nothing was started.", ""}
	lines = append(lines, strings.TrimLeft(strings.Join(what, ", ")+" in "+s.Site.String()+", by "+s.Procedure.Title, " "))
	for _, in := range r.p.Missing {
		lines = append(lines, fmt.Sprintf("⚠ missing: %s; add --input %s=…", cmp.Or(in.Label, in.ID), in.ID))
	}
	for _, w := range r.p.Warnings() {
		lines = append(lines, "⚠ "+w)
	}
	for _, p := range r.cfg.Unused {
		lines = append(lines, "⚠ "+p.Error())
	}
	for _, section := range r.speaker().Sections(r.p) {
		lines = append(lines, "", cmp.Or(section.Title, "Steps"))
		for _, line := range section.Lines {
			lines = append(lines, "  "+line)
		}
	}
	if otherwise := preview.Otherwise(r.p); otherwise != "" {
		lines = append(lines, "", otherwise+"; `stationmaster procedure show "+s.Procedure.ID+"` prints it.")
	}
	lines = append(lines, "", "Not looked at: which tags there are, what runs now, who holds the place or a lock, whether the channels are there, and who is in a group.",
		"`"+r.cfg.Command+" … --dry-run` in Slack looks at what runs and who is in the way.")
	return strings.Join(lines, "\n") + "\n"
}

// speaker says what is in it as a terminal shows it.
func (r rehearsal) speaker() preview.Speaker {
	same := func(words string) string { return words }
	return preview.Speaker{
		Text: func(words string, s preview.Step) string { return filled(words, s.Values) },
		Name: same, Code: same, Strong: same, Span: deployer.Span,
		Moment:  func(t time.Time) string { return t.Format("Mon 2 Jan 15:04 MST") },
		Holders: r.holders,
		Channel: func(name string) string {
			if channel := r.p.Start.Channels[name]; channel != typedIn {
				return "#" + strings.TrimPrefix(cmp.Or(channel, name), "#")
			}
			return typedIn
		},
		Message: func(s preview.Step) string { return strings.Join(strings.Fields(filled(s.Words, s.Values)), " ") },
	}
}

// holders are the people of a role, as far as the config names them.
func (r rehearsal) holders(role string, _ bool) []string {
	held := r.cfg.Roles[role]
	who := slices.Clone(held.Users)
	for _, group := range held.Groups {
		who = append(who, "@"+strings.TrimPrefix(group, "@"))
	}
	return who
}

var placeholder = regexp.MustCompile(`\{(@?[a-z][A-Za-z0-9_.-]*)\}`)

// filled are words with the values that are known beforehand. What ran before is not,
// since no system was asked.
func filled(words string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(words, func(h string) string {
		path := h[1 : len(h)-1]
		value, ok := values[path]
		switch {
		case strings.HasPrefix(path, "@"):
			return path
		case !ok, value == "" && strings.HasPrefix(path, "what_"):
			return h
		}
		return value
	})
}
