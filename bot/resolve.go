package bot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// needs are what a request rests on. They are resolved in this order.
type needs int

const (
	needScope         needs = 1 << iota // for whom the channel is
	mayHaveScope                        // likewise, where it is for anybody
	needSight                           // the person can see the deployment of the button
	needForm                            // what stands in the form, as a command's words
	needEnv                             // the environment that is named, or the default
	mayHaveEnv                          // the environment, where one is named
	needServices                        // the words are services
	needReleases                        // services with their tags
	needTarget                          // the words are services, or a deployment
	needDeployment                      // the first word is a deployment of this channel
	mayHaveDeployment                   // likewise, where there is a word
	needCard                            // the button is on a card of the deployment that it names
)

// A resolver finds out what people mean: retailers, environments, services and
// deployments, from the configuration and the caches.
type resolver struct {
	*shared
	launcher launch.Launcher
}

// resolve fills in what a route needs. An error is what the person is told.
func (s *resolver) resolve(ctx context.Context, r *request, n needs) error {
	for _, step := range []struct {
		need    needs
		resolve func(context.Context, *request) error
	}{
		{needScope, s.scopeOf},
		{mayHaveScope, func(ctx context.Context, r *request) error { _ = s.scopeOf(ctx, r); return nil }}, // then it is for nobody
		{needSight, s.sightOf},
		{needForm, s.wordsOfForm},
		{needEnv, s.envOf},
		{mayHaveEnv, s.envIfNamed},
		{needServices, s.servicesOf},
		{needReleases, s.releasesOf},
		{needTarget, s.targetOf},
		{needDeployment, s.deploymentOf},
		{mayHaveDeployment, s.deploymentIfNamed},
		{needCard, s.cardOf},
	} {
		if n&step.need == 0 {
			continue
		}
		if err := step.resolve(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *resolver) envOf(_ context.Context, r *request) (err error) {
	r.env, err = s.environment(r.scope.Retailer, r.typed.Env)
	return err
}

func (s *resolver) envIfNamed(ctx context.Context, r *request) error {
	if r.typed.Env == "" {
		return nil
	}
	return s.envOf(ctx, r)
}

func (s *resolver) servicesOf(_ context.Context, r *request) error {
	for _, word := range r.typed.Words {
		name, err := s.launcher.Service(word)
		if err != nil {
			return err
		}
		r.services = append(r.services, name)
	}
	return nil
}

func (s *resolver) releasesOf(_ context.Context, r *request) error {
	for _, w := range r.typed.Releases {
		name, err := s.launcher.Service(w.Service)
		if err != nil {
			return r.typed.BlameUnquotedReason(err)
		}
		w.Service = name
		r.releases = append(r.releases, w)
	}
	return nil
}

// targetOf finds out whether services are meant, in an environment, or a deployment.
func (s *resolver) targetOf(ctx context.Context, r *request) error {
	if _, err := s.launcher.Service(r.typed.Words[0]); err != nil && len(r.typed.Words) == 1 {
		return s.deploymentOf(ctx, r)
	}
	if err := s.servicesOf(ctx, r); err != nil {
		return err
	}
	return s.envOf(ctx, r)
}

// deploymentOf finds the deployment that somebody means by an id typed in a
// channel: one of another retailer is dealt with in its own, where everybody
// sees it.
func (s *resolver) deploymentOf(ctx context.Context, r *request) error {
	word := r.typed.Words[0]
	d, err := s.Deployments.Load(ctx, strings.ToLower(word))
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		return s.unknownDeployment(r.scope, word)
	case err != nil:
		return s.unreadable(ctx, strings.ToLower(word), err)
	case d.Site.Name == r.scope.Retailer:
		r.deployment = d
		return nil
	}
	no := deployer.Refuse("", "%s is a deployment of %s, and this channel is for %s.", d.ID, d.Site.Name, r.scope.Retailer)
	if c, in := s.channels.Known(d.Channels[deployer.ChannelDeploys]); in && !c.Private {
		return no.Hint("Type it in #"+c.Name, deployer.Verb(r.id), d.ID)
	}
	return no.Hint("Type it in the channel of "+d.Site.Name+"’s deployments.", "")
}

func (s *resolver) deploymentIfNamed(ctx context.Context, r *request) error {
	if len(r.typed.Words) == 0 {
		return nil
	}
	return s.deploymentOf(ctx, r)
}

// unreadable refuses a deployment that can't be read, unless that is for the moment.
func (s *resolver) unreadable(ctx context.Context, id string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	s.log.Error("a deployment can't be read", "deployment", id, "err", err)
	instead := "The log says why."
	if s.Quarantined != nil {
		if why := s.Quarantined()[id]; why != "" {
			instead = mrkdwn.Capital(deployer.Sentence(why))
		}
	}
	return deployer.Refuse(instead, "%s can’t be read by this program; its places stay held.", id)
}

// unknownDeployment refuses a word that is no service and no deployment.
func (s *resolver) unknownDeployment(at view.Scope, word string) error {
	live := s.inFlight.Of(at.Retailer)
	hint := spelling.Suggest(word, slices.Sorted(maps.Keys(s.cfg.Services)))
	if _, ok := s.cfg.Services[word]; ok {
		hint = "" // an id is wanted: to suggest what was typed helps nobody
	}
	switch {
	case hint != "":
	case len(live) > 0:
		var ids []string
		for _, l := range live {
			ids = append(ids, l.ID)
		}
		hint = "Under way: " + mrkdwn.Join(ids, "and", 8) + "."
	default:
		hint = "Nothing is under way."
	}
	return deployer.Refuse(hint, "There is no deployment %q.", mrkdwn.Clip(word, 60))
}

// environment returns the named one, or the retailer's default, and says how one
// is named where there is none.
func (s *resolver) environment(retailer, word string) (string, error) {
	env, err := s.launcher.Environment(retailer, word)
	if r, ok := errors.AsType[*deployer.Refusal](err); ok && word == "" {
		names := slices.Sorted(maps.Keys(s.cfg.Retailers[retailer].Environments))
		return "", r.Hint("Add --env with one of: "+strings.Join(names, ", ")+".", "")
	}
	return env, err
}

// explain says more about a word without a partner: it may be a subcommand
// with a typing mistake, or no service at all.
func (s *resolver) explain(err error) error {
	o, ok := errors.AsType[*command.UnpairedWord](err)
	if !ok {
		return err
	}
	if _, err := s.launcher.Service(o.Word); err == nil {
		return deployer.Refuse("", "%s has no tag behind it.", o.Word).Hint("Say for example", command.VerbDeploy, o.Word, "v1.2.3")
	}
	word := mrkdwn.Clip(o.Word, 60)
	if !o.First {
		return deployer.Refuse("", "%q has no partner.", word).Hint("Every service is followed by its tag. Say for example", command.VerbDeploy, command.Examples[command.VerbDeploy])
	}
	if n := spelling.Nearest(o.Word, command.Subcommands()); n != "" {
		return deployer.Refuse("", "%q is neither a command nor a service.", word).Hint("Did you mean", deployer.Verb(n))
	}
	if n := spelling.Nearest(o.Word, slices.Sorted(maps.Keys(s.cfg.Services))); n != "" {
		return deployer.Refuse("", "There is no service %q, and no tag behind it.", word).Hint("Did you mean", command.VerbDeploy, n, "TAG")
	}
	return command.RefuseWithExample(command.VerbDeploy, "%q is neither a command nor a service.", word).Hint("or see", "help")
}
