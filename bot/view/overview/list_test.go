package overview

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestLinesOfListsReadInOneGlance(t *testing.T) {
	t.Parallel()
	date := mrkdwn.Date(bottest.TenPM)
	release := []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Revision: "12"}}
	for name, c := range map[string]struct{ got, want string }{
		"a service that is well": {ServingLine(deployer.Serving{Service: "web", State: deployer.State{Version: "v1"}, Ready: 3, Total: 3}), "🟢 *web* `v1` · 3 of 3 ready"},
		"one that is not":        {ServingLine(deployer.Serving{Service: "web", Ready: 2, Total: 3, Note: "a & b"}), "🟡 *web* `–` · 2 of 3 ready · a &amp; b"},
		"several versions": {ServingLine(deployer.Serving{
			Service: "web", State: deployer.State{Version: "v5-slow"}, Ready: 5, Total: 6, Note: "Paused by tangerine-8.",
			Pods: []deployer.VersionCount{{Version: "v5-slow", Pods: 3}, {Version: "v2", Pods: 5, Ready: 5}},
		}), "🟡 *web* `v5-slow` on 3 (0 ready), `v2` on 5 · Paused by tangerine-8."},
		"none of what is wanted": {ServingLine(deployer.Serving{
			Service: "web", State: deployer.State{Version: "v3"}, Ready: 2, Total: 2, Note: "Rolling out.", Pods: []deployer.VersionCount{{Version: "v2", Pods: 2, Ready: 2}},
		}), "🟡 *web* `v2` on 2, none of `v3` · Rolling out."},
		"more than there should be": {ServingLine(deployer.Serving{
			Service: "web", State: deployer.State{Version: "v2"}, Ready: 7, Total: 6, Pods: []deployer.VersionCount{{Version: "v2", Pods: 7, Ready: 7}},
		}), "🟢 *web* `v2` · 6 of 6 ready"},
		"one that proved nothing": {
			HistoryEntry(plainRenderer, deployer.Summary{ID: "tangerine-1", Status: deployer.Complete, Why: "Nothing was rolled out.", Releases: release[:1], Requester: bottest.Ana, Created: bottest.TenPM, Ended: bottest.TenPM.Add(time.Minute)}, "", "prod"),
			"⚪ web `v2`\ntangerine-1 · *done after 1 min* · prod · Ana · " + date,
		},
		"a drill": {
			HistoryEntry(plainRenderer, deployer.Summary{ID: "tangerine-1", Status: deployer.Complete, Releases: release[:1], Requester: bottest.Ana, Created: bottest.TenPM, Ended: bottest.TenPM.Add(time.Minute), Drill: true}, "", "prod"),
			"🟢 DRILL · web `v2`\ntangerine-1 · *complete after 1 min* · prod · Ana · " + date,
		},
		"a revision": {RevisionLine(deployer.Revision{State: deployer.State{Revision: "12", Version: "v1"}, Created: bottest.TenPM}, false), "`12` `v1` · " + date},
		"the one that runs, of a deployment that failed": {
			RevisionLine(deployer.Revision{State: deployer.State{Revision: "12", Version: "v1"}, Created: bottest.TenPM, By: "tangerine-1", Current: true}, true),
			"`12` `v1` · " + date + " · tangerine-1 · *runs now* · did not complete",
		},
		"a deployment that is over": {
			HistoryEntry(plainRenderer, deployer.Summary{ID: "tangerine-1", Status: deployer.RolledBack, Releases: release, Requester: bottest.Ana, Created: bottest.TenPM, Ended: bottest.TenPM.Add(time.Hour)}, "https://a.example/p1", "tangerine prod"),
			"⚪ web `v2` and api `revision 12`\n<https://a.example/p1|tangerine-1> · *rolled back after 60 min* · tangerine prod · Ana · " + date,
		},
		"one that went to revisions, once they are known": {
			HistoryEntry(plainRenderer, Named(deployer.Deployment{
				ID: "tangerine-1", Status: deployer.Running, Requester: bottest.Ana, Created: bottest.TenPM,
				Releases: []deployer.Release{{Service: "web", Revision: "5"}, {Service: "api", Revision: "12"}},
				Targets:  []deployer.Target{{Service: "web", After: deployer.State{Version: "v2"}}},
			}), "", "prod"),
			"🔵 web `v2` and api `revision 12`\ntangerine-1 · *running* · prod · Ana · " + date,
		},
		"one that was refused": {
			HistoryEntry(plainRenderer, deployer.Summary{ID: "tangerine-1", Status: deployer.Refused, Releases: release[:1], Requester: bottest.Ana, Created: bottest.TenPM, Ended: bottest.TenPM}, "", "prod"),
			"⚪ web `v2`\ntangerine-1 · *refused* · prod · Ana · " + date,
		},
		"its reasons":        {HistoryReason(deployer.Summary{Reason: "orders <stuck>", Why: "a pod & more"}), " · “orders &lt;stuck&gt;” · a pod &amp; more"},
		"no reasons":         {HistoryReason(deployer.Summary{}), ""},
		"all that there are": {JoinLines([]string{"head", "one", "two"}, 2), "head\none\ntwo"},
		"some are not shown": {JoinLines([]string{"head", "one"}, 4), "head\none\nand 3 more"},
		"services":           {view.ServiceList(release), "web, api"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, c.got, c.want)
		}
	}
}
