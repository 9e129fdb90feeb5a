package app_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// wholeProcedure has something of everything: what is done by hand since its system is
// not there, a condition, a list of people, a check, another procedure at another
// retailer, and a look when it is over.
const wholeProcedure = `
id: whole
title: Whole
unapproved: a test has nobody else
about: Everything at once
inputs: [{id: risk, label: Risk, kind: choice, options: [low, high], default: low}]
values: {careful: inputs.risk == "high"}
phases:
  - id: ready
    title: Ready
    steps:
      - {id: ticket, title: There is a ticket, uses: jira.ticket, how: In the project OPS, with: {project: OPS, summary: "{what} in {retailer}"}}
      - {id: careful, title: Everybody is careful, uses: confirm, when: values.careful, else: Low risk}
      - {id: known, title: Both know, uses: confirm, each: [olga, piet]}
      - {id: keyed, title: The ticket is ours, uses: check, with: {that: steps.ticket.key.startsWith("OPS-")}}
      - {id: starting, uses: announce, with: {to: [deploys]}}
  - id: go
    title: Go
    steps:
      - {id: rollout, uses: rollout, timeout: 5m}
      - {id: elsewhere, title: Lemon has it too, uses: run, with: {procedure: plain, retailer: lemon, inputs: {why: "{steps.ticket.key}"}}}
      - {id: complete, uses: announce, with: {to: [deploys]}}
after:
  - {id: watch, title: It stayed so, in: 1s, uses: check, with: {that: outcome == "complete" && steps.known.done}}
  - {id: later, in: 2s, uses: announce, needs: [watch], with: {to: [deploys]}}
messages:
  starting: "{steps.ticket.key}: {what} for {requester}"
  complete: "{what} is there, and {steps.elsewhere.outcome} at lemon"
  later: "It is {outcome}, and stayed so: {steps.watch.done}"
`

// plainProcedure is the other one that it runs.
const plainProcedure = `
id: plain
title: Plain
unapproved: a test has nobody else
inputs: [{id: why, label: Why}]
phases: [{id: go, title: Go, steps: [{id: rollout, uses: rollout, timeout: 5m}, {id: complete, uses: announce, with: {to: [deploys]}}]}]
messages: {complete: "{what} at {retailer}, for {inputs.why}"}
`

// withLemon is a config with a second retailer, whose services are in another namespace.
func withLemon(config string) string {
	return strings.NewReplacer(
		"defaults: {also: {short: developers}}", "defaults: {also: {short: developers, whole: developers, plain: developers}}",
		"      staging: {cluster: prod-1, namespace: staging}\n", "  lemon:\n    tam: tam\n    environments:\n      prod: {cluster: prod-1, namespace: staging, default: true}\n",
	).Replace(config)
}

// again ends the app and starts it on its store.
func (tw *appFixture) again(config func(string) string) {
	tw.t.Helper()
	tw.stop()
	cfg, err := app.Parse("fixture.yaml", []byte(config(tw.config())))
	if err != nil {
		tw.t.Fatal(err)
	}
	tw.start(cfg)
}

// fills fills in the form that is open, by the labels of its fields, and sends it.
func (tw *appFixture) fills(user string, given map[string]string) {
	tw.t.Helper()
	views := tw.slack.Views(user)
	if len(views) == 0 {
		tw.t.Fatalf("no form is open\n%s", tw.scene())
	}
	form := views[len(views)-1]
	state := map[string]any{}
	for _, block := range form["blocks"].([]any) {
		b := block.(map[string]any)
		label, _ := b["label"].(map[string]any)
		element, _ := b["element"].(map[string]any)
		if value, ok := given[strings.TrimSpace(textOf(label))]; ok {
			state[b["block_id"].(string)] = map[string]any{element["action_id"].(string): map[string]any{"type": element["type"], "value": value}}
		}
	}
	if len(state) != len(given) {
		tw.t.Fatalf("the form has no such fields: %v", form["blocks"])
	}
	if invalid, err := tw.slack.Submit(tw.t.Context(), user, form["id"].(string), state); err != nil || len(invalid) > 0 {
		tw.t.Fatalf("it says %v: %v", invalid, err)
	}
}

func textOf(o map[string]any) string {
	s, _ := o["text"].(string)
	return s
}

// One procedure with all of it, from a step that is done by hand to the look after the
// end, over three restarts.
func TestAWholeProcedureRuns(t *testing.T) {
	slowtest.Only(t, "it waits for two restarts and a time after the end")
	t.Parallel()
	tw := newAppFixture(t, plan{
		config: withLemon, channels: []string{"lemon-deploys"},
		files: map[string]string{"procedures/whole.yaml": wholeProcedure, "procedures/plain.yaml": plainProcedure},
	})
	tw.starts("ana", "/deploy web v2 --procedure whole")
	tw.shows("In the project OPS")
	tw.presses("ana", "Done by hand")
	tw.fills("ana", map[string]string{"Key": "OPS-7"})
	tw.shows("Both know")
	tw.again(withLemon)
	tw.presses("ana", "Done: olga")
	tw.presses("ana", "Done: piet")
	tw.shows("Complete. Took")
	tw.again(withLemon)
	tw.stands(map[string][]string{
		deploys:         {"OPS-7: web v2 for ana", "web v2 is there, and complete at lemon", "It is complete, and stayed so: yes"},
		"lemon-deploys": {"web v2 at lemon, for OPS-7\nNot proven: no step has looked whether web runs well."},
	})
	for _, line := range []string{"✓ Both know, olga · done by ana", "✓ Both know, piet · done by ana"} {
		if !strings.Contains(tw.scene(), line) {
			t.Errorf("the thread has no line %q", line)
		}
	}
	all := tw.deployments()
	d := all["tangerine-1"]
	for step, want := range map[string]deployer.StepStatus{
		"ticket": deployer.Done, "careful": deployer.StepNotNeeded, "known": deployer.Done, "keyed": deployer.Done, "elsewhere": deployer.Done, "watch": deployer.Done,
	} {
		if s := d.Step(step); s == nil || s.Status != want {
			t.Errorf("%s: %+v", step, s)
		}
	}
	if child := all["lemon-1"]; child.Status != deployer.Complete || child.Inputs["why"] != "OPS-7" {
		t.Errorf("at lemon: %s, %v", child.Status, child.Inputs)
	}
}
