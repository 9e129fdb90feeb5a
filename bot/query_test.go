package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestHistoryNamesDeploymentsAndRevisions(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		bottest.Contains(t, r.types("ana", "/deploy history"), "None yet")
		r.types("ana", "/deploy web v2 --reason 'orders are stuck <!here>'")
		r.delivered("tangerine-1")
		r.types("ana", "/deploy stop tangerine-1 --reason 'wrong one'")
		said := r.types("eve", "/deploy history")
		bottest.Contains(t, said, "|tangerine-1>", "web `v2`", "prod", "Ana", "stopped after", "“orders are stuck &lt;!here&gt;”", "wrong one")
		said = r.types("eve", "/deploy history web")
		bottest.Contains(t, said, "|tangerine-1>", "`8` `v2`", "*runs now*", "`7` `v1`", "/deploy rollback web --to REVISION")
		bottest.Contains(t, r.types("eve", "/deploy history api"), "None yet")
		bottest.Contains(t, r.types("eve", "/deploy history wbe"), "Did you mean web?")
	}, func(s *setup) {
		s.systems.revisions = []deployer.Revision{
			{State: deployer.State{Revision: "8", Version: "v2"}, Current: true, Created: time.Unix(1e9, 0), By: "tangerine-1"},
			{State: deployer.State{Revision: "7", Version: "v1"}, Created: time.Unix(1e9, 0)},
		}
	})
}

func TestVersionsShowWhatRuns(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	bottest.Contains(t, r.types("ana", "/deploy versions"), "*Tangerine prod*", "*web* `v1` · 3 of 3 ready", "*api*")
	said := r.types("ana", "/deploy versions web --env staging")
	bottest.Contains(t, said, "*Tangerine staging*", "*web*")
	if strings.Contains(said, "api") {
		t.Errorf("too much: %s", said)
	}
}

// A system that takes its time: the command is answered within a second, with
// what is known, and the rest follows.
func TestASlowSystemDelaysNoAnswer(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy web v2")
		for command, first := range map[string]string{
			"/deploy versions": "follows in a moment", "/deploy history web": "web `v2`", "/deploy status": "web", "/deploy help": "/deploy api v1.2.3",
		} {
			begun := time.Now()
			bottest.Contains(t, r.types("ana", command), first)
			if took := time.Since(begun); took > time.Second {
				t.Errorf("%s was answered after %s", command, took)
			}
		}
		r.hears("ana", "*web* `v1` · 3 of 3 ready")
		r.hears("ana", "`8` `v2`")
	}, func(s *setup) {
		s.systems.slow = 2500 * time.Millisecond
		s.systems.revisions = []deployer.Revision{{State: deployer.State{Revision: "8", Version: "v2"}, Current: true}}
	})
}
