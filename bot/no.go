package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A textStyle puts words where they are read: into a message, where a time is
// shown in the zone of whoever reads it, or under a field of a form, which
// takes plain text.
type textStyle struct {
	text, code func(s string, most int) string
	time       func(time.Time) string
}

// forMessage is for messages.
var forMessage = textStyle{text: escape, code: code, time: nearTime}

// nearby is how far away a time is still taken for that of the same day.
const nearby = 12 * time.Hour

// nearTime is a time of day, with its day where that is another one.
func nearTime(t time.Time) string {
	if time.Since(t).Abs() < nearby {
		return clock(t)
	}
	return date(t)
}

// inField is for the fields of a form, with times of the retailer's zone.
func (g guide) inField(retailer string) textStyle {
	zone := cmp.Or(g.retailers[retailer].Zone, time.UTC)
	return textStyle{text: plain, code: plain, time: func(t time.Time) string { return t.In(zone).Format("2 Jan 15:04 MST") }}
}

// refuse turns an error into the answer that the person reads.
func (b *Bot) refuse(err error) answer { return b.refuseAs(forMessage, err) }

func (b *Bot) refuseAs(v textStyle, err error) answer {
	if r, ok := errors.AsType[*deployer.Refusal](err); ok {
		return answer{text: b.guide.refusal(v, r)}
	}
	status := b.guide.hint(v, "/deploy status")
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		return answer{text: "That deployment is not known here. See what there is: " + b.guide.hint(v, "/deploy history")}
	case errors.Is(err, deployer.ErrUnknown), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		b.log.Error("it is unknown whether an order was carried out", "err", err)
		return answer{text: "It is not known whether that was written down. Look before you try again: " + status, failed: true}
	}
	b.log.Error("an order failed", "err", err)
	return answer{text: "That did not work, and nothing was changed: the log of stationmaster says why. Try again in a minute; where things stand: " + status, failed: true}
}

// refuseInForm says under a field why the form was not taken. It stays open, with
// all that was typed.
func (b *Bot) refuseInForm(block string, v textStyle, err error) answer {
	a := b.refuseAs(v, err)
	return answer{payload: errorInForm(block, a.text+b.unknownGroups(err)).payload, failed: a.failed}
}

// refusal says why, and on the next line what now.
func (g guide) refusal(v textStyle, r *deployer.Refusal) string {
	why, instead := v.text(r.Why, 1500), r.Instead
	if r.Taken != nil {
		why, instead = g.taken(v, *r.Taken)
	}
	if r.Locked != nil {
		why = g.locked(v, *r.Locked)
	}
	if r.May != nil {
		if who := g.may(*r.May); len(who) > 0 {
			instead = "Ask " + join(who, "or", 6) + "."
		}
	}
	return strings.TrimSpace(why + "\n" + g.hint(v, instead))
}

// hint is what to do instead. A command stands at the end, or before a dash.
func (g guide) hint(v textStyle, instead string) string {
	var out []string
	for part := range strings.SplitSeq(instead, dash) {
		words, command, ok := strings.Cut(part, "/deploy ")
		if ok {
			command = v.code(g.command+" "+command, 1500)
		}
		out = append(out, strings.TrimSpace(v.text(words, 1500)+" "+command))
	}
	return strings.Join(out, dash)
}

const dash = " – "

// may names those who could have given an order.
func (g guide) may(m deployer.May) []string {
	not := ""
	if m.Not.ID != "" {
		not = g.Person(m.Not)
	}
	var out []string
	for _, p := range m.People {
		out = append(out, g.Person(p))
	}
	for _, role := range m.Roles {
		for _, who := range g.Role(role) {
			if who != not && !slices.Contains(out, who) {
				out = append(out, who)
			}
		}
	}
	return out
}

// taken says by whom a place is taken, since when, and what is waited for.
func (g guide) taken(v textStyle, t deployer.Taken) (why, instead string) {
	h := t.Holder
	by := g.Person(h.Requester)
	why = v.text(t.Service+" in "+h.Retailer+" "+h.Environment+" is being deployed by "+by+" since", 300) + " " + v.time(h.Created) +
		" " + v.text("("+h.ID+"): "+g.awaits(h)+".", 500)
	return why, "Look at it: /deploy status " + h.ID + " – or stop it: /deploy stop " + h.ID
}

// awaits says in plain words what a deployment waits for.
func (g guide) awaits(d deployer.Deployment) string {
	var out []string
	for _, s := range d.Current() {
		who := g.may(deployer.May{Roles: []string{s.Role}, Not: d.Requester})
		if len(who) == 0 {
			who = []string{"somebody of " + s.Role}
		}
		switch {
		case d.Status == deployer.Deciding && s.Status != deployer.Active:
			who = g.may(deployer.May{People: []deployer.Person{d.Requester}, Roles: d.Deciders()})
			out = append(out, s.Title+" did not go well, and "+join(who, "or", 4)+" decides")
		case s.Uses == deployer.KindApprove:
			out = append(out, "waiting for "+join(who, "or", 4)+" to approve")
		case s.Uses == deployer.KindConfirm && s.Role == "":
			out = append(out, "waiting for "+g.Person(d.Requester)+" to confirm “"+s.Title+"”")
		case s.Uses == deployer.KindConfirm:
			out = append(out, "waiting for "+join(who, "or", 4)+" to confirm “"+s.Title+"”")
		case s.ForClients() && d.AwaitsPerson(s) && s.Role == "":
			out = append(out, "waiting for "+g.Person(d.Requester)+" to read what clients are told")
		case s.ForClients() && d.AwaitsPerson(s):
			out = append(out, "waiting for "+join(who, "or", 4)+" to read what clients are told")
		case s.Until == deployer.UntilPlanned:
			planned := d.Planned.In(g.zone(d.Retailer))
			out = append(out, "it starts by itself at "+planned.Format("15:04 on 2 Jan, ")+abbreviation(planned))
		default:
			out = append(out, "“"+s.Title+"” is under way")
		}
	}
	switch {
	case d.Status == deployer.Resolving:
		return "it is being looked up"
	case d.Status == deployer.Halting:
		return "it is being stopped"
	case len(out) == 0:
		return "it goes on by itself"
	}
	return join(out, "and", 2)
}
