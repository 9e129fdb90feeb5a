package deployertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestAnOriginStartsOnce(t *testing.T) {
	e := NewEngine()
	first, err := e.Do(t.Context(), startOf("o", "web"))
	wantErr(t, err, nil)
	again, err := e.Do(t.Context(), startOf("o", "web"))
	if err != nil || again.ID != first.ID || len(e.All()) != 1 {
		t.Errorf("it is %s, %v", again.ID, err)
	}
	var r *deployer.Refusal
	if _, err := e.Do(t.Context(), startOf("p", "web")); !errors.As(err, &r) {
		t.Errorf("a place is held by two: %v", err)
	}
}

func TestInACrowdAServiceIsStartedManyTimes(t *testing.T) {
	e := NewEngine()
	e.Crowded = true
	for range 3 {
		_, err := e.Do(t.Context(), startOf("o", "web"))
		wantErr(t, err, nil)
	}
	if n := len(e.All()); n != 3 {
		t.Errorf("there are %d", n)
	}
}

func TestAStartIsResolvedAtOnce(t *testing.T) {
	e := NewEngine()
	e.Resolve = func(d deployer.Deployment) []deployer.Target {
		return []deployer.Target{{Service: d.Releases[0].Service, Runner: "kubernetes", After: deployer.State{Version: "v2"}}}
	}
	d, err := e.Do(t.Context(), startOf("o", "web"))
	if err != nil || d.Status != deployer.Running {
		t.Errorf("it is %s, %v", d.Status, err)
	}
}

func TestALockKeepsOthersAway(t *testing.T) {
	e := NewEngine()
	now := time.Now()
	lock := deployer.Lock{Service: "web", By: bob, Reason: "stocktaking", At: now, Until: now.Add(time.Hour)}
	wantErr(t, e.Lock(t.Context(), "tangerine", "prod", lock, "C1"), nil)
	var r *deployer.Refusal
	if _, err := e.Do(t.Context(), startOf("o", "web")); !errors.As(err, &r) {
		t.Errorf("Ana is told %v", err)
	}
	if err := e.Unlock(t.Context(), "tangerine", "prod", "web", ana, "C1"); !errors.As(err, &r) {
		t.Errorf("Ana takes it away: %v", err)
	}
	wantErr(t, e.Unlock(t.Context(), "tangerine", "prod", "web", bob, "C1"), nil)
	_, err := e.Do(t.Context(), startOf("o", "web"))
	wantErr(t, err, nil)
	if n := len(e.Waiting()); n < 2 {
		t.Errorf("the channel is told %d times", n)
	}
}

func TestBeforeFailsOrdersOfPeople(t *testing.T) {
	e := NewEngine()
	e.People = EverybodyHolds{"tech-lead"}
	d, err := e.Do(t.Context(), startOf("o", "web"))
	wantErr(t, err, nil)
	e.Before = func(context.Context, deployer.Order) error { return deployer.ErrUnknown }
	_, err = e.Do(t.Context(), deployer.Order{Deployment: d.ID, By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
	wantErr(t, err, deployer.ErrUnknown)
	_, err = e.Do(t.Context(), deployer.Order{Deployment: d.ID, Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}})
	wantErr(t, err, nil)
}

// A process dies of the call that was said, before it or after it, and has no
// answer to that or to any later one.
func TestAProcessDiesOfACall(t *testing.T) {
	for _, after := range []bool{false, true} {
		e := NewEngine()
		dead := 0
		p := NewProcess(e, func() { dead++ })
		p.DieAt(2, after)
		_, err := p.Messages(t.Context(), "", 1)
		wantErr(t, err, nil)
		_, err = p.Do(t.Context(), startOf("o", "web"))
		wantErr(t, err, ErrDead)
		_, err = p.Load(t.Context(), "tangerine-1")
		wantErr(t, err, ErrDead)
		wantErr(t, p.Discard(t.Context(), deployer.OutboxMessage{}), ErrDead)
		<-p.Died()
		p.Kill()
		if n := len(e.All()); (n == 1) != after || dead != 1 {
			t.Errorf("after %v: %d deployments, died %d times", after, n, dead)
		}
	}
}
