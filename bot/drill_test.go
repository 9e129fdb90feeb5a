package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// A drill that somebody types asks the same people by the same buttons, and everything that
// Slack shows of it says that it is one: in the channel, in threads, on the home tab, in lists.
func TestDrillSaysSoInAllOfSlack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.OpenHome("bob")
		if said := r.types("ana", "/deploy web v2 --drill --fail pods"); said != "" {
			t.Fatalf("it is answered by %q", said)
		}
		if d := r.engine.all()[0]; !d.Drill.On || !slices.Equal(d.Drill.Fail, []string{"pods"}) {
			t.Fatalf("it is %+v", d.Drill)
		}
		r.eventually("it is said that it starts", func() bool { k, _ := r.kinds(); return slices.Contains(k, "starting") })
		r.fails("pods")
		r.says("Pods run it failed")
		r.home("bob", "DRILL · ")
		bottest.Contains(t, r.types("ana", "/deploy status"), "DRILL · ")
		bottest.Contains(t, r.types("ana", "/deploy history web"), "DRILL · web")
		bottest.Contains(t, r.types("eve", "/deploy web v3 --drill"), "DRILL · web in tangerine prod is being deployed by")
		r.clicks("bob", "Retry")
		r.does(effect("pods/web", "v2", deployer.OK)...)
		r.eventually("it is complete", func() bool { k, _ := r.kinds(); return slices.Contains(k, "complete") })
		time.Sleep(time.Hour)
		for _, m := range r.Messages(deploys) {
			if !strings.HasPrefix(m.Text, "DRILL · ") || !strings.Contains(string(m.Blocks), "DRILL · ") {
				t.Errorf("there stands %q: %s", m.Text, m.Blocks)
			}
		}
		if said := r.types("bob", "/deploy rollback tangerine-1"); !strings.Contains(said, "was a drill") {
			t.Errorf("to go back says %q", said)
		}
	}, announced, subscribed)
}
