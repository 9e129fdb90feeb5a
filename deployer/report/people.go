package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// people describes what people do. It reports whether the event is that.
func (d *describer) people(event deployer.Event) bool {
	switch e := event.(type) {
	case deployer.Created:
		d.created(e)
	case deployer.OrderSeen:
		d.by(e.By)
		d.is("order-seen", e.At, person(e.By)+" gave an order")
		if d.saw("from", e.Via); e.Via == deployer.ViaTerminal {
			d.What += " from a terminal"
		}
		if e.Refused {
			d.Result, d.What = "refused", d.What+", which was refused"
		}
	case deployer.Answered:
		d.answered(e)
	case deployer.Overridden:
		d.by(e.By)
		d.is("overridden", e.At, person(e.By)+" overrode what refused it: "+e.Why)
		d.Role, d.Why = e.Role, e.Reason
		d.saw("rule", e.Rule)
		d.saw("refused", e.Why)
	default:
		return false
	}
	return true
}

func (d *describer) created(e deployer.Created) {
	s := e.Start
	d.by(e.By)
	d.is("created", e.At, deployer.MarkDrill(s.Drill.On, person(e.By)+" asked for "+releases(s.Releases)+" in "+s.Site.String()))
	d.saw("drill.fails", strings.Join(s.Drill.Fail, "\n"))
	d.Role, d.Why, d.Channel = e.Role, s.Reason, s.Channels[deployer.ChannelDeploys]
	for _, r := range s.Releases {
		d.saw("release."+r.Service, released(r))
	}
	for id, v := range s.Inputs {
		d.saw("inputs."+id, v)
	}
	d.saw("procedure", s.Procedure.ID)
	d.saw("procedure.title", s.Procedure.Title)
	d.saw("procedure.sha", s.Procedure.SHA)
	d.saw("planned", moment(s.Planned))
	d.saw("warnings", strings.Join(s.Warnings, "\n"))
	d.saw("from", startedBy(s.Origin))
	d.saw("back", s.Back)
	d.saw("store", e.Store)
}

// startedBy is what a deployment was started by: a chat system, a terminal, or the step of
// another one. The rest of an origin tells one click from another, and is of no use later.
func startedBy(origin string) string {
	if parent := deployer.ParentOf(origin); parent != "" {
		return "a step of " + parent
	}
	by, _, found := strings.Cut(origin, "/")
	if !found {
		return ""
	}
	return by
}

func (d *describer) answered(e deployer.Answered) {
	d.by(e.By)
	step := ""
	if e.Step != "" {
		step = d.of(e.Step)
	}
	d.is("answered", e.At, person(e.By)+" "+d.answer(e, step))
	d.Role, d.Item, d.Attempt, d.Result, d.Why, d.Subject = e.Role, e.Item, e.Attempt, string(e.Choice), e.Comment, e.Subject
	d.saw("services", strings.Join(e.Services, ", "))
	for id, v := range e.Values {
		d.saw("fields."+id, v)
	}
}

// answer is what somebody has said, in words that follow their name.
func (d *describer) answer(e deployer.Answered, step string) string {
	of := ""
	if e.Item != "" {
		of = " for " + e.Item
	}
	switch e.Choice {
	case deployer.ChoiceDone:
		if s := d.d.Step(e.Step); s != nil && s.Hand {
			return "did " + step + " by hand" + of
		}
		return "confirmed " + step + of
	case deployer.ChoiceByHand:
		return "did " + step + " by hand"
	case deployer.ChoiceTakeOver:
		return "took it over"
	case deployer.ChoiceHandBack:
		return "handed it back"
	case deployer.ChoiceApprove:
		return "approved, for " + step
	case deployer.ChoiceSend:
		return "let the words of " + step + " be sent" + of
	case deployer.ChoiceProceed:
		return "let " + step + " proceed" + of
	case deployer.ChoiceAbort:
		return "aborted " + step + of
	case deployer.ChoiceSkip:
		return "skipped " + step
	case deployer.ChoiceChanges:
		return "asked for changes, at " + step
	case deployer.ChoiceReply:
		return "replied to what should change, at " + step
	case deployer.ChoiceReject:
		return "rejected it"
	case deployer.ChoicePatch:
		var to []string
		for _, service := range slices.Sorted(maps.Keys(e.Values)) {
			to = append(to, service+" "+e.Values[service])
		}
		return "patched it forward to " + strings.Join(to, ", ") + ", at " + step
	case deployer.ChoiceUnpatched:
		return "could not patch it forward, at " + step
	case deployer.ChoiceView:
		return "would decide: " + string(e.Viewed()) + ", at " + step
	}
	words := "decided: " + string(e.Choice)
	if e.Step != "" {
		words += ", at " + step
	}
	return words
}

func names(people []deployer.Actor) []string {
	var out []string
	for _, p := range people {
		out = append(out, person(p))
	}
	return out
}

// releases are what somebody asked for, in words.
func releases(all []deployer.Release) string {
	var out []string
	for _, r := range all {
		out = append(out, strings.TrimSpace(r.Service+" "+released(r)))
	}
	if len(out) == 0 {
		return "a procedure"
	}
	return strings.Join(out, ", ")
}

func released(r deployer.Release) string {
	if r.Tag == "" && r.Revision != "" {
		return "revision " + r.Revision
	}
	return r.Tag
}

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// number is an attempt in words; the first needs none.
func number(attempt int) string {
	if attempt < 2 {
		return ""
	}
	return fmt.Sprintf(", attempt %d", attempt)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
