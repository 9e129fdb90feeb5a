package demo

import (
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// builds are the tags in the registry; each service runs its first one. What
// the names promise, the simulated cluster does.
var builds = map[string][]string{
	"web":               {"v1", "v2", "v3-crash", "v4-missing", "v5-slow", "v6"},
	"api":               {"v1", "v2", "v3-crash", "v6"},
	"decanting-service": {"24-02-01.602", "24-02-05.619-hotfix.627"},
}

// pods is how many each service has.
const pods = 6

// workspace is a Slack with the app that its manifest describes.
func workspace() (emulator.Config, error) {
	user := func(name, display, real string) emulator.User {
		return emulator.User{Name: name, DisplayName: display, RealName: real, Email: name + "@tangerine.example", TZ: "America/New_York"}
	}
	c := emulator.Config{
		Team: emulator.Team{Name: "Tangerine", Domain: "tangerine"},
		Users: []emulator.User{
			user("ana", "Ana", "Ana Lima"), user("bob", "Bob", "Bob Hale"), user("rosa", "Rosa", "Rosa Ortiz"),
			user("eve", "Eve", "Eve Park"), user("tam", "Tamara", "Tamara Okafor"),
		},
		UserGroups: []emulator.UserGroup{{Handle: "tech-leads", Members: []string{"bob", "rosa"}}},
		Channels: []emulator.Channel{
			{Name: "tangerine-deploys"}, {Name: "announcements-change-control"}, {Name: "prod-support-tangerine"}, {Name: "general"},
		},
	}
	if err := c.Install(app.Manifest("/deploy")); err != nil {
		return c, fmt.Errorf("install the demo's app: %w", err)
	}
	c.App.FreshTokens()
	return c, nil
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
  %q: {username: %s, password: "${FILE:%s}", plain_http: true}
retailers:
  tangerine:
    tam: tam
    zone: America/New_York
    channels: {change: announcements-change-control, support: prod-support-tangerine}
    environments:
      prod: {cluster: prod-1, namespace: prod, default: true}
services:
`, s.dir, s.kubeconfig(), s.registry, s.account.Username, s.password())
	for service := range builds {
		out += fmt.Sprintf("  %s:\n    rollout: {uses: kubernetes, workload: deployment/%s, container: app, image: %q}\n", service, service, s.image(service))
	}
	return []byte(out)
}

// welcome says in the channel what can be tried.
func welcome(slack *emulator.Server) error {
	_, err := slack.Post("rosa", "tangerine-deploys", strings.Join([]string{
		"*Deploy something.* Slack, the cluster and the registry are all simulated on this machine, so nothing can break.",
		"1. You are Ana. Type `/deploy web v2` below and press *Confirm 2*: type a ticket such as `CC-1`, tick what is so, and *Save*.",
		"2. Nobody approves their own deployment: become Bob, at the top of the page, and press *Approve*.",
		"3. Be Ana again. It is healthy: press *Done by hand*, since no Grafana is here that says so. Watch the pods, and press it again.",
		"Then let it go wrong: `/deploy web v3-crash` crashes and wants a decision, `v4-missing` can’t be pulled, `v5-slow` takes its time. " +
			"`/deploy web v6 api v6` does two at once, `/deploy` alone opens a form, and `/deploy help` knows the rest.",
		"What waits for you is also in the *Home* tab of stationmaster, under Apps; the ⋮ menu of a card has its *Audit trail*.",
	}, "\n"), "")
	return err
}
