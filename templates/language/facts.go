package language

import (
	"net/url"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// facts are what is known of a deployment at a moment. CEL asks them for names.
type facts struct {
	*deployer.Deployment
	at     deployer.Moment
	values map[string]ref.Val // by plain name: those that were computed; nil: it is being computed
}

var _ interpreter.Activation = (*facts)(nil)

func factsAt(m deployer.Moment) *facts {
	return &facts{Deployment: m.Deployment, at: m, values: map[string]ref.Val{}}
}

// Parent is none.
func (f *facts) Parent() interpreter.Activation { return nil }

// ResolveName is what a name stands for. An absent one is an error that says so.
func (f *facts) ResolveName(name string) (any, bool) {
	v, ok := f.root(name)
	if ok && v == nil {
		return untold("%s is not there", name), true
	}
	return v, ok
}

// root is what a name stands for; nil: it is absent.
func (f *facts) root(name string) (ref.Val, bool) {
	d := f.Deployment
	switch name {
	case "inputs":
		return thing{path: name, field: f.input}, true
	case "vars":
		return thing{path: name, field: f.variable}, true
	case "values":
		return thing{path: name, field: f.value}, true
	case "steps":
		return thing{path: name, field: f.step}, true
	case "service":
		if s := f.service(); s != "" {
			return f.aService(s), true
		}
		return untold("this is read once for all services"), true
	case "services":
		var out []ref.Val
		for _, s := range f.services() {
			out = append(out, f.aService(s))
		}
		return listOf(out), true
	case "retailers":
		return textsOf(d.Place.Retailers), true
	case "each":
		return types.String(f.at.Item), true
	case "retailer", "product":
		title := d.Place.Title
		if title == "" {
			title = d.Site.Name
		}
		return fixed(name, d.Site.Name, map[string]ref.Val{
			"title": types.String(title), "zone": types.String(zone(d.Place)), "groups": textsOf(d.Place.Groups),
		}), true
	case "environment":
		return fixed(name, d.Site.Environment, map[string]ref.Val{"namespace": types.String(d.Place.Namespace)}), true
	case "maintenance":
		return f.maintenance(), true
	case "failure":
		return f.failure(), true
	case "outcome":
		if !d.Status.Ended() {
			return types.String(""), true
		}
		return types.String(d.Status), true
	}
	if v, ok := f.people(name); ok {
		return v, ok
	}
	if v, ok := f.times(name); ok {
		return v, ok
	}
	return f.words(name)
}

// zone is the zone of a site, as people and CEL read it.
func zone(l deployer.Locale) string {
	if l.Zone == "" {
		return "UTC"
	}
	return l.Zone
}

// linkTo leads to a message; "" where there is none. It needs no name of the workspace.
func linkTo(p deployer.Post) string {
	if p.TS == "" {
		return ""
	}
	return "https://slack.com/app_redirect?channel=" + url.QueryEscape(p.Channel) + "&message_ts=" + url.QueryEscape(p.TS)
}

// people are the names of people.
func (f *facts) people(name string) (ref.Val, bool) {
	switch name {
	case "requester":
		return person(f.Requester), true
	case "tam":
		return fixed("person", f.Terms["tam"], nil), true
	case "approvers":
		var ids []string
		var out []ref.Val
		for _, s := range f.Steps {
			for _, a := range s.Approvals {
				if !slices.Contains(ids, a.By.ID) {
					ids, out = append(ids, a.By.ID), append(out, person(a.By))
				}
			}
		}
		return listOf(out), true
	}
	return nil, false
}

// person is somebody; nil where it is nobody.
func person(a deployer.Actor) ref.Val {
	p := fixed("person", a.Name, nil)
	p.same = "person " + a.ID
	return p
}

// words are the names of texts.
func (f *facts) words(name string) (ref.Val, bool) {
	told := func() telling.Change { return telling.ChangeOf(*f.Deployment, f.at.Now) }
	joined := func(s []string) string { return strings.Join(s, ", ") }
	var out string
	switch name {
	case "id":
		out = f.ID
	case "card":
		out = linkTo(f.Card)
	case "procedure":
		out = f.Procedure.Title
	case "reason":
		out = f.Reason
	case "notice":
		out = strings.Join(f.Warnings, " ")
	case "what":
		if out = joined(told().What()); out == "" {
			out = joined(f.released())
		}
	case "what_before":
		out = joined(told().Before())
	case "what_back":
		out = joined(told().Back)
	case "what_stays":
		if stays := told().Stays; len(stays) > 0 {
			out = "Not rolled back: " + joined(stays) + "."
		}
	case "skipped":
		out = f.skipped()
	default:
		return nil, false
	}
	return types.String(out), true
}
