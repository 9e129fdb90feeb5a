package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

const (
	deploys  = "CTANGERINEDEPLOYS"
	change   = "CANNOUNCEMENTSCHANGECONTROL"
	support  = "CPRODSUPPORTTANGERINE"
	general  = "CGENERAL"
	ticket   = "CC-1"          // that people type
	patience = 2 * time.Minute // pods are proven for one, and a busy machine is no failure
)

func TestMain(m *testing.M) {
	slowtest.Parallel(8) // they wait for the demo's cluster and for Slack's pace
	goleak.VerifyTestMain(m)
}

// startDemo starts a demo and returns its address. It ends with the test, cleanly.
func startDemo(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{
			Listen: "127.0.0.1:0", Version: "test", Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
			Started: func(url string) { started <- url },
			speed:   float64(slowtest.Runs(2, 1)), // the card is redrawn once in 1.2 s, and somebody wants to see the pods being replaced
			adapt:   healthySoon,
		})
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the demo ended with %v", err)
			}
		case <-time.After(patience):
			t.Fatal("the demo does not end")
		}
	})
	select {
	case url := <-started:
		return url
	case err := <-ended:
		ended <- err
		t.Fatalf("the demo did not start: %v", err)
	case <-time.After(patience):
		t.Fatal("the demo does not start")
	}
	return ""
}

// healthySoon has pods count as healthy when they were for a second, where nobody
// asks for the slow tests: as the procedure says, it takes a minute.
func healthySoon(cfg *app.Config) {
	for _, p := range cfg.Procedures {
		for _, s := range slices.Concat(p.Steps, p.Rollback) {
			if s.Uses == "kubernetes.verify" && !slowtest.Asked() {
				s.With["for"] = deployer.Value{Duration: time.Second}
			}
		}
	}
}

// The first command of the README, up to "complete": three taps for whoever
// asked, one for whoever approved, and nothing in the channel but the card,
// starting and complete. After it the ticket is closed.
func TestDeploymentCompletesInFourTaps(t *testing.T) {
	t.Parallel()
	url := startDemo(t)
	ana, bob := &person{t: t, url: url, id: "UANA"}, &person{t: t, url: url, id: "UBOB"}
	ana.says(deploys, "/deploy web v2")
	ana.waits(deploys, "Waiting for Ana: Everything is ready")
	ana.presses("Confirm 2")
	ana.waits(deploys, "Waiting for Bob or Rosa to approve")
	ana.presses("Approve")
	ana.waits(deploys, "Nobody approves their own deployment")
	ana.taps-- // that one was curiosity
	bob.presses("Approve")
	ana.waits(deploys, "Waiting for Ana: The retailer is healthy before")
	ana.presses("Done by hand")
	bob.waits(deploys, "▰") // the pods are seen to be replaced
	ana.waits(deploys, "Waiting for Ana: The retailer is healthy, by hand")
	ana.presses("Done by hand")
	ana.waits(deploys, "Deploy is complete: web v2 in tangerine prod")
	ana.waits(deploys, "Complete. Took")

	if ana.taps > 3 || bob.taps > 1 {
		t.Errorf("%d taps for Ana and %d for Bob, want at most 3 and 1", ana.taps, bob.taps)
	}
	bob.finds(deploys, "card", "starting", "complete")
	bob.finds(change) // it has a channel of its own
	bob.finds(support)
	bob.finds(general)
	bob.waits(deploys, "Requested by Ana, approved by Bob")
	ana.asks("/deploy versions", "🟢 web v2 · 6 of 6 ready")
	ana.waits(deploys, "Waiting for Ana: The ticket is closed, with the record")
	ana.presses("Done by hand")
}

// A version that crashes is held, explained and rolled back.
func TestCrashIsRolledBack(t *testing.T) {
	slowtest.Only(t, "a deployment that crashes, and its way back")
	t.Parallel()
	url := startDemo(t)
	ana, rosa := &person{t: t, url: url, id: "UANA"}, &person{t: t, url: url, id: "UROSA"}
	ana.says(deploys, `/deploy web v3-crash --reason "orders are stuck"`)
	ana.waits(deploys, ": orders are stuck")
	ana.waits(deploys, "Waiting for Ana: Everything is ready")
	ana.presses("Confirm 2")
	rosa.waits(deploys, "Waiting for Bob or Rosa to approve")
	rosa.presses("Approve")
	ana.waits(deploys, "Waiting for Ana: The retailer is healthy before")
	ana.presses("Done by hand")
	ana.waits(deploys, "The rollout failed. It is paused.")
	ana.waits(deploys, "Ana, Bob or Rosa decides.")
	ana.waits(support, "A deploy has a problem")
	thread := ana.card().TS
	ana.waits(deploys, "<!subteam^STECHLEADS>: please decide") // nobody is asked what is decided
	ana.waitsIn(deploys, thread, "<@UANA>: please decide")
	rosa.presses("Roll back to v1")
	ana.waits(deploys, "The older version works with the database as it is")
	ana.presses("Confirm 2") // and that who is on call was paged
	ana.waits(deploys, "Waiting for Ana: It is healthy again, by hand")
	ana.presses("Done by hand")
	ana.waits(deploys, "Deploy is rolled back: tangerine prod runs web v1 again")
	ana.waits(deploys, "Rolled back. v1 runs again.")
	ana.waitsIn(deploys, thread, "panic: runtime error")
	ana.finds(deploys, "card", "starting", "decide", "rolled-back")
	ana.asks("/deploy versions", "🟢 web v1 · 6 of 6 ready")
}

