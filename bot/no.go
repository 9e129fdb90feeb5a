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

// A voice puts words where they are read: into a message, where a time is
// shown in the zone of whoever reads it, or under a field of a form, which
// takes plain text.
type voice struct {
	text, code func(s string, most int) string
	time       func(time.Time) string
}

// aloud is for messages.
var aloud = voice{text: esc, code: code, time: lately}

// nearby is how far away a time is still taken for that of the same day.
const nearby = 12 * time.Hour

// lately is a time of day, with its day where that is another one.
func lately(t time.Time) string {
	if time.Since(t).Abs() < nearby {
		return clock(t)
	}
	return date(t)
}

// inField is for the fields of a form, with times of the retailer's zone.
func (b *Bot) inField(retailer string) voice {
	zone := cmp.Or(b.cfg.Retailers[retailer].Zone, time.UTC)
	return voice{text: plain, code: plain, time: func(t time.Time) string { return t.In(zone).Format("2 Jan 15:04 MST") }}
}

// no turns an error into the answer that the person reads.
func (b *Bot) no(err error) answer { return b.sayNo(aloud, err) }

func (b *Bot) sayNo(v voice, err error) answer {
	if r, ok := errors.AsType[*deployer.Refusal](err); ok {
		return answer{say: b.refusal(v, r)}
	}
	status := b.hint(v, deployer.Hint{Verb: deployer.VerbStatus})
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		return answer{say: "That deployment is not known here. " + b.hint(v, deployer.Hint{Say: "See what there is", Verb: "history"})}
	case errors.Is(err, deployer.ErrUnknown), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		b.log.Error("it is unknown whether an order was carried out", "err", err)
		return answer{say: "It is not known whether that was written down. Look before you try again: " + status, failed: true}
	}
	b.log.Error("an order failed", "err", err)
	return answer{say: "That did not work, and nothing was changed: the log of stationmaster says why. Try again in a minute; where things stand: " + status, failed: true}
}

// notInForm says under a field why the form was not taken. It stays open, with
// all that was typed.
func (b *Bot) notInForm(block string, v voice, err error) answer {
	a := b.sayNo(v, err)
	return answer{payload: inForm(block, a.say+b.doubt(err)).payload, failed: a.failed}
}

// refusal says why, and on the next line what now.
func (b *Bot) refusal(v voice, r *deployer.Refusal) string {
	why, instead := v.text(r.Why, 1500), r.Instead
	if r.Taken != nil {
		why = b.taken(v, *r.Taken)
	}
	if r.Locked != nil {
		why = b.locked(v, *r.Locked)
	}
	if r.May != nil {
		if who := b.may(*r.May); len(who) > 0 {
			instead = []deployer.Hint{{Say: "Ask " + join(who, "or", 6) + "."}}
		}
	}
	return strings.TrimSpace(why + "\n" + b.hint(v, instead...))
}

// hint is what to do instead, with commands as this workspace calls them.
func (b *Bot) hint(v voice, instead ...deployer.Hint) string {
	var out []string
	for _, h := range instead {
		flag := ""
		if h.Flag.Name != "" {
			flag = "--" + h.Flag.Name + " " + h.Flag.Value
		}
		words := h.Say
		if words != "" && (h.Verb != "" || flag != "") {
			words += ": "
		}
		if h.Verb == "" {
			out = append(out, v.text(words+flag, 1500))
			continue
		}
		command := []string{b.cfg.Command, string(h.Verb)}
		if h.Verb == deployer.VerbDeploy {
			command = command[:1]
		}
		command = append(command, h.Args...)
		if flag != "" {
			command = append(command, flag)
		}
		out = append(out, strings.TrimSpace(v.text(words, 1500)+" "+v.code(strings.Join(command, " "), 1500)))
	}
	return strings.Join(out, dash)
}

const dash = " – "

// may names those who could have given an order.
func (b *Bot) may(m deployer.May) []string {
	not := ""
	if m.Not.ID != "" {
		not = b.people.Person(m.Not)
	}
	var out []string
	for _, p := range m.People {
		out = append(out, b.people.Person(p))
	}
	for _, role := range m.Roles {
		for _, who := range b.people.Role(role) {
			if who != not && !slices.Contains(out, who) {
				out = append(out, who)
			}
		}
	}
	return out
}

// taken says by whom a place is taken, since when, and what is waited for.
func (b *Bot) taken(v voice, t deployer.Taken) string {
	h := t.Holder
	by := b.people.Person(h.Requester)
	return v.text(t.Service+" in "+h.Retailer+" "+h.Environment+" is being deployed by "+by+" since", 300) + " " + v.time(h.Created) +
		" " + v.text("("+h.ID+"): "+b.awaits(h)+".", 500)
}

// awaits says in plain words what a deployment waits for.
func (b *Bot) awaits(d deployer.Deployment) string {
	var out []string
	for _, s := range d.Current() {
		who := b.may(deployer.May{Roles: []string{s.Role}, Not: d.Requester})
		if len(who) == 0 {
			who = []string{"somebody of " + s.Role}
		}
		switch {
		case d.Status == deployer.Deciding && s.Status != deployer.Active:
			who = b.may(deployer.May{People: []deployer.Person{d.Requester}, Roles: d.Deciders()})
			out = append(out, s.Title+" did not go well, and "+join(who, "or", 4)+" decides")
		case s.Uses == deployer.KindApprove:
			out = append(out, "waiting for "+join(who, "or", 4)+" to approve")
		case s.Uses == deployer.KindConfirm && s.Role == "":
			out = append(out, "waiting for "+b.people.Person(d.Requester)+" to confirm “"+s.Title+"”")
		case s.Uses == deployer.KindConfirm:
			out = append(out, "waiting for "+join(who, "or", 4)+" to confirm “"+s.Title+"”")
		case s.ForClients() && d.AwaitsPerson(s) && s.Role == "":
			out = append(out, "waiting for "+b.people.Person(d.Requester)+" to read what clients are told")
		case s.ForClients() && d.AwaitsPerson(s):
			out = append(out, "waiting for "+join(who, "or", 4)+" to read what clients are told")
		case s.Until == deployer.UntilPlanned:
			planned := d.Planned.In(b.guide().zone(d.Retailer))
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
