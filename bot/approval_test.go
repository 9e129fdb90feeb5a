package bot

import (
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// Somebody asks for changes, whoever asked for the deployment is called in its thread and
// replies, and who asked is called again. The approval waits meanwhile.
func TestChangesAreAskedForAndAnsweredInTheThread(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	r.clicks("bob", "Request changes")
	bottest.Contains(t, r.form("bob"), "They are called, and you are when they have replied.")
	bottest.Contains(t, r.because("bob", " "), "Say in a few words what should change.")
	if said := r.because("bob", "The ticket is *missing*"); said != "" {
		t.Fatalf("it said %q", said)
	}
	r.card("Reply")
	r.thread("<@UANA>: bob asks for changes at *Tech lead approves*. The ticket is ∗missing∗. Press Reply on the card above.")
	r.clicks("rosa", "Approve")
	r.hears("rosa", "bob asks for changes: The ticket is ∗missing∗.")
	if n := r.approvals(); n != 0 {
		t.Errorf("%d approved meanwhile", n)
	}
	r.clicks("bob", "Reply") // only the requester replies
	r.hears("bob", "Ana was asked, and replies.")
	r.clicks("ana", "Reply")
	bottest.Contains(t, r.form("ana"), "bob asks for changes: The ticket is ∗missing∗.")
	if said := r.because("ana", "It is CC-1"); said != "" {
		t.Fatalf("it said %q", said)
	}
	r.thread("<@UBOB>: Ana replies at *Tech lead approves*. It is CC-1. What is to be approved is the same. The buttons are on the card above.")
	r.card("Request changes")
	r.clicks("bob", "Approve")
	if s := r.engine.all()[0].Step("approve"); s.Status != deployer.Done || len(s.Approvals) != 1 {
		t.Errorf("it is %s, approved by %v", s.Status, s.Approvals)
	}
}

// Who wanted changes approves after all, while the reply is being written.
func TestAReplyThatIsNotAwaitedIsRefused(t *testing.T) {
	t.Parallel()
	r := atApproval(t)
	r.clicks("bob", "Request changes")
	if said := r.because("bob", "The ticket is missing"); said != "" {
		t.Fatalf("it said %q", said)
	}
	r.clicks("ana", "Reply")
	r.form("ana")
	r.clicks("bob", "Approve")
	r.eventually("an approval", func() bool { return r.approvals() == 1 })
	bottest.Contains(t, r.because("ana", "It is CC-1"), "Nobody waits for a reply there now.")
}
