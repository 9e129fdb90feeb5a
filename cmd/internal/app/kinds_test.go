package app

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/catalog"
	"github.com/stationmaster/stationmaster/deployer/kube"
)

// unwired is an App that has what runners are made of, and asks nobody.
func unwired(t *testing.T) *App {
	a := &App{kube: kube.New(kube.Config{}), slack: slackapi.New("", "", "")}
	t.Cleanup(a.kube.Close)
	return a
}

// byHand are the kinds whose system is not there yet: a person does them.
func byHand() []string {
	var out []string
	for _, k := range catalog.Kinds() {
		out = append(out, k.Name)
	}
	return out
}

// A procedure that is valid must also run: every kind that a system does has its
// runner, or is one of those that are done by hand, and no runner is there twice.
func TestEveryKindRuns(t *testing.T) {
	t.Parallel()
	a := unwired(t)
	runners := a.runners()
	count := 0
	for _, s := range stepSystems {
		count += len(s.runners(a))
	}
	if runners[deployer.DrillRunner] == nil || count+1 != len(runners) {
		t.Errorf("of %d runners and that of drills only %d have names of their own", count, len(runners))
	}
	for _, k := range Kinds() {
		bySystem := k.Work == deployer.WorkSystem && !k.OfTarget && k.Name != deployer.KindRun // the engine's own
		if hand := slices.Contains(byHand(), k.Name); bySystem && !hand && runners[k.Name] == nil {
			t.Errorf("nothing runs %s", k.Name)
		} else if hand && runners[k.Name] != nil {
			t.Errorf("%s has a runner: its kind belongs there", k.Name)
		}
	}
}

// What is only looked at, or held, may be otherwise by the time that something rests on
// it: whoever has looked can tell whether it is so still.
func TestWhatIsProvenOrHeldIsWatched(t *testing.T) {
	t.Parallel()
	runners := unwired(t).runners()
	watched := []string{"kubernetes." + deployer.VerbPause}
	for _, k := range Kinds() {
		if k.Work == deployer.WorkSystem && k.Repeat == deployer.RepeatReads && !slices.Contains(byHand(), k.Name) {
			watched = append(watched, k.Name)
		}
	}
	for _, name := range append(watched, "probe.http") { // which reads with some methods
		if _, ok := runners[name].(deployer.Watcher); !ok {
			t.Errorf("%s, a %T, can't be looked at once more", name, runners[name])
		}
	}
	if len(watched) < 2 {
		t.Errorf("only %v", watched)
	}
}
