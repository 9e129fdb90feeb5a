package procedures

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
)

// rehearsed is a folder with a config and a procedure, and the name of the config.
func rehearsed(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"stationmaster.yaml": `
procedures: ` + folder + `/procedures
roles: {tech-lead: {users: [bob], groups: [tech-leads]}, security: {users: [sam]}}
clusters: {one: {}}
registries: {registry.example: {}}
retailers:
  tangerine: {zone: America/New_York, channels: {change: announcements}, environments: {prod: {cluster: one, namespace: prod}}}
  lemon: {environments: {prod: {cluster: one, namespace: lemon}}}
services: {web: {procedure: night, rollout: {uses: kubernetes, workload: deployment/web, container: app, image: registry.example/web}}}
`,
		"procedures/night.yaml": `
id: night
title: At night
inputs:
  - {id: risk, label: Risk, kind: choice, options: [low, high], default: low}
  - {id: ticket, label: Change ticket, required: true}
phases:
  - id: agree
    title: Agreed
    steps:
      - {id: careful, title: Somebody has looked twice, when: inputs.risk == "high", else: Low risk, uses: confirm}
      - {id: approve, title: Both agree, uses: approve, with: {roles: {tech-lead: 2, security: 1}}}
      - {id: tell, uses: announce, with: {message: starting, to: [deploys, change, support]}}
      - {id: soon, uses: wait, with: {until: planned}}
  - id: go
    title: Rolled out
    steps:
      - {id: rollout, title: It is rolled out, uses: rollout}
      - {id: pods, title: Its pods are well, uses: kubernetes.verify}
      - {id: ticket-moved, title: "{inputs.ticket} is moved on", uses: jira.update, with: {ticket: "{inputs.ticket}"}}
      - {id: loud, title: It is loud, when: steps.pods.skipped, uses: wait, with: {for: 5m}}
      - {id: answers, title: It answers, uses: probe.http, each: services, with: {url: "https://{service}.{retailer}.example/health?{inputs.risk}"}}
      - {id: right, title: It is right, uses: check, with: {that: 'inputs.ticket != ""'}}
rollback: [{id: back, title: What ran before runs again, uses: rollout}, {id: rolled-back, uses: announce, with: {to: [support]}}]
messages: {starting: "*{what}* for {inputs.ticket}, by {requester}, approved by {approvers}. {@tech-lead}", rolled-back: "{what_back} runs again."}
`,
	} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "stationmaster.yaml")
}

func TestARehearsalSaysWhatWouldBeDone(t *testing.T) {
	t.Parallel()
	start := Start{Procedure: "night", Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Site: Site{Retailer: "tangerine"}}
	config := rehearsed(t)
	missing, err := Rehearse(t.Context(), config, start)
	if err == nil || err.Error() != "it can't be started yet; missing: Change ticket" || !strings.Contains(missing, "⚠ missing: Change ticket; add --input ticket=…") {
		t.Error(err, missing)
	}
	start.Site.Inputs = map[string]string{"ticket": "CHG-1"}
	text, err := Rehearse(t.Context(), config, start)
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, "testdata/rehearsal.txt", []byte(text))
}

// What can't be started is said as it is in Slack.
func TestARehearsalIsRefusedLikeAStart(t *testing.T) {
	t.Parallel()
	config := rehearsed(t)
	web := []deployer.Release{{Service: "web", Tag: "v2"}}
	for _, c := range []struct {
		start Start
		want  string
	}{
		{Start{Procedure: "nigth", Releases: web, Site: Site{Retailer: "lemon"}}, "Did you mean night?"},
		{Start{Procedure: "night", Releases: web}, "say for whom, with --retailer or --product; there are: lemon, tangerine"},
		{Start{Procedure: "night", Releases: web, Site: Site{Retailer: "lemmon"}}, `did you mean "lemon"?`},
		{Start{Procedure: "night", Site: Site{Retailer: "lemon"}}, "service"},
		{Start{Procedure: "night", Releases: web, Site: Site{Retailer: "lemon", Inputs: map[string]string{"risk": "hihg"}}}, "Did you mean high?"},
		{Start{Procedure: "night", Releases: web, Site: Site{Retailer: "lemon"}, At: "banana"}, "banana"},
	} {
		if text, err := Rehearse(t.Context(), config, c.start); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v\n%s", c.start, err, text)
		}
	}
}

func TestServicesAndTagsAreRead(t *testing.T) {
	t.Parallel()
	if got, err := Releases([]string{"web", "v2", "api:v3"}); err != nil || len(got) != 2 || got[1] != (deployer.Release{Service: "api", Tag: "v3"}) {
		t.Error(got, err)
	}
	if _, err := Releases([]string{"web"}); err == nil || err.Error() != "web has no tag; write for example web v2" {
		t.Error(err)
	}
}
