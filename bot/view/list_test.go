package view

import (
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
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
		"services":           {ServiceList(release), "web, api"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, c.got, c.want)
		}
	}
}

// A list says of a rollback of one of several services that it was not all of them.
func TestListsSayWhatARollbackHasLeft(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		n := Named(s.d)
		said := HistoryEntry(s.renderer, n, "", "prod") + HistoryReason(n)
		switch s.name {
		case "services-rolled-back":
			bottest.Contains(t, said, "*rolled back in part after ", " · Still new: decanting-service.")
		case "rolled-back":
			bottest.Contains(t, said, "*rolled back after ")
		}
	}
}

func TestLocksAreToldToTheirChannel(t *testing.T) {
	t.Parallel()
	lock := deployer.Message{Kind: deployer.MessageLock, Note: deployer.Note{By: bottest.Bob, Why: "stock-taking & more"}, Args: map[string]string{
		"service": "web", "retailer": "tangerine", "environment": "prod", "until": "2026-02-05T22:00:00Z",
	}}
	all := lock
	all.Args = map[string]string{"retailer": "tangerine", "environment": "prod"}
	unlock := lock
	unlock.Note.Kind = deployer.NoteUnlocked
	unlock.Args = map[string]string{"service": "web", "retailer": "tangerine", "environment": "prod", "holder": "UANA"}
	own := unlock
	own.Args = map[string]string{"service": "web", "retailer": "tangerine", "environment": "prod", "holder": "UBOB"}
	for name, c := range map[string]struct {
		m    deployer.Message
		want string
	}{
		"a service":  {lock, "🔒 *web* in tangerine prod is locked by Bob until " + mrkdwn.Date(bottest.TenPM) + ": stock-taking &amp; more.\nNobody else starts a deployment there, and what is under way waits before it changes anything. To end it: `/deploy unlock web --env prod`"},
		"everything": {all, "🔒 *Everything in tangerine prod* is locked by Bob: stock-taking &amp; more.\nNobody else starts a deployment there, and what is under way waits before it changes anything. To end it: `/deploy unlock --env prod`"},
		"another's":  {unlock, "🔓 *web* in tangerine prod is no longer locked: Bob has ended the lock of <@UANA>."},
		"one's own":  {own, "🔓 *web* in tangerine prod is no longer locked: Bob has ended their own lock."},
	} {
		if got, _ := Message(c.m, deployer.Deployment{}, plainRenderer); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
