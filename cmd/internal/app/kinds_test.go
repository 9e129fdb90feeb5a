package app

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube"
)

// A procedure that is valid must also run: every kind that the core does not
// run itself has its runner.
func TestEveryKindRuns(t *testing.T) {
	t.Parallel()
	system := kube.New(kube.Config{})
	defer system.Close()
	runners := (&App{kube: system}).runners()
	core := deployer.CoreKinds()
	count := 0
	for _, s := range stepSystems {
		count += len(s.runners(&App{kube: system}))
	}
	if count != len(runners) {
		t.Errorf("of %d runners only %d have names of their own", count, len(runners))
	}
	seen := map[string]bool{}
	for _, k := range Kinds() {
		if seen[k.Name] {
			t.Errorf("two kinds are called %s", k.Name)
		}
		seen[k.Name] = true
		ours := slices.ContainsFunc(core, func(c deployer.Kind) bool { return c.Name == k.Name })
		if !ours && runners[k.Name] == nil {
			t.Errorf("nothing runs %s", k.Name)
		}
	}
}
