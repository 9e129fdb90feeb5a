package report

import (
	"net/url"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// A link leads to something that a deployment names.
type link struct{ label, url string }

// link gathers the links that an event names.
func (s *story) link(event deployer.Event) {
	switch e := event.(type) {
	case deployer.Created:
		for _, in := range e.Start.Procedure.Inputs {
			s.leads(in.Label, e.Start.Inputs[in.ID])
		}
	case deployer.StepBegan:
		step := s.step(e.Step)
		for _, l := range step.Links {
			at := l.Link
			if filled, ok := e.Seen.Texts[deployer.TextLink+l.Title]; ok {
				at = filled
			}
			s.leads(l.Title, at)
		}
		for _, item := range append([]string{""}, sortedKeys(e.Seen.With)...) {
			s.items(step.WithOf(item))
		}
	case deployer.Answered:
		for _, id := range sortedKeys(e.Values) {
			s.leads(s.step(e.Step).Title+": "+id, e.Values[id])
		}
	case deployer.EffectActed:
		s.leads(s.step(deployer.ParseEffectKey(e.Key).Step).Title, e.Ref)
	case deployer.EffectSettled:
		for _, name := range sortedKeys(e.Outcome.Outputs) {
			s.leads(s.step(deployer.ParseEffectKey(e.Key).Step).Title+": "+name, e.Outcome.Outputs[name].Text)
		}
	}
}

func (s *story) items(with deployer.Values) {
	for _, name := range sortedKeys(with) {
		for _, i := range with[name].Items {
			s.leads(i.Title, i.Link)
		}
	}
}

// leads keeps a link, once, if it is one that can be opened as it is.
func (s *story) leads(label, to string) {
	at, ok := address(to)
	if ok && !slices.ContainsFunc(s.links, func(l link) bool { return l.url == at }) {
		s.links = append(s.links, link{label, at})
	}
}

// address is a URL of http or https in the form in which it may stand anywhere; false: a
// text is none, or one that holds a secret or a placeholder.
func address(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return "", false
	}
	for _, r := range text {
		if r <= ' ' || r == '{' || r == '}' || deployer.Unseen(r) {
			return "", false
		}
	}
	return u.String(), plain(text) == text
}
