package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/registry"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// Check asks every system that the config names whether it is as the config
// says: clusters, workloads, Slack if there are tokens. It changes nothing and
// opens no store. It returns whom the entries of the roles stand for, a line each,
// and everything that is wrong.
func Check(ctx context.Context, cfg Config, opts Options) (who []string, found []error) {
	opts.Kube.Clusters = cfg.Clusters
	system := kube.New(opts.Kube)
	defer system.Close()
	s := &systems{cfg: cfg, kube: system, registry: registry.New(registry.Config{Hosts: cfg.Registries})}
	down := map[string]bool{}
	for _, name := range sorted(cfg.Clusters) {
		if err := system.Check(ctx, name); err != nil {
			down[name] = true
			found = append(found, err) // which names the cluster
		}
	}
	for _, retailer := range sorted(cfg.Retailers) {
		for _, env := range sorted(cfg.Retailers[retailer].Environments) {
			if !down[cfg.Retailers[retailer].Environments[env].Cluster] {
				found = append(found, s.checkPlace(ctx, retailer, env)...)
			}
		}
	}
	if err := slackapi.CheckURL(opts.SlackURL); err != nil {
		return nil, append(found, err)
	}
	if opts.BotToken != "" && opts.AppToken != "" {
		pins, err := pinsOf(ctx, cfg)
		if err != nil {
			found = append(found, err)
		}
		c, slack, people := slackSide(cfg, opts, pins)
		found = append(found, bot.New(c, slack, people, bot.Ports{Systems: s, Pins: pins}).Check(ctx)...)
		lines, unanswered := checkPeople(cfg, people)
		who, found = lines, append(found, unanswered...)
	}
	return who, found
}

// checkPlace looks for every service's workload in one environment.
func (s *systems) checkPlace(ctx context.Context, retailer, env string) []error {
	serving, err := s.Versions(ctx, retailer, env, nil)
	if err != nil {
		return []error{err}
	}
	var found []error
	for _, v := range serving {
		if v.State.Image == "" {
			found = append(found, fmt.Errorf("%s %s: %s: %s", retailer, env, v.Service, v.Note))
		}
	}
	return found
}

// Warnings are what works, but probably not as meant.
func Warnings(cfg Config) []string {
	out := slices.Concat(cfg.Doubts, lines(cfg.Unused), cfg.unlinked(), over(cfg.Freezes, time.Now()))
	asked := registry.New(registry.Config{Hosts: cfg.Registries})
	for _, name := range sorted(cfg.Services) {
		if !asked.Knows(cfg.Services[name].Image) {
			out = append(out, fmt.Sprintf("%s is deployed by tag: nothing proves what the tag means, since its registry is not under registries", name))
		}
	}
	if cfg.Audit.beside {
		out = append(out, "audit.key lies in the folder of the database: whoever can change the records there can sign them too")
	}
	owners := map[string]string{} // services, by workload
	for _, name := range sorted(cfg.Services) {
		workload := cfg.Services[name].Workload
		if other, taken := owners[workload]; taken {
			out = append(out, fmt.Sprintf("%s and %s are both %s: deploy one after the other, for a second rollout interrupts the first", other, name, workload))
		}
		owners[workload] = name
	}
	for _, name := range sorted(cfg.Roles) {
		if r := cfg.Roles[name]; len(r.Users)+len(r.Groups) == 0 {
			out = append(out, fmt.Sprintf("nobody has the role %s: it has no users and no groups, so that what it is asked is never answered", name))
		}
	}
	for _, retailer := range sorted(cfg.Retailers) {
		for _, channel := range audience(cfg, retailer) {
			if channel != deployer.ChannelDeploys && channel != deployer.ChannelClients && cfg.Retailers[retailer].Channels[channel] == "" {
				out = append(out, fmt.Sprintf("%s has no channel %s: what a procedure tells there is not told", retailer, channel))
			}
		}
	}
	return out
}

func lines(found strict.Problems) []string {
	var out []string
	for _, p := range found {
		out = append(out, p.Error())
	}
	return out
}

// audience are the channel names that the procedures tell something which are
// followed at a retailer.
func audience(cfg Config, retailer string) []string {
	var names []string
	for env := range cfg.Retailers[retailer].Environments {
		for _, service := range cfg.has(retailer) {
			names = append(names, launch.Told(cfg.Procedures[cfg.who(deployer.Site{Name: retailer, Environment: env}, service).Procedure])...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
