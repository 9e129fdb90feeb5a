package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// What is locked is said in the channel, to whoever comes upon it, and in the
// list; its holder may deploy, and somebody without a role can't take it away.
// Guards slashdeploy 19 (the holder locked out) and samson 690 (no end).
func TestLockIsSaidAndHoldsForOthersAlone(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	said := func(part string) {
		t.Helper()
		m, err := r.WaitMessage(r.ctx(), deploys, func(m emulator.Message) bool { return strings.Contains(m.Text, part) })
		if err != nil {
			t.Fatalf("nobody says %q: %v", part, err)
		}
		if m.Metadata == nil || m.Metadata.EventPayload["message"] != "lock" {
			t.Errorf("metadata %+v", m.Metadata)
		}
	}
	bottest.Contains(t, r.types("eve", "/deploy lock web --reason mine"), "You hold no role that may")
	bottest.Contains(t, r.types("bob", "/deploy lock web"), "needs a reason")
	r.must(r.Type(r.ctx(), "bob", deploys, `/deploy lock web --for 2h --reason "stock <!channel> taking"`, ""))
	said("*web* in tangerine prod is locked by bob until")
	said("stock &lt;!channel&gt; taking.\nNobody else starts a deployment there, and what is under way waits before it changes anything. To end it: `/deploy unlock web --env prod`")
	bottest.Contains(t, r.types("eve", "/deploy web v2"), "web in tangerine prod is locked by bob until <!date^", "stock &lt;!channel&gt; taking", "/deploy unlock web --env prod")
	bottest.Contains(t, r.types("eve", "/deploy web v2 --dry-run"), "nothing was started", "*Now it would be refused:* web in tangerine prod is locked by bob until")
	bottest.Contains(t, r.types("eve", "/deploy locks"), "*web* · tangerine prod", "bob, until")
	bottest.Contains(t, r.types("eve", "/deploy unlock web"), "bob holds this lock")
	bottest.Contains(t, r.types("eve", "/deploy unlock api"), "api is not locked in tangerine prod")
	bottest.Contains(t, r.types("rosa", `/deploy lock web --reason mine`), "web in tangerine prod is locked by bob")
	r.must(r.Type(r.ctx(), "bob", deploys, "/deploy web v2", ""))
	r.eventually("the holder deploys", func() bool { return len(r.engine.all()) == 1 })
	r.must(r.Type(r.ctx(), "bob", deploys, "/deploy unlock web", ""))
	said("🔓 *web* in tangerine prod is no longer locked: bob has ended their own lock.")
	bottest.Contains(t, r.types("eve", "/deploy locks"), "Nothing is locked for tangerine.")
	r.must(r.Type(r.ctx(), "bob", deploys, `/deploy lock --reason "end of the year"`, ""))
	said("*Everything in tangerine prod* is locked by bob until")
	bottest.Contains(t, r.types("eve", "/deploy api v2"), "api in tangerine prod is locked by bob", "/deploy unlock --env prod")
}
