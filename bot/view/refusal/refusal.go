// Package refusal says why an order was refused, and what to do instead: in a message, or under a field of a form.
package refusal

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// locked says what is locked by whom, why, and until when.
func locked(r view.Renderer, v Style, l deployer.Locked) string {
	what := cmp.Or(l.Service, "Everything")
	return v.text(what+" in "+l.Site.Name+" "+l.Site.Environment+" is locked by "+r.Person(l.By)+" until", 300) + " " + v.time(l.Until) +
		v.text(": "+mrkdwn.Sentence(l.Reason), 500)
}

// A Style puts words where they are read: into a message, where a time is
// shown in the zone of whoever reads it, or under a field of a form, which
// takes plain text.
type Style struct {
	text, code func(s string, most int) string
	time       func(time.Time) string
}

// ForMessage is for messages.
var ForMessage = Style{text: mrkdwn.Escape, code: mrkdwn.Code, time: nearTime}

// nearTime is a time of day, with its day where that is another one.
func nearTime(t time.Time) string {
	if time.Since(t).Abs() < view.Nearby {
		return mrkdwn.Clock(t)
	}
	return mrkdwn.Date(t)
}

// ForField is for the fields of a form, with times of the retailer's zone.
func ForField(r view.Renderer, retailer string) Style {
	zone := r.Zone(retailer)
	return Style{text: mrkdwn.Plain, code: mrkdwn.Plain, time: func(t time.Time) string { return t.In(zone).Format("2 Jan 15:04 MST") }}
}

// Say says why, and on the next line what now.
func Say(r view.Renderer, v Style, refusal *deployer.Refusal) string {
	why, instead := v.text(refusal.Why, 1500), refusal.Instead
	if refusal.Taken != nil {
		why = taken(r, v, *refusal.Taken)
	}
	if refusal.Locked != nil {
		why = locked(r, v, *refusal.Locked)
	}
	if refusal.May != nil {
		if who := WhoMay(r, *refusal.May); len(who) > 0 {
			instead = []deployer.Hint{{Say: "Ask " + mrkdwn.Join(who, "or", 6) + "."}}
		}
	}
	return strings.TrimSpace(why + "\n" + Hints(r, v, instead...))
}

// Hints is what to do instead, with commands as this workspace calls them.
func Hints(r view.Renderer, v Style, instead ...deployer.Hint) string {
	var out []string
	for _, h := range instead {
		flag := ""
		if h.Flag.Name != "" {
			flag = h.Flag.String()
		}
		words := h.Say
		if words != "" && (h.Verb != "" || flag != "") {
			words += ": "
		}
		if h.Verb == "" {
			out = append(out, v.text(words+flag, 1500))
			continue
		}
		command := []string{r.Command, string(h.Verb)}
		if h.Verb == deployer.VerbDeploy {
			command = command[:1]
		}
		command = append(command, h.Args...)
		if flag != "" {
			command = append(command, flag)
		}
		out = append(out, strings.TrimSpace(v.text(words, 1500)+" "+v.code(strings.Join(command, " "), 1500)))
	}
	return strings.Join(out, mrkdwn.Dash)
}

// WhoMay names those who could have given an order.
func WhoMay(r view.Renderer, m deployer.May) []string {
	var out, seen []string
	if m.Not.ID != "" {
		seen = append(seen, m.Not.ID)
	}
	for _, p := range m.People {
		out, seen = append(out, r.Person(p)), append(seen, p.ID)
	}
	for _, role := range m.Roles {
		for _, p := range r.Role(role) {
			if !slices.Contains(seen, p.ID) {
				out, seen = append(out, p.Name), append(seen, p.ID)
			}
		}
	}
	return out
}

// taken says by whom a place is taken, since when, and what is waited for.
func taken(r view.Renderer, v Style, t deployer.Taken) string {
	h := t.Holder
	by := r.Person(h.Requester)
	how := "is being deployed"
	if deployer.Queueing(h) {
		how = "is awaited"
	}
	return v.text(deployer.MarkDrill(h.Drill.On, t.Service)+" in "+h.Site.Name+" "+h.Site.Environment+" "+how+" by "+by+" since", 300) + " " + v.time(h.Created) +
		" " + v.text("("+h.ID+"): "+awaits(r, h)+".", 500)
}

