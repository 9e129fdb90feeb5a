package templates_test

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stationmaster/stationmaster/templates"
	"go.yaml.in/yaml/v4"
)

// oneScreen is what the page of the language shows on one screen.
const oneScreen = `id: %s
title: Quick deployment
owner: team-web
about: When to use it, in a sentence or two (Markdown)
services: many
environments: [prod]
inputs:
  - {id: risk, label: Risk, kind: choice, options: [low, high], default: low}
vars: {url: "https://{service}.{retailer}.example"}
values: {careful: inputs.risk == "high"}
windows: [{days: [fri], is: warn, why: It is Friday}]
defaults: {remind: [10m, 30m], escalate: {deputies: 20m, page: 45m}}
phases:
  - id: agree
    title: Agreed
    parallel: true
    steps:
      - id: ready
        title: Everything is ready
        when: values.careful
        else: Low risk
        uses: confirm
        with: {items: [The ticket is linked, The dashboard is green]}
        estimate: 5m
      - {id: approve, title: Tech lead approves, uses: approve, with: {role: tech-lead}}
  - id: go
    steps:
      - {id: starting, uses: announce, with: {to: [deploys, change]}}
      - {id: rollout, uses: rollout, timeout: 15m, estimate: 4m}
      - {id: pods, uses: kubernetes.verify, with: {for: 1m}}
      - {id: health, uses: probe.http, each: services, retries: 2, with: {url: "{vars.url}/health"}}
failure:
  {decide: tech-lead, message: failed, to: [change], people: [tam], steps: [{id: page, uses: page.send, with: {role: on-call, text: "{failure.step}"}}]}
rollback: {steps: [{id: back, uses: rollout}, {id: back-pods, uses: kubernetes.verify}]}
after: [{id: watch, every: 15m, for: 2h, uses: alertmanager.check, with: {match: {service: web}}}]
messages: {starting: "*Deploy is starting:* {what} in {retailer}, approved by {approvers}.", failed: "{failure.step}: {failure.why} {@tam}"}
troubleshooting: [{failure: crash-loop, symptom: A pod crashes, causes: [Its configuration], fix: Patch forward or roll back}]
`

// The screen itself has no mistakes.
func TestTheOneScreenLoads(t *testing.T) {
	t.Parallel()
	if _, err := templates.Parse(templates.Known{Kinds: kinds(t)}, "quick.yaml", fmt.Appendf(nil, oneScreen, "quick")); err != nil {
		t.Error(err)
	}
}

// A thousand procedures are loaded and checked, and in the same run only read as YAML,
// which is the least that it can take: ratio is how many times that it takes.
// On one core: -cpu 1.
func BenchmarkLoadThousand(b *testing.B) {
	known, folder := templates.Known{Kinds: kinds(b)}, fstest.MapFS{}
	for i := range 1000 {
		id := fmt.Sprintf("quick-%d", i)
		folder[id+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, oneScreen, id)}
	}
	var floor, whole time.Duration
	for b.Loop() {
		began := time.Now()
		for _, f := range folder {
			var n yaml.Node
			if err := yaml.Load(f.Data, &n); err != nil {
				b.Fatal(err)
			}
		}
		read := time.Now()
		if _, err := templates.Load(known, folder); err != nil {
			b.Fatal(err)
		}
		floor, whole = floor+read.Sub(began), whole+time.Since(read)
	}
	b.ReportMetric(whole.Seconds()/float64(b.N), "s/load")
	b.ReportMetric(whole.Seconds()/floor.Seconds(), "ratio")
}
