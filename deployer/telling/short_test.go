package telling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// Complete means that something was deployed and proven: what is missing of that
// is said, by the end and by whatever announces it.
func TestTheEndSaysWhatItFallsShortOf(t *testing.T) {
	t.Parallel()
	rollout := deployer.Step{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout}
	wait := deployer.Step{ID: "wait", Title: "Wait", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}}
	verify := deployer.Step{ID: "verify", Title: "Verify", Uses: proves.Name}
	done := deployer.Step{ID: "done", Title: "Done", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "complete"}, "to": {List: []string{"deploys"}}}}
	after := func(s deployer.Step, id string) deployer.Step { s.Needs = []string{id}; return s }
	for _, test := range []struct {
		name  string
		steps []deployer.Step
		short deployer.Shortfall
		why   string
		what  string
	}{
		{"only a wait", []deployer.Step{wait, after(done, "wait")}, deployer.ShortOfRollout, "Nothing was rolled out: web ran v4-missing when this began.", "web v4-missing"},
		{"no proof", []deployer.Step{rollout, after(done, "rollout")}, deployer.ShortOfProof, "Not proven: no step has looked whether web runs well.", "web v3"},
		{"proven before it is done", []deployer.Step{verify, after(rollout, "verify"), after(done, "rollout")}, deployer.ShortOfProof, "Not proven: no step has looked whether web runs well.", "web v3"},
		{"proven", []deployer.Step{rollout, after(verify, "rollout"), after(done, "verify")}, deployer.ShortOfNothing, "", "web v3"},
	} {
		w := &transcript{t: t, now: dawn}
		w.must(ana, deployer.Start{
			Origin: "o", Site: deployer.Site{Name: "tangerine"}, Releases: []deployer.Release{{Service: "web", Tag: "v3"}}, Channels: map[string]string{"deploys": "C1"},
			Procedure: deployer.Procedure{ID: "p", Kinds: []deployer.Kind{proves}, Steps: test.steps, Messages: map[string]string{"complete": "Done: {what}."}},
		})
		w.must(engine, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: version("v4-missing"), After: version("v3")}}})
		for _, s := range test.steps {
			if runs := map[string]string{"rollout": "v4-missing", "verify": "v3"}[s.ID]; runs != "" {
				w.now = w.now.Add(time.Second)
				w.must(engine, deployer.Intend{Key: s.ID + "/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: version(runs)}})
				w.must(engine, deployer.Settle{Key: s.ID + "/web", Outcome: deployer.Outcome{Result: deployer.OK}})
			}
		}
		w.must(engine, deployer.Deliver{Post: deployer.Post{DedupKey: deployer.AnnouncementKey("done", "deploys"), Channel: "C1", TS: "2.0"}, Kind: "complete"})
		if short, _ := deployer.ShortOf(w.d); short != test.short || w.d.Why != test.why || w.d.Status != deployer.Complete {
			t.Errorf("%s: it is %s, short of %q: %q", test.name, w.d.Status, short, w.d.Why)
		}
		for _, m := range w.sent {
			words := strings.NewReplacer("{what}", m.Args["what"], "{short-of}", m.Args["short-of"]).Replace(m.Words)
			if want := strings.TrimSpace("Done: " + test.what + ".\n" + test.why); m.Kind == "complete" && words != want {
				t.Errorf("%s: it is announced that %q, want %q", test.name, words, want)
			}
		}
	}
}
