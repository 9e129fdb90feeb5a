package templates_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// What is called as it was before the language is taken where it was taken, and doubted
// with what it is called now.
func TestWhatWasCalledOtherwiseIsDoubted(t *testing.T) {
	t.Parallel()
	const text = "id: p\ntitle: P\nunapproved: x\ninputs: [{id: risk}]\nphases:\n  - id: go\n    steps:\n      - {id: out, uses: rollout}\n" +
		"      - {id: told, uses: announce, with: {to: [deploys]}}\nmessages: {told: \"{risk} {inputs.risk} {service} {from} {@role:tech-lead}\"}\n"
	k := known
	var doubts []string
	k.Doubt = func(p strict.Problem) {
		if strings.Contains(p.Why, " now") || strings.Contains(p.Why, "before") {
			doubts = append(doubts, p.Error())
		}
	}
	if _, err := templates.Parse(k, "p.yaml", []byte(text)); err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("to what is new: %v", err)
	}
	k.Former = true
	if _, err := templates.Parse(k, "p.yaml", []byte(text)); err != nil {
		t.Error(err)
	}
	want := []string{
		`p.yaml:10:19: {risk} is as it was called before; did you mean {inputs.risk}?`,
		`p.yaml:10:40: {service} is as it was called before; it is called {services} now`,
		`p.yaml:10:50: {from} is as it was called before; it is called {what_before} now`,
		`p.yaml:10:57: {@role:tech-lead} is written {@tech-lead} now`,
	}
	if got := strings.Join(doubts, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("doubted is\n%s", got)
	}
	mistaken := strings.Replace(text, "{from}", "{form} {inputs.rsik} {risk}", 1)
	if _, err := templates.Parse(k, "p.yaml", []byte(mistaken)); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("what was never called so: %v", err)
	}
}
