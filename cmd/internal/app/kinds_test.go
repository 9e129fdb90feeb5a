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

// What is only looked at, or held, may be otherwise by the time that something rests on
// it: whoever has looked can tell whether it is so still.
func TestWhatIsProvenOrHeldIsWatched(t *testing.T) {
	t.Parallel()
	system := kube.New(kube.Config{})
	defer system.Close()
	runners := (&App{kube: system}).runners()
	watched := []string{"kubernetes." + deployer.VerbPause}
	for _, k := range Kinds() {
		if k.Work == deployer.WorkSystem && k.Repeat == deployer.RepeatReads {
			watched = append(watched, k.Name)
		}
	}
	for _, name := range watched {
		if _, ok := runners[name].(deployer.Watcher); !ok {
			t.Errorf("%s, a %T, can't be looked at once more", name, runners[name])
		}
	}
	if len(watched) < 3 {
		t.Errorf("only %v", watched)
	}
}
