// Package view draws what people see in Slack: state in, blocks out. It knows
// nothing of the network, asks nobody and keeps nothing, so that every message
// can be drawn again at any time and held against a golden file.
//
// [Card] is the live message of a deployment, [Message] everything else that the
// core has to say in a channel or thread; the forms that the card's buttons open
// are here as well, and what lists and home tabs show of a card in short. A
// [Renderer] is what all of it looks up besides the deployment. The form of a
// deployment, refusals, home tabs and lists, and the audit trail are packages below
// this one, which know it.
//
// Whatever people, systems and procedures say, Slack takes what is drawn here:
// every text is escaped and cut by package mrkdwn, and what does not fit is
// counted. Nothing that somebody typed calls people.
package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

// A Renderer is what drawing a message looks up besides the deployment: how people
// are called, where a retailer is, where links go, what is typed. It answers
// from memory.
type Renderer struct {
	Names
	Command    string
	Retailers  map[string]Retailer
	Services   map[string]Service
	Procedures map[string]deployer.Procedure
	Language   deployer.Language          // nil: what rests on conditions is always asked
	LinkTo     func(deployer.Post) string // the address of another card; "": it is not known. nil: none is
	CardLink   string                     // the address of the card of what is drawn; "": it is not known

	PlainSteps bool // the steps of a card stand in its foot: a list of them is more than Slack takes there
}

// A Retailer is whom deployments are for.
type Retailer struct {
	TAM          string
	Zone         *time.Location              // where its people are; nil is UTC
	Links        map[string]urltemplate.Link // by what people read; one named like an input is that input's
	Channels     map[string]string           // name in a procedure: Slack channel, name or id
	Messages     map[string]string           // over those for all
	Services     []string                    // the only ones that it has, in order; nil: all
	Environments map[string]Environment

	SharedChannel bool // its own channel may be shared with other organizations
}

// An Environment of a retailer.
type Environment struct {
	Default bool
	Follows map[string]string // services that follow another procedure here: its id
}

// A Service can be deployed.
type Service struct {
	Owner     string
	Procedure string                      // id of the one it follows, unless an environment has another
	Links     map[string]urltemplate.Link // by what people read
}

// TAMRole is the role of a retailer's technical account manager.
func TAMRole(retailer string) string { return deployer.TAMRole(retailer) }

// DefaultEnvironment is the one that is meant where none is named.
func DefaultEnvironment(envs map[string]Environment) (string, bool) {
	for _, n := range slices.Sorted(maps.Keys(envs)) {
		if envs[n].Default || len(envs) == 1 {
			return n, true
		}
	}
	return "", false
}

// A Scope is a channel where deployments are started.
type Scope struct{ Channel, Retailer, Name string }

// Names says how people and roles are called. It answers from memory, so that
// rendering never waits for Slack. Names are plain text, not yet escaped, with
// the handle where two people bear the same; Mention and Call are mrkdwn that
// calls the people (their notification).
type Names interface {
	Role(role string) []deployer.Actor // the people who hold it, by name; nil where unknown
	Mention(role string) string
	Call(role string, but []string) string // as Mention, without the people with those ids
	Person(p deployer.Actor) string
	Holders(role string) deployer.Holders // who can answer for it, and why nobody else can
	Renamed(p deployer.Actor) string      // how they are called now, where that is no longer as it was written down; else ""
}

// name is a person's name, escaped.
func name(n Names, p deployer.Actor) string {
	return mrkdwn.Escape(cmp.Or(n.Person(p), p.Name), mrkdwn.NameMax)
}

// Called is what a person is called, escaped.
func (r Renderer) Called(p deployer.Actor) string { return name(r, p) }

// holders names the people of a role, escaped, without calling them; those with
// the ids in not are left out.
func holders(n Names, role string, not ...string) []string {
	var out []string
	for _, p := range n.Role(role) {
		if !slices.Contains(not, p.ID) {
			out = append(out, mrkdwn.Escape(p.Name, mrkdwn.NameMax))
		}
	}
	return out
}

// holdersOrSomebody names them likewise, or says that it is somebody of the role.
func holdersOrSomebody(n Names, role string) []string {
	if out := holders(n, role); len(out) > 0 {
		return out
	}
	return []string{"somebody of " + mrkdwn.Escape(role, mrkdwn.NameMax)}
}

// deciders names who may decide what becomes of a deployment.
func deciders(d deployer.Deployment, n Names) []string {
	out, seen := []string{name(n, d.Requester)}, []string{d.Requester.ID}
	for _, role := range d.Deciders() {
		known := n.Role(role)
		if len(known) == 0 {
			out = append(out, "somebody of "+mrkdwn.Escape(role, mrkdwn.NameMax))
		}
		for _, p := range known {
			if !slices.Contains(seen, p.ID) {
				out, seen = append(out, mrkdwn.Escape(p.Name, mrkdwn.NameMax)), append(seen, p.ID)
			}
		}
	}
	return out
}

// localTime is a time of day where the retailer is, such as 17:04 EST; "" where
// that is not configured.
func (r Renderer) localTime(retailer string, t time.Time) string {
	zone := r.Retailers[retailer].Zone
	if zone == nil || zone == time.UTC {
		return ""
	}
	t = t.In(zone)
	short := t.Format("15:04 MST")
	if strings.ContainsAny(short[len("15:04 "):], "+-0123456789") { // nobody knows that zone by letters
		return t.Format("15:04 ") + City(zone)
	}
	return short
}

// clock is a time of day as the reader's clock shows it, and the retailer's.
func (r Renderer) clock(retailer string, t time.Time) string {
	if there := r.localTime(retailer, t); there != "" {
		return mrkdwn.Clock(t) + " (" + there + ")"
	}
	return mrkdwn.Clock(t)
}

// Zone is the time zone of a retailer's people: UTC where none is configured.
func (r Renderer) Zone(retailer string) *time.Location {
	if z := r.Retailers[retailer].Zone; z != nil {
		return z
	}
	return time.UTC
}

// Date is a day and a time as the reader's clock shows it, and the retailer's.
func (r Renderer) Date(retailer string, t time.Time) string {
	if there := r.localTime(retailer, t); there != "" {
		return mrkdwn.Date(t) + " (" + there + ")"
	}
	return mrkdwn.Date(t)
}

// City is what a zone is called after: Sao Paulo for America/Sao_Paulo.
func City(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

// NameOf is how a person is called, who may be one that nobody has asked about yet.
func (r Renderer) NameOf(id string) string {
	name := r.Person(deployer.Actor{ID: id})
	if name == id {
		return ""
	}
	return name
}

// Nearby is how far away a time is still taken for that of the same day.
const Nearby = 12 * time.Hour
