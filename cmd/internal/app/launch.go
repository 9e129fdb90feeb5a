package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/preview"
	"github.com/stationmaster/stationmaster/templates/language"
)

// runners are the systems that can roll out.
var runners = []string{"kubernetes"}

// settings are what a start is filled with from the config.
func (c Config) settings() launch.Settings {
	return launch.Settings{Language: language.Runtime{}, Place: c.place, Vars: c.SiteVars, Runners: runners, Roles: slices.Sorted(maps.Keys(c.Roles)), Owners: c.Owners, Titles: c.Titles, BreakGlass: c.BreakGlass, Idle: sorted(c.Idle)}
}

// Rehearse says what a start would become by the config alone: no system is asked, so
// that nothing is known of tags, of what runs, of places and locks, and of groups. A
// *deployer.Refusal says why it can't be started. A built-in procedure is rehearsed whether
// something uses it or not. At is as in a command; "" is at once.
func Rehearse(ctx context.Context, c Config, r launch.Request, at string) (preview.Preview, error) {
	now, zone := time.Now(), time.UTC
	if there := c.Retailers[r.Site]; there.Zone != nil {
		zone = there.Zone
	}
	c.Procedures, c.Idle = c.allProcedures(), nil
	r.Asked, r.Time = now, func(text string) (time.Time, error) { return command.ParseMoment(text, now, zone) }
	if at != "" {
		r.Planned = func() (time.Time, error) { return command.ParseAt(at, now, zone) }
	}
	l := launch.New(botConfig(c, Options{}).LaunchConfig(), launch.Ports{
		Channel: func(_ context.Context, name string) (string, error) { return name, nil },
		Lacks:   func(context.Context, string, string) []string { return nil },
	})
	start, err := l.Start(ctx, r)
	if err != nil {
		return preview.Preview{}, err
	}
	return preview.Of(start, preview.Facts{Now: now, By: deployer.Actor{Name: "you"}, Language: language.Runtime{}}), nil
}

// place is what the config knows of a site.
func (c Config) place(site deployer.Site) launch.Place {
	r := c.Retailers[site.Name]
	p := launch.Place{
		Product: r.Product, TAM: r.TAM != "", Title: r.Title, Zone: r.Zone, Namespace: r.Environments[site.Environment].Namespace, Groups: r.Groups,
		Components: r.Components, Countries: r.Countries, Holidays: r.Holidays, Freezes: c.Freezes, Titles: r.Titles,
	}
	if r.Services != nil {
		p.Services = sorted(r.Services)
	}
	return p
}

// ByHand lists which steps of which retailers' procedures are done by hand, since
// their systems are not there, a line for each procedure and the retailers that follow
// it; those whose runner is the service's own; and for whom whoever asks for a deployment
// answers.
func ByHand(c Config) []string {
	at := map[string][]string{} // retailers, by procedure and its steps
	note := func(site deployer.Site, line string) {
		if !slices.Contains(at[line], site.Name) {
			at[line] = append(at[line], site.Name)
		}
	}
	c.uses(func(p deployer.Procedure, site deployer.Site, service string) {
		p.Bind()
		if roles := c.unheld(p, site.Name, service); len(roles) > 0 {
			note(site, fmt.Sprintf("%s: whoever asked for it answers for %s, since nobody is known to be that", p.ID, strings.Join(roles, ", ")))
		}
		var steps []string
		for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
			switch uses := s.With["runner"].Texts["uses"]; {
			case s.Kind == nil:
			case s.Deploys() && uses != "" && uses != "hand" && !slices.Contains(runners, uses):
				steps = append(steps, s.ID+" (not by "+uses+" but by the service’s own runner)")
			case has(*s.Kind, site.Name, site.Environment) && uses != "hand":
			case s.OnFailure == deployer.FailureContinue || s.Every > 0:
				steps = append(steps, s.ID+" (left out)")
			default:
				steps = append(steps, s.ID)
			}
		}
		if len(steps) == 0 {
			return
		}
		note(site, fmt.Sprintf("%s: by hand, since nothing is set up that does them: %s", p.ID, strings.Join(steps, ", ")))
	})
	var out []string
	for _, line := range sorted(at) {
		if where := at[line]; len(where) < len(c.Retailers) {
			line += "; in " + strings.Join(where, ", ")
		}
		out = append(out, line)
	}
	return out
}
