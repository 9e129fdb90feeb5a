// Package channels opens channels of Slack for deployments, and reads in them: a public
// channel is found by its name or created, people are invited, and it is given a topic;
// of any channel it is told whether it has a message already.
//
// A channel's name is what it is found by: Slack gives each name once. All that is done
// to it can be done again without harm, so that whoever finds it half done does the rest.
// One that is archived, shared with others or not to be seen is nobody's to take.
package channels

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// The step kind of this package, its parameters, output and failure.
const (
	kind        = "channel"
	paramName   = "name"
	paramAs     = "as"
	paramInvite = "invite"
	paramTopic  = "topic"
	outURL      = "url"
	failDenied  = "denied"
)

// Scopes are what the bot's token needs for this, besides what it needs for everything.
// https://docs.slack.dev/reference/scopes
var Scopes = []string{"channels:manage", "channels:join"}

// Limits of Slack's, in characters.
const (
	nameMax  = 80
	topicMax = 250
)

// deniedRef begins the reference of what Slack has refused for good: nothing was made,
// and what follows says why.
const deniedRef = "denied: "

// A Config is what a System works with.
type Config struct {
	API *slack.Client
	// Members are the ids of those who hold a role of the config, as far as is known.
	Members func(role string) []string
	// Owner is the role that owns a service; "": nobody is known. Nil: likewise.
	Owner func(service string) string
	// TAM is the role of a retailer's technical account manager. Nil: there is none.
	TAM func(retailer string) string
}

// A System opens channels. It is safe for concurrent use.
type System struct{ cfg Config }

// New returns a System. It calls nothing.
func New(cfg Config) *System { return &System{cfg} }

// Kinds are the step kinds of this package.
func Kinds() []deployer.Kind {
	return []deployer.Kind{{
		Name: kind,
		Doc:  "a channel of Slack is found or created, and people invited; steps after it may announce there",
		Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Opens: paramAs,
		Params: []deployer.Param{
			{Name: paramName, Type: deployer.TypeText, Required: true, Doc: "its name, without #"},
			{Name: paramAs, Type: deployer.TypeText, Required: true, Doc: "the name that to has for it"},
			{Name: paramInvite, Type: deployer.TypeRoles, Doc: "who"},
			{Name: paramTopic, Type: deployer.TypeText, Doc: "its topic"},
		},
		Outputs: []deployer.Param{
			{Name: outURL, Type: deployer.TypeText, Doc: "of the channel"},
		},
		Fails: []string{failDenied},
	}}
}

// Runners are the runners of this package, by name: that of its kind, and that which
// looks whether a channel has a message already, for announcements.
func (s *System) Runners() map[string]deployer.Runner {
	return map[string]deployer.Runner{kind: s, deployer.KindAnnounce: messages{s.cfg.API}}
}

// Access refuses where the bot's token lacks one of the Scopes.
func (s *System) Access(ctx context.Context, _ deployer.Intent) error {
	me, err := s.cfg.API.AuthTestContext(ctx)
	if err != nil {
		return tried("ask what the bot may", err)
	}
	granted := strings.FieldsFunc(me.Header.Get("X-OAuth-Scopes"), func(c rune) bool { return c == ',' || c == ' ' })
	lacks := slices.DeleteFunc(slices.Clone(Scopes), func(s string) bool { return slices.Contains(granted, s) })
	if len(lacks) == 0 || len(granted) == 0 { // Slack does not say
		return nil
	}
	return deployer.Refuse("Add it under OAuth & Permissions, and install the app again.", "The bot lacks the scope %s.", strings.Join(lacks, " and "))
}

// A wish is how a channel should be.
type wish struct {
	name, topic string
	invite      []string // ids
	nobody      []string // roles that nobody is known to hold
}

// wish reads the parameters.
func (s *System) wish(in deployer.Intent) wish {
	w := wish{name: nameOf(in.With[paramName].Text), topic: cut(strings.Join(strings.Fields(in.With[paramTopic].Text), " "), topicMax)}
	seen := map[string]bool{}
	for _, role := range in.With[paramInvite].List {
		ids := s.holders(in, role)
		if len(ids) == 0 {
			w.nobody = append(w.nobody, role)
		}
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				w.invite = append(w.invite, id)
			}
		}
	}
	return w
}

// holders are those who hold a role of the config, or one that is built in.
func (s *System) holders(in deployer.Intent, role string) []string {
	switch {
	case role == "requester" && in.By.Kind == deployer.ActorPerson && in.By.ID != "":
		return []string{in.By.ID}
	case role == "tam" && s.cfg.TAM != nil:
		return s.cfg.Members(s.cfg.TAM(in.Site.Name))
	case role == "owner" && s.cfg.Owner != nil:
		var all []string
		for _, service := range in.Services {
			if owner := s.cfg.Owner(service); owner != "" {
				all = append(all, s.cfg.Members(owner)...)
			}
		}
		return all
	}
	return s.cfg.Members(role)
}

// nameOf is a text as the name of a channel: Slack takes small letters, digits, hyphens
// and underscores.
func nameOf(text string) string {
	name := strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case unicode.IsLetter(r), unicode.IsNumber(r), r == '-', r == '_':
			return r
		}
		return '-'
	}, strings.TrimPrefix(strings.TrimSpace(text), "#"))
	return cut(name, nameMax)
}

// cut is the beginning of a text.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// Look finds the channel. It is there once all is done that is wanted of it.
func (s *System) Look(ctx context.Context, in deployer.Intent) (deployer.Observation, error) {
	w := s.wish(in)
	ch, err := s.find(ctx, w.name)
	if err != nil || ch == nil {
		return deployer.Observation{Kind: deployer.ObservedAbsent}, err
	}
	missing, err := s.missing(ctx, *ch, w)
	if err != nil || missing {
		return deployer.Observation{Kind: deployer.ObservedAbsent}, err
	}
	return deployer.Observation{Kind: deployer.ObservedPresent, Ref: ch.ID}, nil
}

// Follow says where it is, or why there is none.
func (s *System) Follow(ctx context.Context, in deployer.Intent, ref string, _ func(deployer.Progress)) (deployer.Outcome, error) {
	if why, denied := strings.CutPrefix(ref, deniedRef); denied {
		return deployer.Outcome{Result: deployer.Failed, Kind: failDenied, Why: why}, nil
	}
	me, err := s.cfg.API.AuthTestContext(ctx)
	if err != nil {
		return deployer.Outcome{}, tried("ask where this workspace is", err)
	}
	w := s.wish(in)
	why := "#" + w.name + " is there."
	if len(w.nobody) > 0 {
		why += " Nobody is known for " + strings.Join(w.nobody, ", ") + ", and so nobody of them was invited."
	}
	return deployer.Outcome{Result: deployer.OK, Why: why, Outputs: deployer.Values{outURL: {Text: me.URL + "archives/" + ref}}}, nil
}
