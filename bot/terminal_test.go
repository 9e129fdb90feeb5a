package bot

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// goes has Slack answer nothing any more.
func (r *fixture) goes() {
	r.Inject(emulator.Fault{Method: "*", Status: 503, Count: 1 << 30})
	r.CutSockets()
}

// Slack is away a minute after the last socket has gone, not before, and there again
// as soon as one is open.
func TestSlackIsAwayAfterAMinuteWithoutASocket(t *testing.T) {
	t.Parallel()
	inEarnest(t, func(t *testing.T, r *fixture) {
		for range 3 { // sockets that are renewed are no outage
			r.Disconnect("refresh_requested")
			time.Sleep(time.Minute)
			if away := r.bot.Away(); !away.IsZero() {
				t.Fatalf("it is away since %s", away)
			}
		}
		gone := time.Now()
		r.goes()
		time.Sleep(awayAfter - time.Second)
		if away := r.bot.Away(); !away.IsZero() {
			t.Errorf("it is away at once, since %s", away)
		}
		time.Sleep(10 * time.Minute)
		if away := r.bot.Away(); away.Sub(gone).Abs() > time.Second {
			t.Errorf("it is away since %s, and went at %s", away, gone)
		}
		r.ClearFaults()
		time.Sleep(2 * time.Minute)
		if away := r.bot.Away(); !away.IsZero() {
			t.Errorf("it is still away, since %s", away)
		}
	})
}

// Slack that answers no call is away too, though its sockets are open; one in which a
// single method fails is not.
func TestSlackThatAnswersNothingIsAway(t *testing.T) {
	t.Parallel()
	inEarnest(t, func(t *testing.T, r *fixture) {
		r.Inject(emulator.Fault{Method: "chat.postMessage", Status: 503, Count: 1 << 20})
		r.types("ana", "/deploy web v2")
		time.Sleep(5 * time.Minute)
		if away := r.bot.Away(); !away.IsZero() {
			t.Errorf("it is away since %s, and answers", away)
		}
		r.ClearFaults()
		r.Inject(emulator.Fault{Method: "*", Status: 503, Count: 1 << 20})
		time.Sleep(5 * time.Minute)
		if r.bot.Away().IsZero() {
			t.Error("it counts as there")
		}
		r.ClearFaults()
		time.Sleep(time.Minute)
		if away := r.bot.Away(); !away.IsZero() {
			t.Errorf("it is still away, since %s", away)
		}
	})
}

// Who gives an order at a terminal when Slack has been away for an hour counts by what
// Slack said of them last: a member of a group approves, others don't, and nobody
// approves their own. What was said is told when it is back.
func TestOrdersAtATerminalCountByWhatSlackSaidLast(t *testing.T) {
	t.Parallel()
	inEarnest(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy web v2")
		r.clicks("ana", "Done")
		r.card("Approve")
		r.goes()
		time.Sleep(time.Hour)
		at := Terminal{r.bot}
		approve := func(id string) error {
			ctx, who, knownAt, err := at.Recognize(t.Context(), id)
			if err != nil || time.Since(knownAt) < 50*time.Minute || who.ID != id {
				t.Fatalf("%s: %+v, known at %s, %v", id, who, knownAt, err)
			}
			d, err := r.engine.Load(ctx, "tangerine-1")
			if err != nil {
				t.Fatal(err)
			}
			if err := at.Sees(ctx, id, d); err != nil {
				t.Fatal(err)
			}
			a := deployer.Answer{Step: "approve", Attempt: 1, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}
			_, err = at.Order(ctx, deployer.Order{Deployment: d.ID, By: who, Nonce: "at a terminal, " + id, Via: deployer.ViaTerminal, Command: a})
			return err
		}
		for id, why := range map[string]string{r.UserID("ana"): "Nobody approves their own", r.UserID("eve"): "Only tech-lead"} {
			if no, ok := errors.AsType[*deployer.Refusal](approve(id)); !ok || !strings.Contains(no.Why, why) {
				t.Errorf("%s: %v", id, no)
			}
		}
		if err := approve(r.UserID("rosa")); err != nil {
			t.Error(err)
		}
		if _, _, _, err := at.Recognize(t.Context(), "UNEVER"); err == nil || !strings.Contains(err.Error(), "has not said so before") {
			t.Errorf("a stranger: %v", err)
		}
		r.ClearFaults()
		time.Sleep(2 * time.Minute)
		if _, _, knownAt, err := at.Recognize(t.Context(), r.UserID("rosa")); err != nil || !knownAt.IsZero() {
			t.Errorf("known at %s, %v", knownAt, err)
		}
	})
}
