package demo

import (
	"fmt"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// builds are the tags in the registry; each service runs its first one. What
// the names promise, the simulated cluster does.
var builds = map[string][]string{
	"web":               {"v1", "v2", "v3-crash", "v4-missing", "v5-slow", "v6"},
	"api":               {"v1", "v2", "v3-crash", "v6"},
	"decanting-service": {"24-02-01.602", "24-02-05.619-hotfix.627"},
}

func workspace() emulator.Config {
	user := func(name, real string) emulator.User {
		return emulator.User{Name: name, RealName: real, Email: name + "@tangerine.example", TZ: "America/New_York"}
	}
	return emulator.Config{
		Team: emulator.Team{Name: "Tangerine", Domain: "tangerine"},
		App:  emulator.App{Name: "stationmaster", BotName: "stationmaster"},
		Users: []emulator.User{
			user("ana", "Ana"), user("bob", "Bob"), user("rosa", "Rosa"), user("eve", "Eve"), user("tam", "Tamara"),
		},
		UserGroups: []emulator.UserGroup{{Handle: "tech-leads", Members: []string{"bob", "rosa"}}},
		Channels: []emulator.Channel{
			{Name: "tangerine-deploys"}, {Name: "announcements-change-control"}, {Name: "prod-support-tangerine"}, {Name: "general"},
		},
		Commands: []emulator.Command{{Name: "/deploy", Description: "Deploy a service", UsageHint: "web v2 | status | help"}},
	}
}

// config is the config that the demo runs with.
func (s *stage) config() []byte {
	out := fmt.Sprintf(`
store: "bolt://%s/stationmaster.db"
roles:
  tech-lead: {groups: [tech-leads]}
clusters:
  prod-1: {kubeconfig: %q}
registries:
  %q: {}
retailers:
  tangerine:
    tam: tam
    channels: {change: announcements-change-control, support: prod-support-tangerine}
    environments:
      prod: {cluster: prod-1, namespace: prod, default: true}
services:
`, s.dir, s.kubeconfig(), s.registry)
	for service := range builds {
		out += fmt.Sprintf("  %s:\n    rollout: {uses: kubernetes, workload: deployment/%s, container: app, image: %q}\n", service, service, s.image(service))
	}
	return []byte(out)
}

// welcome says in the channel what can be tried.
func welcome(slack *emulator.Server) error {
	_, err := slack.Post("rosa", "tangerine-deploys", "Try `/deploy web v2`. You are Ana; nobody approves their own, "+
		"so switch to Bob, top left, to approve.\n`v3-crash` crashes, `v4-missing` can’t be pulled, `v5-slow` takes its time, "+
		"and `/deploy web v6 api v6` rolls out two at once.", "")
	return err
}
