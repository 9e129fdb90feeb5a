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
		"      - {id: told, uses: announce, with: {to: [deploys]}}\n      - {id: clients, uses: announce, with: {to: [clients]}}\nmessages: {clients: \"{impact} {next-update}\", told: \"{risk} {inputs.risk} {service} {from} {@role:tech-lead}\"}\n"
	k := known
	var doubts []string
	k.Doubt = func(p strict.Problem) {
		if strings.Contains(p.Why, " now") || strings.Contains(p.Why, "before") {
			doubts = append(doubts, p.Error())
		}
	}
	if _, err := templates.Parse(k, "p.yaml", []byte(text)); err == nil || strings.Count(err.Error(), "\n") != 5 {
		t.Errorf("to what is new: %v", err)
	}
	k.Former = true
	if _, err := templates.Parse(k, "p.yaml", []byte(text)); err != nil {
		t.Error(err)
	}
	want := []string{
		`p.yaml:11:22: {impact} is as it was called before; it is an input now: declare one, and write {inputs.impact}`,
		`p.yaml:11:31: {next-update} is as it was called before; it is called {next_update} now`,
		`p.yaml:11:54: {risk} is as it was called before; did you mean {inputs.risk}?`,
		`p.yaml:11:75: {service} is as it was called before; {what} and {services} name them all`,
		`p.yaml:11:85: {from} is as it was called before; it is called {what_before} now`,
		`p.yaml:11:92: {@role:tech-lead} is written {@tech-lead} now`,
	}
	if got := strings.Join(doubts, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("doubted is\n%s", got)
	}
	mistaken := strings.Replace(text, "{from}", "{form} {inputs.rsik} {risk}", 1)
	if _, err := templates.Parse(k, "p.yaml", []byte(mistaken)); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("what was never called so: %v", err)
	}
}
