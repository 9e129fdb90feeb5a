package deployer_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// waiting is a deployment that asks for an approval, with reminders after 10
// and 30 minutes.
func waiting(t *testing.T) deployer.Deployment {
	t.Helper()
	p := deployer.Procedure{ID: "p", SHA: "sha", Steps: []deployer.Step{{
		ID: "approve", Title: "Tech lead approves", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}},
		Remind: []time.Duration{10 * time.Minute, 30 * time.Minute},
	}}}
	start := deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
		Channels: map[string]string{"deploys": "C1"},
	}
	d := order(t, deployer.Deployment{}, ana, start, dawn)
	return order(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web"}}}, dawn)
}

func order(t *testing.T, d deployer.Deployment, by deployer.Actor, cmd deployer.Command, at time.Time) deployer.Deployment {
	t.Helper()
	events, _, err := telling.Decide(d, deployer.Order{By: by, Command: cmd}, deployer.Facts{Now: at, ID: "tangerine-1", Person: deployer.Person{Roles: roles[by.ID]}})
	if err != nil {
		t.Fatalf("%#v: %v", cmd, err)
	}
	return deployer.Fold(d, events...)
}

// called carries out what is due at a time and returns the reminders that it
// sends.
func called(t *testing.T, d *deployer.Deployment, at time.Time) []deployer.Message {
	t.Helper()
	var sent []deployer.Message
	for _, cmd := range deployer.Next(*d, at).Due {
		events, messages, err := telling.Decide(*d, deployer.Order{Command: cmd}, deployer.Facts{Now: at})
		if err != nil {
			t.Fatal(err)
		}
		*d = deployer.Fold(*d, events...)
		sent = append(sent, slices.DeleteFunc(messages, func(m deployer.Message) bool { return m.Kind != deployer.MessageRemind })...)
	}
	return sent
}

func TestTheAwaitedAreCalledAgain(t *testing.T) {
	t.Parallel()
	d := waiting(t)
	if got := deployer.Next(d, dawn).Wake; !got.Equal(dawn.Add(10 * time.Minute)) {
		t.Errorf("it wakes at %s", got)
	}
	if sent := called(t, &d, dawn.Add(10*time.Minute-1)); len(sent) != 0 {
		t.Errorf("too early: %+v", sent)
	}
	sent := called(t, &d, dawn.Add(10*time.Minute))
	if len(sent) != 1 || sent[0].Role != "tech-lead" || sent[0].Args[deployer.RemindLast] != "" || !sent[0].Thread {
		t.Errorf("the first: %+v", sent)
	}
	if got := deployer.Next(d, dawn.Add(10*time.Minute)).Wake; !got.Equal(dawn.Add(30 * time.Minute)) {
		t.Errorf("then it wakes at %s", got)
	}
	sent = called(t, &d, dawn.Add(30*time.Minute))
	if len(sent) != 1 || sent[0].Args[deployer.RemindLast] == "" {
		t.Errorf("the last: %+v", sent)
	}
	if p := deployer.Next(d, dawn.Add(time.Hour)); len(p.Due) != 0 || !p.Wake.IsZero() {
		t.Errorf("after the last: %+v", p)
	}
}

// A process that was down for an hour calls once, late, and not twice.
func TestMissedRemindersAreOneCall(t *testing.T) {
	t.Parallel()
	d := waiting(t)
	sent := called(t, &d, dawn.Add(time.Hour))
	if len(sent) != 1 || sent[0].Args[deployer.RemindLast] == "" {
		t.Errorf("sent %+v", sent)
	}
	if sent = called(t, &d, dawn.Add(time.Hour)); len(sent) != 0 {
		t.Errorf("and then %+v", sent)
	}
}

// An order to remind that was on its way when the approval came, or that a
// second engine gives, does nothing.
func TestNobodyIsCalledWhoIsNotAwaited(t *testing.T) {
	t.Parallel()
	d := waiting(t)
	late := deployer.Order{Command: deployer.Remind{Step: "approve", Attempt: 1}}
	facts := deployer.Facts{Now: dawn.Add(10 * time.Minute)}
	reminded := order(t, d, deployer.Actor{}, late.Command, facts.Now)
	approved := order(t, d, bob, deployer.Answer{Step: "approve", Attempt: 1, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove}, dawn.Add(time.Minute))
	for name, d := range map[string]deployer.Deployment{"reminded": reminded, "approved": approved} {
		if _, _, err := telling.Decide(d, late, facts); !errors.Is(err, deployer.ErrStale) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p := deployer.Next(approved, dawn.Add(time.Hour)); len(p.Due) != 0 {
		t.Errorf("due after the approval: %+v", p.Due)
	}
}
