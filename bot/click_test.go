package bot

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// approvals counts those of the only deployment.
func (r *fixture) approvals() int {
	return len(r.engine.all()[0].Step("approve").Approvals)
}

// atApproval brings a deployment of ana's to where it waits for approval.
func atApproval(t *testing.T, change ...func(*setup)) *fixture {
	t.Helper()
	r := newFixture(t, change...)
	r.toApproval()
	return r
}

// toApproval starts a deployment of ana's and brings it to where it waits for
// approval.
func (r *fixture) toApproval() {
	r.t.Helper()
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Done")
	r.card("Approve")
}

func TestApprovalCountsOnceByWhomItIsAndSaysNothing(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	r.clicks("rosa", "Approve") // by the user group
	if n := r.approvals(); n != 1 {
		t.Fatalf("%d approvals", n)
	}
	if by := r.engine.all()[0].Step("approve").Approvals[0].By; by != (deployer.Actor{ID: "UROSA", Name: "rosa"}) {
		t.Errorf("it is by %+v", by)
	}
	if said := r.Ephemerals("rosa"); len(said) > 0 {
		t.Errorf("an approval costs one tap and no words, but: %v", said)
	}
}

// Two clicks on Approve, both acted on.
func TestTwoClicksOnApproveCountOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toApproval()
		m := r.card("Approve")
		r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Type: "interactive", Copies: 2, NewID: true})
		var clicks sync.WaitGroup
		for range 2 {
			clicks.Go(func() {
				r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: m.TS, Button: "Approve", Stale: true}))
			})
		}
		clicks.Wait()
		r.hears("bob", "“Tech lead approves” is done already")
		if n := r.approvals(); n != 1 {
			t.Errorf("%d approvals", n)
		}
		time.Sleep(time.Minute) // the copies
		if said := r.Ephemerals("bob"); len(said) != 1 {
			t.Errorf("bob was told %d times: %v", len(said), said)
		}
	})
}

// Unlisted people could approve (pipecd 2550). The requester could. Nobody
// checked who clicked.
func TestNeitherOutsidersNorTheRequesterApprove(t *testing.T) {
	t.Parallel()
	r := atApproval(t, func(s *setup) {
		role := s.bot.Roles["tech-lead"]
		role.Users = append(role.Users, "ana")
		s.bot.Roles["tech-lead"] = role
	})
	r.clicks("eve", "Approve")
	r.hears("eve", "Only tech-lead can decide on “Tech lead approves”")
	r.clicks("ana", "Approve")
	r.hears("ana", "Nobody approves their own deployment")
	if n := r.approvals(); n != 0 {
		t.Errorf("%d approvals", n)
	}
	for _, m := range r.Messages(deploys) {
		if strings.Contains(m.Text, "Nobody approves") {
			t.Errorf("everybody was told: %q", m.Text)
		}
	}
}

// Everybody can give themselves a display name; it is no proof of anything.
func TestDisplayNameGivesNoRole(t *testing.T) {
	t.Parallel()
	r := atApproval(t, func(s *setup) {
		s.bot.Roles = map[string]directory.Role{"tech-lead": {Users: []string{"Bob"}}}
	})
	bottest.Contains(t, r.log.String(), `roles.tech-lead`, `Bob`, "no user with that name")
	r.clicks("bob", "Approve")
	r.hears("bob", "Only tech-lead can decide")
}

// Slack cannot say who is in a group: then nobody is, and it says so. Who was
// listed by name is not affected.
func TestNobodyIsInAGroupThatSlackDoesNotTell(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	r.Inject(emulator.Fault{Method: "usergroups.users.list", Error: "internal_error", Count: 1000})

	roles := func(id string) []string {
		got, err := r.bot.people.Roles(r.ctx(), id)
		r.must(err)
		return got
	}
	if got := roles("UROSA"); len(got) != 1 {
		t.Errorf("just asked: rosa holds %v", got)
	}
	r.ahead.Store(int64(time.Minute))
	if got := roles("UROSA"); len(got) != 1 {
		t.Errorf("a minute old: rosa holds %v", got)
	}
	r.ahead.Store(int64(time.Hour))
	r.clicks("rosa", "Approve")
	bottest.Contains(t, r.hears("rosa", "Only tech-lead"), "Slack does not say now who is in @tech-leads")
	if got := roles("UBOB"); len(got) != 1 {
		t.Errorf("bob holds %v", got)
	}
	r.ClearFaults()
	r.approves("rosa")
}

