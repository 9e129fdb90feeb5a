package view

import (
	"maps"
	"slices"

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
	maps.Copy(values, map[string]string{"service": t.Service, "from": version(t.Before), "to": version(t.After)})
	return anchors(r.Services[t.Service].Links, values)
}

// input is the value of an input: a key as a link where the retailer has one of
// that input's name, and an address as a link that shows where it leads.
func (r Renderer) input(d deployer.Deployment, id string, most int) string {
	value := d.Inputs[id]
	shown := mrkdwn.Escape(value, most)
	if link, ok := r.Retailers[d.Site.Name].Links[id]; ok && urltemplate.IsKey(value) {
		if address, err := link.For(ofDeployment(d)); err == nil {
			return mrkdwn.Link(address, shown)
		}
	}
	if bare := mrkdwn.BareAddress(value); bare != "" {
		return mrkdwn.Link(value, bare)
	}
	return shown
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