// A lock that is set after a deployment has begun holds its rollout, whatever
// was approved, until it is lifted; nobody without a role locks anything.
func TestALockHoldsWhatWasApproved(t *testing.T) {
	slowtest.Only(t, "a deployment that is held, and its end")
	t.Parallel()
	url := startDemo(t)
	ana, bob, rosa := &person{t: t, url: url, id: "UANA"}, &person{t: t, url: url, id: "UBOB"}, &person{t: t, url: url, id: "UROSA"}
	eve := &person{t: t, url: url, id: "UEVE"}
	ana.says(deploys, "/deploy web v2")
	ana.waits(deploys, "Waiting for Ana: Everything is ready")
	eve.says(deploys, `/deploy lock --reason "for fun"`)
	eve.waits(deploys, "You can't lock everything")
	rosa.says(deploys, `/deploy lock --for 2h --reason "incident 7"`)
	ana.waits(deploys, "is locked by Rosa until")
	ana.presses("Confirm 2")
	bob.waits(deploys, "Waiting for Bob or Rosa to approve")
	bob.presses("Approve")
	ana.waits(deploys, "Waiting for Ana: The retailer is healthy before")
	ana.presses("Done by hand")
	ana.waits(deploys, "Everything is locked by Rosa: incident 7")
	ana.waits(deploys, "Roll out waits until")
	ana.asks("/deploy versions", "🟢 web v1 · 6 of 6 ready")
	rosa.says(deploys, "/deploy unlock --env prod")
	ana.waits(deploys, "Waiting for Ana: The retailer is healthy, by hand")
	ana.asks("/deploy versions", "🟢 web v2 · 6 of 6 ready")
}

// Refusals say what to do instead, and only to the one who asked.
func TestRefusalsSayWhatToDoAndToWhomeverAskedAlone(t *testing.T) {
	t.Parallel()
	url := startDemo(t)
	ana, eve := &person{t: t, url: url, id: "UANA"}, &person{t: t, url: url, id: "UEVE"}
	ana.asks("/deploy versions", "🟢 web v1 · 6 of 6 ready")
	for _, c := range []struct{ channel, says, hears string }{
		{deploys, "/deploy web v99", `web has no tag "v99".`},
		{deploys, "/deploy wbe v2", "Did you mean web?"},
		{deploys, "/deploy web", "/deploy web v1.2.3"},
		{deploys, "/deploy web v1", "web v1 is already live. Nothing was done."},
		{deploys, "/deploy help", "what is under way"},
		{deploys, "/deploy status", "Nothing is under way for tangerine."},
		{general, "/deploy web v2", "tangerine-deploys"},
	} {
		ana.says(c.channel, c.says)
		ana.waits(c.channel, c.hears)
	}
	ana.says(deploys, "/deploy api v2")
	eve.waits(deploys, "Waiting for Ana: Everything is ready")
	eve.says(deploys, "/deploy api v6")
	eve.waits(deploys, "api in tangerine prod is being deployed by Ana")
	eve.presses("Confirm 2")
	eve.waits(deploys, "can confirm")
	ana.presses("Confirm 2")
	eve.waits(deploys, "Waiting for Bob or Rosa")
	eve.presses("Approve")
	eve.waits(deploys, "Ask Bob or Rosa.")
	for _, m := range ana.reads(deploys, "") {
		if strings.Contains(m.words(), "Ask Bob or Rosa") {
			t.Error("Ana sees what Eve was told")
		}
	}
}

// A demo that runs already is the commonest mistake.
func TestTakenAddressIsSaidWithAnotherChoice(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = Run(t.Context(), Options{Listen: l.Addr().String(), Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()+" is taken") || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("the error is %v", err)
	}
}

// A demo leaves nothing behind, and can be ended before it has begun.
func TestDemoLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Run("run", func(t *testing.T) { startDemo(t) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Run(ctx, Options{Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("ended before it began, it says %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}

func lines(list []message) string {
	var out strings.Builder
	for _, m := range list {
		fmt.Fprintf(&out, "%s %s\n", m.kind(), m.words())
	}
	return out.String()
}
