package app

import (
	"context"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/bot/channels"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/access"
	"github.com/stationmaster/stationmaster/deployer/catalog"
	"github.com/stationmaster/stationmaster/deployer/drill"
	"github.com/stationmaster/stationmaster/deployer/history"
	"github.com/stationmaster/stationmaster/deployer/kube"
	"github.com/stationmaster/stationmaster/deployer/locking"
	"github.com/stationmaster/stationmaster/deployer/probe"
)

// A stepSystem brings step kinds, and what does them: runners by name.
type stepSystem struct {
	kinds   func() []deployer.Kind
	runners func(*App) map[string]deployer.Runner
}

// stepSystems are all of them. The catalog has the kinds whose system is not there
// yet: what is theirs is done by hand.
var stepSystems = []stepSystem{
	{kube.Kinds, func(a *App) map[string]deployer.Runner { return a.kube.Runners() }},
	{probe.Kinds, func(a *App) map[string]deployer.Runner {
		return probe.New(probe.Config{Secret: a.cfg.secret}).Runners()
	}},
	{locking.Kinds, func(a *App) map[string]deployer.Runner { return locking.New(a.store).Runners() }},
	{history.Kinds, func(a *App) map[string]deployer.Runner { return history.New(a.store).Runners() }},
	{access.Kinds, func(a *App) map[string]deployer.Runner { return access.New(a.permissions()).Runners() }},
	{channels.Kinds, func(a *App) map[string]deployer.Runner { return channels.New(a.openings()).Runners() }},
	{catalog.Kinds, func(*App) map[string]deployer.Runner { return nil }},
}

// Kinds are the step kinds that procedures may use: one list for validation
// and for running. Two of one name are a fault of this program.
func Kinds() []deployer.Kind {
	all := append(deployer.CoreKinds(), deployer.RunKind())
	for _, s := range stepSystems {
		all = append(all, s.kinds()...)
	}
	seen := map[string]bool{}
	for _, k := range all {
		if seen[k.Name] {
			panic("app: two step kinds are called " + k.Name)
		}
		seen[k.Name] = true
	}
	return all
}

// runners are those of all systems, by name.
func (a *App) runners() map[string]deployer.Runner {
	a.doers = map[string]deployer.Runner{}
	for _, s := range stepSystems {
		maps.Copy(a.doers, s.runners(a))
	}
	a.doers[deployer.DrillRunner] = drill.Runner{Load: func(ctx context.Context, id string) (deployer.Deployment, error) { return a.store.Load(ctx, id) }, Now: a.opts.Now}
	return a.doers
}

// secret is one of the config's, read at the moment.
func (c Config) secret(name string) (deployer.Secret, error) {
	read, ok := c.Secrets[name]
	if !ok {
		return "", deployer.Refuse("Put it under secrets in the config.", "The config has no secret %s.", name)
	}
	return read()
}

// permissions are whom the step kind access asks.
func (a *App) permissions() access.Config {
	return access.Config{
		Load:    func(ctx context.Context, id string) (deployer.Deployment, error) { return a.store.Load(ctx, id) },
		Runners: func() map[string]deployer.Runner { return a.doers },
		Image:   func(ctx context.Context, image string) error { return a.systems.reachable(ctx, image) },
		Post:    func(ctx context.Context, channel string) error { return a.bot.MayPost(ctx, channel) },
	}
}

// openings say how channels are opened, and whom a role stands for there.
func (a *App) openings() channels.Config {
	return channels.Config{
		API: a.slack.Client,
		Members: func(role string) (ids []string) {
			for _, p := range a.people.Role(role) {
				ids = append(ids, p.ID)
			}
			return ids
		},
		Owner: func(service string) string { return a.cfg.Owners[service].Role },
		TAM:   view.TAMRole,
	}
}

// DoneByHand reports whether a person does the steps of a kind, since nothing talks to
// its system yet.
func DoneByHand(kind deployer.Kind) bool { return !has(kind, "", "") }

// has reports whether the system that does the steps of a kind is there, which is the
// same for every retailer as long as each environment is in a cluster. Without it a
// person does them.
func has(kind deployer.Kind, _, _ string) bool {
	return kind.Work != deployer.WorkSystem || kind.Deploys || !slices.ContainsFunc(catalog.Kinds(), func(k deployer.Kind) bool { return k.Name == kind.Name })
}
