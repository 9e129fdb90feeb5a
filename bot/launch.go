package bot

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

// newResolver makes a resolver whose launcher looks up what Slack and the
// systems know.
func newResolver(s *shared) *resolver {
	r := &resolver{shared: s}
	r.launcher = launch.New(s.cfg.LaunchConfig(), launch.Ports{Channel: r.postsTo, Lacks: s.tags.Lacks, Deployments: s.Deployments, Holders: s.people.Holders, Person: r.personOf})
	return r
}

// LaunchConfig is the part of the config that says what words mean.
func (c Config) LaunchConfig() launch.Config {
	out := launch.Config{
		Services: map[string]string{}, Procedures: c.Procedures, Sites: map[string]launch.Site{},
		Messages: c.Messages, LeadTimes: c.LeadTimes, Has: c.Has, Settings: c.Launch,
	}
	for name, s := range c.Services {
		out.Services[name] = s.Procedure
	}
	for name, r := range c.Retailers {
		site := launch.Site{
			Environments: map[string]launch.Environment{}, Channels: r.Channels, Messages: r.Messages, Linked: slices.Sorted(maps.Keys(r.Links)),
		}
		for env, e := range r.Environments {
			site.Environments[env] = launch.Environment(e)
		}
		if r.TAM != "" {
			site.Terms = map[string]string{"tam": r.TAM}
		}
		out.Sites[name] = site
	}
	return out
}

// startOf fills an order from what a request means. What the start was given by
// is its caller's to say.
func (s *resolver) startOf(ctx context.Context, r *request) (deployer.Start, error) {
	now := time.Now()
	ask := launch.Request{
		By: r.by.ID, Site: r.scope.Retailer, Environment: r.env, Channel: r.scope.Channel, Releases: r.releases, Procedure: r.typed.Procedure,
		Inputs: r.typed.Inputs, Reason: r.typed.Reason, Asked: now, Drill: r.typed.Drill,
		Time: func(text string) (time.Time, error) {
			return command.ParseMoment(text, now, s.renderer.Zone(r.scope.Retailer))
		},
	}
	if r.typed.At != "" {
		ask.Planned = func() (time.Time, error) {
			t, err := command.ParseAt(r.typed.At, now, s.renderer.Zone(r.scope.Retailer))
			return t.UTC(), err
		}
	}
	return s.start(ctx, ask)
}

// start fills an order, with the names of people where the config has their ids.
func (s *resolver) start(ctx context.Context, ask launch.Request) (deployer.Start, error) {
	start, err := s.launcher.Start(ctx, ask)
	if names := s.people.Role(view.TAMRole(ask.Site)); err == nil && len(names) > 0 && directory.PinName(start.Terms["tam"]) == "" {
		start.Terms["tam"] = s.people.Person(names[0]) // an id is read by nobody
	}
	return start, err
}

// preview says what a start would become.
func (s *resolver) preview(start deployer.Start, by deployer.Actor) preview.Preview {
	return preview.Of(start, preview.Facts{Now: time.Now(), By: by, Language: s.Language})
}

// Launch makes the start of what a step of a deployment runs: in the channel of the
// retailer that it says, with the services and tags of that deployment where the
// procedure is about any. A *deployer.Refusal says that it can't be started.
func (s *resolver) Launch(ctx context.Context, in deployer.Intent) (deployer.Start, error) {
	parent, err := s.Deployments.Load(ctx, in.Deployment)
	if err != nil {
		return deployer.Start{}, err
	}
	now := time.Now()
	ask := launch.Request{
		By: in.By.ID, Site: cmp.Or(in.With["retailer"].Text, in.Site.Name), Environment: in.With["environment"].Text,
		Procedure: in.With["procedure"].Text, Inputs: in.With["inputs"].Texts, Reason: parent.Reason, Asked: now,
		Drill: deployer.Drill{On: parent.Drill.On},
	}
	ask.Time = func(text string) (time.Time, error) {
		return command.ParseMoment(text, now, s.renderer.Zone(ask.Site))
	}
	if ask.Environment == "" {
		if _, same := s.cfg.Retailers[ask.Site].Environments[in.Site.Environment]; same {
			ask.Environment = in.Site.Environment
		}
	}
	if s.cfg.Procedures[ask.Procedure].Services != deployer.ServicesNone {
		ask.Releases = parent.Releases
	}
	if ask.Channel, err = s.channelOf(ctx, ask.Site, parent); err != nil {
		return deployer.Start{}, err
	}
	return s.start(ctx, ask)
}