// awaits says in plain words what a deployment waits for.
func awaits(r view.Renderer, d deployer.Deployment) string {
	var out []string
	for _, s := range d.Current() {
		roles := []string{s.Role()}
		if len(s.RoleCounts()) > 0 {
			roles = slices.Compact(deployer.MissingApprovals(d, s))
		}
		who := WhoMay(r, deployer.May{Roles: roles, Not: d.Requester})
		if len(who) == 0 {
			who = []string{"somebody of " + strings.Join(roles, " or ")}
		}
		g, _, gated := s.GateOf()
		switch {
		case d.Status == deployer.Deciding && s.Status != deployer.Active:
			who = WhoMay(r, deployer.May{People: []deployer.Actor{d.Requester}, Roles: d.Deciders()})
			out = append(out, s.Title+" did not go well, and "+mrkdwn.Join(who, "or", 4)+" decides")
		case gated:
			out = append(out, "waiting for "+gateAnswerers(r, s)+" to answer “"+g.Asks+"”")
		case s.Held.Why != "":
			out = append(out, "“"+s.Title+"” waits: "+strings.TrimSuffix(s.Held.Why, "."))
		case s.Approves() && len(deployer.OpenRequests(s)) > 0:
			out = append(out, "waiting for "+r.Person(d.Requester)+" to reply to "+r.Person(deployer.OpenRequests(s)[0].By))
		case s.Approves():
			out = append(out, "waiting for "+mrkdwn.Join(who, "or", 4)+" to approve")
		case s.Confirms() && s.Role() == "":
			out = append(out, "waiting for "+r.Person(d.Requester)+" to confirm “"+s.Title+"”")
		case s.Confirms():
			out = append(out, "waiting for "+mrkdwn.Join(who, "or", 4)+" to confirm “"+s.Title+"”")
		case s.Reviewed() && d.AwaitsPerson(s) && s.Role() == "":
			out = append(out, "waiting for "+r.Person(d.Requester)+" to read "+told(s))
		case s.Reviewed() && d.AwaitsPerson(s):
			out = append(out, "waiting for "+mrkdwn.Join(who, "or", 4)+" to read "+told(s))
		case s.Until() == deployer.UntilPlanned:
			planned := d.Planned.In(r.Zone(d.Site.Name))
			out = append(out, "it starts by itself at "+planned.Format("15:04 on 2 Jan, ")+mrkdwn.Abbreviation(planned))
		default:
			out = append(out, "“"+s.Title+"” is under way")
		}
	}
	switch {
	case deployer.Queueing(d):
		return "it is in the queue, and comes first"
	case d.Status == deployer.Resolving:
		return "it is being looked up"
	case d.Status == deployer.Halting && len(d.Options()) > 0:
		who := WhoMay(r, deployer.May{People: []deployer.Actor{d.Requester}, Roles: d.Deciders()})
		return "nobody can tell how far it came, and " + mrkdwn.Join(who, "or", 4) + " decides"
	case d.Status == deployer.Halting:
		return "it is being stopped"
	case len(out) == 0:
		return "it goes on by itself"
	}
	return mrkdwn.Join(out, "and", 2)
}

// told is what somebody reads before it goes out.
func told(s deployer.StepState) string {
	if s.ForClients() {
		return "what clients are told"
	}
	return "“" + s.Title + "”"
}

// gateAnswerers are those who can answer what a system asks, as plain text.
func gateAnswerers(r view.Renderer, s deployer.StepState) string {
	if s.GateRole() == "" {
		return "somebody in the system that asks"
	}
	if who := WhoMay(r, deployer.May{Roles: []string{s.GateRole()}}); len(who) > 0 {
		return mrkdwn.Join(who, "or", 4)
	}
	return "somebody of " + s.GateRole()
}
