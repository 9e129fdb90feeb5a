package view

import (
	"slices"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// Names says how people and roles are called. It answers from memory, so that
// rendering never waits for Slack. Role and Person are plain text, not yet
// escaped; Mention and Call are mrkdwn that calls the people (their notification).
type Names interface {
	Role(role string) []string // the people who hold it; nil where unknown
	Mention(role string) string
	Call(role string, but []string) string // as Mention, without the people with those ids
	Person(p deployer.Person) string
}

// name is a person's name, escaped.
func name(n Names, p deployer.Person) string {
	s := n.Person(p)
	if s == "" {
		s = p.Name
	}
	return mrkdwn.Escape(s, mrkdwn.NameMax)
}

// holders names the people of a role, escaped, without calling them; not is
// left out.
func holders(n Names, role, not string) []string {
	var out []string
	for _, s := range n.Role(role) {
		if s = mrkdwn.Escape(s, mrkdwn.NameMax); s != not {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		who := "somebody of " + mrkdwn.Escape(role, mrkdwn.NameMax)
		if not != "" {
			who += " other than " + not
		}
		return []string{who}
	}
	return out
}

// deciders names who may decide what becomes of a deployment.
func deciders(d deployer.Deployment, n Names) []string {
	out := []string{name(n, d.Requester)}
	for _, role := range d.Deciders() {
		for _, who := range holders(n, role, "") {
			if !slices.Contains(out, who) {
				out = append(out, who)
			}
		}
	}
	return out
}
