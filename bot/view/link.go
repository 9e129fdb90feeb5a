package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

// ofDeployment are the values that links of every kind may hold.
func ofDeployment(d deployer.Deployment) map[string]string {
	values := maps.Clone(d.Inputs)
	if values == nil {
		values = map[string]string{}
	}
	maps.Copy(values, map[string]string{
		"id": d.ID, "retailer": d.Site.Name, "environment": d.Site.Environment, "requester": d.Requester.Name, "procedure": d.Procedure.ID,
	})
	return values
}

// deploymentLinks are those of the deployment's retailer, but not those of inputs.
func (r Renderer) deploymentLinks(d deployer.Deployment) []string {
	own := maps.Clone(r.Retailers[d.Site.Name].Links)
	maps.DeleteFunc(own, func(label string, _ urltemplate.Link) bool {
		return slices.ContainsFunc(d.Procedure.Inputs, func(in deployer.Input) bool { return in.ID == label })
	})
	return anchors(own, ofDeployment(d))
}

// targetLinks are those of a service that is deployed.
func (r Renderer) targetLinks(d deployer.Deployment, t deployer.Target) []string {
	values := ofDeployment(d)
	maps.Copy(values, map[string]string{"service": t.Service, "from": Version(t.Before), "to": Version(t.After)})
	return anchors(r.Services[t.Service].Links, values)
}

// input is the value of an input: a key as a link where the retailer has one of
// that input's name, and an address as a link that shows where it leads.
func (r Renderer) input(d deployer.Deployment, id string, most int) string {
	value := d.Inputs[id]
	in := deployer.Input{ID: id}
	if i := slices.IndexFunc(d.Procedure.Inputs, func(in deployer.Input) bool { return in.ID == id }); i >= 0 {
		in = d.Procedure.Inputs[i]
	}
	shown := r.value(d.Site.Name, in, value, most)
	if link, ok := r.Retailers[d.Site.Name].Links[id]; ok && urltemplate.IsKey(value) {
		if address, err := link.For(ofDeployment(d)); err == nil {
			return mrkdwn.Link(address, shown)
		}
	}
	return shown
}

// value is what somebody has filled in, as people read it: so many units, lists on one
// line.
func (r Renderer) value(retailer string, in deployer.Input, value string, most int) string {
	if in.Many {
		return mrkdwn.Escape(strings.Join(strings.FieldsFunc(value, func(r rune) bool { return r == '\n' }), ", "), most)
	}
	if bare := mrkdwn.BareAddress(value); bare != "" {
		return mrkdwn.Link(value, bare)
	}
	switch in.Kind {
	case deployer.InputBoolean:
		if v, ok := in.Typed(value); ok && v.Flag {
			return "yes"
		} else if ok {
			return "no"
		}
	case deployer.InputTime:
		if v, ok := in.Typed(value); ok {
			return r.Date(retailer, v.Time)
		}
	case deployer.InputDuration:
		if v, ok := in.Typed(value); ok {
			return mrkdwn.Span(v.Duration)
		}
	case deployer.InputPerson:
		id, called, _ := strings.Cut(value, " ")
		return name(r.Names, deployer.Actor{ID: id, Name: called})
	}
	return mrkdwn.Escape(value, most)
}

// filled is what somebody has filled into the fields of a step, each with its label and,
// of a choice, its words; at what does not fit it stops, and counts.
func (r Renderer) filled(d deployer.Deployment, s deployer.StepState, item string, values map[string]string, most int) string {
	var out []string
	for _, in := range deployer.FieldsOf(s, item) {
		value := values[in.ID]
		if value == "" {
			continue
		}
		if label := labels(s.WithOf(item), in)[value]; label != "" {
			value = label
		}
		out = append(out, mrkdwn.Escape(cmp.Or(in.Label, in.ID), mrkdwn.NameMax)+": "+r.value(d.Site.Name, in, value, most/2))
	}
	line := mrkdwn.JoinWithin(out, most)
	for shown := len(out); shown > 0; shown-- {
		if line == strings.Join(out[:shown], " · ") {
			if more := len(out) - shown; more > 0 {
				line += fmt.Sprintf(" · and %d more", more)
			}
			break
		}
	}
	return line
}

// anchors are links as mrkdwn, by their names; those that lack a value are left
// out.
func anchors(links map[string]urltemplate.Link, values map[string]string) []string {
	var out []string
	for _, label := range slices.Sorted(maps.Keys(links)) {
		address, err := links[label].For(values)
		if err != nil {
			continue
		}
		shown := mrkdwn.Escape(label, mrkdwn.NameMax)
		if linked := mrkdwn.Link(address, shown); linked != shown {
			out = append(out, linked)
		}
	}
	return out
}
