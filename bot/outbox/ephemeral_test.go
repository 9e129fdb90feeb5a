package outbox

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestRefusalIsSeenByTheRequesterAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		s := &scenario{fixture: f}
		s.start()
		f.Order(s.id, deployer.Actor{}, deployer.RejectStart{Refusal: *deployer.Refuse("", "There is no tag <!channel>.")})
		f.awaitEmpty()
		got := f.slack.Ephemerals("UANA")
		if len(got) != 1 || !strings.Contains(got[0].Text, "There is no tag &lt;!channel&gt;.") {
			t.Errorf("Ana is told %+v", got)
		}
		if others := f.slack.Ephemerals("UBOB"); len(others) > 0 {
			t.Errorf("Bob is told %+v", others)
		}
	})
}

// A refusal is all that is left of a deployment that never was: it is sent again
// where Slack's answer is lost, and by a direct message where its channel takes
// no ephemeral messages.
func TestRefusalIsShownAtLeastOnce(t *testing.T) {
	t.Parallel()
	refused := func(t *testing.T, fault emulator.Fault) *fixture {
		f := newFixture(t)
		p := f.open(fast)
		t.Cleanup(p.stop)
		s := &scenario{fixture: f}
		s.start()
		fault.Method = "chat.postEphemeral"
		f.slack.Inject(fault)
		f.Order(s.id, deployer.Actor{}, deployer.RejectStart{Refusal: *deployer.Refuse("", "There is no such tag.")})
		f.until("nothing waits", func() bool { return len(f.Waiting()) == 0 })
		return f
	}
	f := refused(t, emulator.Fault{Status: 503, Count: 2})
	if got := f.slack.Ephemerals("UANA"); len(got) != 1 || !strings.Contains(got[0].Text, "There is no such tag.") {
		t.Errorf("Ana is told %+v", got)
	}
	f = refused(t, emulator.Fault{Error: "user_not_in_channel", Count: 1})
	if got := f.slack.Messages("@ana"); len(got) != 1 || !strings.Contains(got[0].Text, "There is no such tag.") {
		t.Errorf("Ana is told %+v", got)
	}
}

// What a person is answered is sent again where Slack did not answer, and given up
// where it refuses.
func TestAnswerForOnePersonIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		p := f.open(fast)
		defer p.stop()
		f.slack.Inject(emulator.Fault{Method: "chat.postEphemeral", Status: 503, Count: 1})
		p.PostEphemeral(t.Context(), bottest.DeploysID, "UANA", "No.", nil)
		if got := f.slack.Ephemerals("UANA"); len(got) != 1 || got[0].Text != "No." {
			t.Errorf("Ana sees %+v", got)
		}
		before := f.slack.CallCount("chat.postEphemeral")
		f.slack.Inject(emulator.Fault{Method: "chat.postEphemeral", Error: "user_not_in_channel", Count: 1})
		p.PostEphemeral(t.Context(), bottest.DeploysID, "UANA", "No, again.", nil)
		if got := f.slack.CallCount("chat.postEphemeral") - before; got != 1 {
			t.Errorf("%d calls for what Slack refuses, want 1", got)
		}
		p.PostEphemeral(t.Context(), "", "UANA", "Nowhere.", nil)
	})
}
