package deployer_test

import (
	"testing"

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