// approves has somebody click until it counts: an answer of Slack's that was on
// its way may still say that it does not know who is in a group.
func (r *fixture) approves(user string) {
	r.t.Helper()
	r.eventually(user+"'s click counts", func() bool {
		r.clicks(user, "Approve")
		return r.approvals() == 1
	})
}

func TestClickOnWhatHasEndedIsRefused(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	m := r.card("Approve")
	r.types("ana", "/deploy stop tangerine-1")
	r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: m.TS, Button: "Approve", Stale: true}))
	r.hears("bob", "tangerine-1 has ended: stopped")
}

func TestRejectNeedsAReason(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	r.clicks("bob", "Reject")
	if d := r.engine.all()[0]; d.Status != deployer.Running {
		t.Fatalf("opening the form has made it %s", d.Status)
	}
	bottest.Contains(t, r.because("bob", " \n"), "Say in a few words what is wrong.")
	bottest.Contains(t, r.because("bob", long(501)), "500 are the most")
	if said := r.because("bob", " not <!channel> tonight "); said != "" {
		t.Errorf("it said %q", said)
	}
	if d := r.engine.all()[0]; d.Status != deployer.Stopped || d.Why != "Rejected by bob: not <!channel> tonight" {
		t.Errorf("it is %s: %s", d.Status, d.Why)
	}
}

func TestOutsiderDoesNotReject(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	r.clicks("eve", "Reject")
	r.hears("eve", "Only tech-lead can decide")
	if form := r.form("eve"); form != "[]" {
		t.Errorf("somebody who may not reject has a form: %s", form)
	}
	if d := r.engine.all()[0]; d.Status != deployer.Running {
		t.Errorf("it is %s", d.Status)
	}
}

// The answer of an engine that fails says what is known, and the same click
// may be tried again.
func TestClickSaysWhatIsKnownWhereTheEngineFails(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	for err, part := range map[error]string{
		deployer.ErrUnknown:  "It is not known whether that was written down",
		context.Canceled:     "It is not known whether that was written down",
		deployer.ErrConflict: "nothing was changed",
	} {
		r.engine.fail(err)
		r.clicks("bob", "Approve")
		r.hears("bob", part)
	}
	r.engine.fail(nil)
	r.clicks("bob", "Approve")
	if n := r.approvals(); n != 1 {
		t.Errorf("%d approvals", n)
	}
}

// However many answers one person at a time has had, the next one comes. The
// gate once counted those that were answered as under way, and after a hundred
// refused clicks nobody was told any more why a button did nothing.
func TestEveryOneOfManyRefusalsIsTold(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	const n = 130
	ctx := r.ctx()
	for range n {
		r.bot.out.PostEphemeral(ctx, r.ChannelID(deploys), "UEVE", "No.", nil)
	}
	if got := len(r.Ephemerals("eve")); got != n {
		t.Errorf("%d of %d answers arrived", got, n)
	}
}

// An answer that Slack may not have taken is given again: better twice than not
// at all.
func TestRefusalIsToldWhateverHappens(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"limited": {Status: 429, RetryAfter: 1, Count: 1}, "trouble": {Status: 503, Count: 2}, "cut": {Cut: true, Count: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := atApproval(t)
			fault.Method = "chat.postEphemeral"
			r.Inject(fault)
			r.clicks("eve", "Approve")
			r.hears("eve", "Only tech-lead can decide on “Tech lead approves”")
		})
	}
}
