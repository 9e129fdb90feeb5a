package deployer_test

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A step of a kind that changes something may only read, as its parameters say: then
// it needs no approval, and may be repeated.
func TestStepReadsWhereItsParametersSaySo(t *testing.T) {
	t.Parallel()
	http := deployer.Kind{
		Name: "probe.http", Work: deployer.WorkSystem, Repeat: deployer.RepeatAtMostOnce, Mutates: true,
		Reads: deployer.Reading{Param: "method", Values: []string{"", "GET"}},
	}
	workflow := deployer.Kind{
		Name: "github.workflow", Work: deployer.WorkSystem, Repeat: deployer.RepeatFindable, Mutates: true,
		Reads: deployer.Reading{Param: "find", Values: []string{"true"}},
	}
	for _, c := range []struct {
		kind  deployer.Kind
		with  deployer.Values
		reads bool
	}{
		{http, nil, true},
		{http, deployer.Values{"method": {Text: "GET"}}, true},
		{http, deployer.Values{"method": {Text: "POST"}}, false},
		{workflow, nil, false},
		{workflow, deployer.Values{"find": {Flag: false}}, false},
		{workflow, deployer.Values{"find": {Flag: true}}, true},
	} {
		p := deployer.Procedure{Kinds: []deployer.Kind{c.kind}, Steps: []deployer.Step{{ID: "s", Uses: c.kind.Name, With: c.with}}}
		p.Bind()
		if s := p.Steps[0]; s.Mutates() == c.reads || s.Proves() != c.reads {
			t.Errorf("%s with %+v mutates: %v, proves: %v", c.kind.Name, c.with, s.Mutates(), s.Proves())
		}
	}
	if http.Repeat != deployer.RepeatAtMostOnce || !http.Mutates {
		t.Errorf("the kind itself has changed: %+v", http)
	}
}

// A step that opens a channel has later steps announce there, under the name that it
// gives: whatever the site has of that name, once it is known to be there.
func TestOpenedChannelIsFoundByItsName(t *testing.T) {
	t.Parallel()
	kind := deployer.Kind{Name: "channel", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable, Opens: "as"}
	p := deployer.Procedure{ID: "p", Kinds: []deployer.Kind{kind}, Steps: []deployer.Step{{ID: "room", Uses: "channel", With: deployer.Values{"as": {Text: "change"}}}}}
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for result, want := range map[deployer.Result]string{deployer.OK: "CNEW", deployer.Failed: "COLD", deployer.Interrupted: "COLD", deployer.Absent: "COLD"} {
		before := deployer.Fold(deployer.Deployment{},
			deployer.Created{ID: "tangerine-1", At: now, Start: deployer.Start{Procedure: p, Channels: map[string]string{"change": "COLD", "deploys": "CDEPLOYS"}}},
			deployer.Resolved{At: now},
			deployer.StepBegan{At: now, Step: "room", Attempt: 1},
			deployer.EffectIntended{At: now, Key: "room", Runner: "channel", Attempt: 1},
			deployer.EffectActed{At: now, Key: "room", Ref: "CNEW"},
		)
		d := deployer.Apply(before, deployer.EffectSettled{At: now, Key: "room", Outcome: deployer.Outcome{Result: result}})
		if d.Channels["change"] != want || d.Channels["deploys"] != "CDEPLOYS" || before.Channels["change"] != "COLD" {
			t.Errorf("%s: %v, before %v", result, d.Channels, before.Channels)
		}
	}
}