// channelOf is the channel where deployments of a retailer are followed: that of the
// deployment that runs one, where it is the same retailer's.
func (s *resolver) channelOf(ctx context.Context, retailer string, parent deployer.Deployment) (string, error) {
	if _, ok := s.cfg.Retailers[retailer]; !ok {
		return "", launch.Unknown("There is no retailer", retailer, slices.Sorted(maps.Keys(s.cfg.Retailers)), "There are")
	}
	if retailer == parent.Site.Name {
		return parent.Channels[deployer.ChannelDeploys], nil
	}
	scopes, _ := s.scopes(ctx)
	for _, at := range scopes {
		if at.Retailer == retailer {
			return at.Channel, nil
		}
	}
	return "", s.refuseUninvited("the channel of " + retailer + "’s deployments")
}

// MayPost refuses a channel, by its id, where the bot can't post as far as Slack says.
func (s *resolver) MayPost(ctx context.Context, channel string) error {
	c, in, err := s.channels.LookUp(ctx, channel)
	if err != nil || in {
		return err
	}
	name := "the channel " + channel
	if c.Name != "" {
		name = "#" + c.Name
	}
	return s.refuseAbsent(c, name)
}

// CardURL leads to the card of a deployment; "" where that is not known.
func (s *resolver) CardURL(ctx context.Context, d deployer.Deployment) string {
	return s.links.To(ctx, d.Card)
}

// postsTo finds a channel that a procedure posts to. One by its name is the one
// that bore it first.
func (s *resolver) postsTo(ctx context.Context, configured string) (string, error) {
	c, ok := s.channels.Find(ctx, configured)
	if !ok {
		return "", s.refuseUninvited("#" + strings.TrimPrefix(configured, "#") + ", where this procedure posts")
	}
	if c.ID == configured {
		return c.ID, nil
	}
	return c.ID, s.hold(ctx, c, "retailers.….channels, in the place of "+configured)
}

// somebody is how Slack writes a person who is called in a command.
var somebody = regexp.MustCompile(`^<@([A-Z0-9]+)(?:\|[^>]*)?>$|^([UW][A-Z0-9]{2,})$`)

// personOf finds who is meant where somebody is asked for.
func (s *resolver) personOf(_ context.Context, word string) (deployer.Actor, error) {
	m := somebody.FindStringSubmatch(word)
	if m == nil {
		return deployer.Actor{}, deployer.Refuse("Call them with an @.", "It is not clear who %q is.", mrkdwn.Clip(word, 60))
	}
	a := deployer.Actor{ID: m[1] + m[2]}
	a.Name = s.people.Person(a)
	return a, nil
}

// A fieldError is an error about one field of the form.
type fieldError struct {
	block string
	error
}

func (m fieldError) Unwrap() error { return m.error }

// fieldOf is the field of the form that an error is about; "" for none.
func fieldOf(err error) string {
	if m, ok := errors.AsType[fieldError](err); ok {
		return m.block
	}
	m, ok := errors.AsType[launch.FieldError](err)
	switch {
	case !ok:
		return ""
	case m.Field == launch.FieldInput:
		return form.BlockInput + m.Input
	}
	return map[launch.Field]string{
		launch.FieldEnvironment: form.BlockEnv, launch.FieldTag: form.BlockTag, launch.FieldPlanned: form.BlockAt,
	}[m.Field]
}
