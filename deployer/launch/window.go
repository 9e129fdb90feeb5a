package launch

import (
	"context"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// rules asks windows and freezes about the moment at which a deployment starts: warnings,
// or a refusal that says when it would be fine. Whoever holds the role that may override
// one goes on with a reason; who does is in the start.
func (f *filler) rules(ctx context.Context, r Request, start *deployer.Start, p Place, l Launcher) (warnings []string, err error) {
	if start.Drill.On {
		return nil, nil // nothing is touched that they protect
	}
	at := startsAt(*start, r.Asked)
	for _, v := range p.Rules().Ask(f.draft, f.language, at) {
		switch {
		case v.Is != deployer.WindowRefuse:
			warnings = append(warnings, v.Why)
		case v.Override != "" && !deployer.Blank(r.Reason) && l.holds(v.Override, r.By):
			start.Overrides = append(start.Overrides, deployer.Override{Rule: v.Rule, Why: v.Why, Role: v.Override, Reason: r.Reason})
		default:
			return nil, FieldError{Field: FieldPlanned, Err: refusal(v, p.Zone)}
		}
	}
	if short := l.forecast(ctx, f, p, at); short != "" {
		warnings = append(warnings, short)
	}
	return warnings, nil
}

// startsAt is when a deployment starts that was asked for at a time.
func startsAt(start deployer.Start, asked time.Time) time.Time {
	if start.Planned.IsZero() {
		return asked
	}
	return start.Planned
}

// refusal is what whoever asks is told of a refusal, and who may go on all the same.
func refusal(v deployer.Verdict, zone *time.Location) *deployer.Refusal {
	no := deployer.Refuse("", "%s", v.Why)
	if !v.Next.IsZero() {
		no.Instead = append(no.Instead, deployer.Hint{Say: "The next time that is fine is " + v.Next.In(zone).Format("Mon 2 Jan 2006, 15:04 MST") + "."})
	}
	if v.Override != "" {
		no.Instead = append(no.Instead, deployer.Hint{Say: "Somebody of " + v.Override + " may start it now, with a reason", Flag: deployer.Flag{Name: "reason", Value: `"why"`}})
	}
	return no
}

// holds reports whether somebody is known to hold a role.
func (l Launcher) holds(role, by string) bool {
	if l.ports.Holders == nil || by == "" {
		return false
	}
	return slices.ContainsFunc(l.ports.Holders(role).People, func(accounts []string) bool { return slices.Contains(accounts, by) })
}

// Warned is what windows warn of at the moment at which something starts that was asked
// for at a time: whoever asks says once more that they mean it.
func (l Launcher) Warned(start deployer.Start, asked time.Time) []string {
	if start.Drill.On {
		return nil
	}
	d := deployer.Deployment{
		Site: start.Site, Place: start.Place, Procedure: start.Procedure, Releases: start.Releases, Inputs: start.Inputs,
		Planned: start.Planned, Created: asked, Reason: start.Reason, Terms: start.Terms,
	}
	var out []string
	for _, v := range l.place(start.Site).Rules().Ask(d, l.cfg.Language, startsAt(start, asked)) {
		if v.Is == deployer.WindowWarn {
			out = append(out, v.Why)
		}
	}
	return out
}

// Verdicts is what windows and freezes say of a deployment at a time, as is configured now.
func (s Settings) Verdicts(d deployer.Deployment, at time.Time) []deployer.Verdict {
	var p Place
	if s.Place != nil {
		p = s.Place(d.Site)
	}
	return p.Rules().Ask(d, s.Language, at)
}
