package procedures

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

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
	for _, w := range s.Warnings {
		lines = append(lines, "⚠ "+w)
	}
	for _, p := range r.cfg.Unused {
		lines = append(lines, "⚠ "+p.Error())
	}
	for _, phase := range r.p.Phases {
		lines = append(lines, r.part(phase.Title, phase.Steps)...)
	}
	lines = append(lines, r.part("After the end", r.p.After)...)
	lines = append(lines, r.otherwise()...)
	lines = append(lines, "", "Not looked at: which tags there are, what runs now, who holds the place or a lock, whether the channels are there, and who is in a group.",
		"`"+r.cfg.Command+" … --dry-run` in Slack looks at what runs and who is in the way.")
	return strings.Join(lines, "\n") + "\n"
}

// otherwise says in a line what is there for a failure, none of which would be done as it is.
func (r rehearsal) otherwise() []string {
	var there []string
	if n := len(r.p.Failure); n > 0 {
		there = append(there, deployer.Count(n, "step")+" at once")
	}
	if n := len(r.p.Rollback); n > 0 {
		there = append(there, "a rollback of "+deployer.Count(n, "step"))
	}
	if len(there) == 0 {
		return nil
	}
	return []string{"", "If a step fails, there is " + strings.Join(there, ", and ") + "; `stationmaster procedure show " + r.p.Start.Procedure.ID + "` prints it."}
}

func (r rehearsal) part(title string, steps []preview.Step) []string {
	if len(steps) == 0 {
		return nil
	}
	out := []string{"", cmp.Or(title, "Steps")}
	for _, s := range steps {
		out = append(out, "  "+r.step(s))
	}
	return out
}

// step is one line: what it would do, or that it is not needed.
func (r rehearsal) step(s preview.Step) string {
	title := filled(s.Title, s.Values)
	if s.Needed == preview.Not {
		return strings.TrimSuffix("– "+title+": not needed: "+filled(s.Why, s.Values), ": ")
	}
	line := signs[s.Does] + " " + title
	if would := r.would(s); would != "" {
		line += ": would " + would
	}
	if len(s.Members) > 0 {
		line += ", for each of " + strings.Join(s.Members, ", ")
	}
	if s.Needed == preview.Depends {
		line += ", if " + s.Why
	}
	return line
}

var signs = map[preview.Does]string{
	preview.Asks: "✓", preview.Posts: "✉", preview.Looks: "✓", preview.Acts: "⚡", preview.Waits: "…", preview.Checks: "✓",
}

func (r rehearsal) would(s preview.Step) string {
	switch s.Does {
	case preview.Asks:
		return "ask " + r.asked(s)
	case preview.Posts:
		return r.posted(s)
	case preview.Looks:
		return "look" + at(s)
	case preview.Acts:
		return "act (" + s.Uses + ")" + at(s)
	case preview.Checks:
		return "fail if it does not hold"
	}
	switch {
	case !s.Until.IsZero():
		return "wait until " + s.Until.Format("Mon 2 Jan 15:04 MST")
	case s.For() > 0:
		return "wait " + deployer.Span(s.For())
	}
	return "wait"
}

// at is where a step asks or acts, where that has addresses.
func at(s preview.Step) string {
	if len(s.URLs) == 0 {
		return ""
	}
	return " at " + strings.Join(s.URLs, ", ")
}

// asked are the people of the roles, as far as the config names them.
func (r rehearsal) asked(s preview.Step) string {
	if len(s.Roles) == 0 {
		if s.Hand {
			return "you, by hand"
		}
		return "you"
	}
	var out []string
	for _, role := range s.Roles {
		held := r.cfg.Roles[role]
		who := slices.Clone(held.Users)
		for _, group := range held.Groups {
			who = append(who, "@"+strings.TrimPrefix(group, "@"))
		}
		words := role
		if len(who) > 0 {
			words = fmt.Sprintf("%s (%s)", strings.Join(who, " or "), role)
		}
		if n := max(s.With["roles"].Counts[role], s.Count()); n > 1 {
			words = fmt.Sprintf("%d of %s", n, words)
		}
		out = append(out, words)
	}
	return strings.Join(out, " and ")
}

// posted is where a message would go, and what it says.
func (r rehearsal) posted(s preview.Step) string {
	var to []string
	for _, name := range s.To {
		switch channel := r.p.Start.Channels[name]; channel {
		case typedIn:
			to = append(to, channel)
		default:
			to = append(to, "#"+strings.TrimPrefix(cmp.Or(channel, name), "#"))
		}
	}
	if len(to) == 0 {
		return "go nowhere: there is no channel " + strings.Join(s.Lacks, " or ")
	}
	words := "post to " + strings.Join(to, ", ")
	if len(s.Lacks) > 0 {
		words += " (not to " + strings.Join(s.Lacks, ", ") + ", which is not there)"
	}
	if s.Words != "" {
		words += ": " + strings.Join(strings.Fields(filled(s.Words, s.Values)), " ")
	}
	return words
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
