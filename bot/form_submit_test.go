package bot

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// Start delivered three times with new ids, and pressed twice: one deployment.
func TestFormStartsOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.fills("ana", "web", "v2")
		view := r.view("ana")
		r.InjectSocket(emulator.SocketFault{Kind: emulator.Redeliver, Type: "interactive", Copies: 2, NewID: true})
		var presses sync.WaitGroup
		for range 2 {
			presses.Go(func() {
				_, err := r.Submit(r.ctx(), "ana", view, nil)
				if err != nil && !strings.Contains(err.Error(), "not open any more") {
					t.Error(err)
				}
			})
		}
		presses.Wait()
		r.card("Done")
		time.Sleep(time.Minute) // the copies
		r.only()
	})
}

// A restart between: nothing is in memory, the store knows what the form has
// started. One that was changed meanwhile says so, and starts nothing.
func TestFormStartsOnceAfterARestart(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v2")
	form := r.Views("ana")[0]["id"].(string)
	_, err := r.engine.Do(r.ctx(), deployer.Order{By: bottest.Ana, Command: deployer.Start{
		Origin: "slack/T0LOCAL/view/" + form, Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: standard(),
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Inputs: map[string]string{"risk": "low"},
	}})
	r.must(err) // and the answer is lost
	if invalid := r.sends("ana", nil); len(invalid) > 0 || len(r.Views("ana")) > 0 {
		t.Errorf("the second time it says %v, %s", invalid, r.form("ana"))
	}
	r.only()
}

func TestFormThatHasStartedSomethingElseStartsNothingMore(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v3")
	form := r.Views("ana")[0]["id"].(string)
	_, err := r.engine.Do(r.ctx(), deployer.Order{By: bottest.Ana, Command: deployer.Start{
		Origin: "slack/T0LOCAL/view/" + form, Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: standard(),
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Inputs: map[string]string{"risk": "low"},
	}})
	r.must(err)
	r.sends("ana", nil)
	bottest.Contains(t, r.form("ana"), "This form has started tangerine-1 already", "/deploy status tangerine-1")
	r.only()
}

// Somebody else was first between Next and Start: the confirmation says so, and
// stays open.
func TestConfirmationSaysWhoWasFirst(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v2")
	r.types("eve", "/deploy web v3")
	r.sends("ana", nil)
	bottest.Contains(t, r.form("ana"), "web in tangerine prod is being deployed by", "date^", "`v1` → `v2`")
	r.types("eve", "/deploy stop tangerine-1")
	r.sends("ana", nil)
	if n := len(r.engine.all()); n != 2 || len(r.Views("ana")) > 0 {
		t.Errorf("%d deployments, and open: %s", n, r.form("ana"))
	}
}

// An engine that fails loses nothing that was typed, and Start works again.
func TestFormIsKeptWhereTheEngineFails(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.fills("ana", "web", "v2")
	r.engine.fail(deployer.ErrUnknown)
	r.sends("ana", nil)
	bottest.Contains(t, r.form("ana"), "It is not known whether that was written down")
	r.engine.fail(nil)
	r.sends("ana", nil)
	r.only()
}

// Slack takes 3,000 characters in a view's memo, which holds the whole form.
func TestFormTooLongForSlackIsRefused(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		p := standard()
		for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			p.Inputs = append(p.Inputs, deployer.Input{ID: id})
		}
		s.bot.Procedures["deployment"] = p
	})
	r.types("ana", "/deploy")
	values := map[string]any{"service": chosen("web"), "tag": typed("v2"), "reason": typed(strings.Repeat("ä", 500))}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		values["input/"+id] = typed(strings.Repeat("x", 400))
	}
	bottest.Contains(t, r.sends("ana", values)["reason"], "too long for Slack")
}

// Several services go in one form as in one command, and what is wrong with the
// others is said at their field.
func TestFormStartsSeveralServices(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy")
	for more, want := range map[string]string{
		"api":              "api has no tag behind it",
		"apu v3":           `There is no service "apu"`,
		"web v3":           "web is named twice",
		"api v3, api v4":   "api is named twice",
		"api v3/x":         `"v3/x" is not a tag`,
		"status api":       `There is no service "status"`,
		"api v3 --env foo": `There is no service "--env"`,
	} {
		invalid := r.sends("ana", map[string]any{"service": chosen("web"), "tag": typed("v2"), "more": typed(more)})
		if !strings.Contains(invalid["more"], want) {
			t.Errorf("%q: it says %v, want %q", more, invalid, want)
		}
	}
	if invalid := r.sends("ana", map[string]any{"more": typed("api v3, decanting-service:v4")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	bottest.Contains(t, r.form("ana"), "*3 services* · tangerine prod", "*web* · `v1` → `v2`", "*api* · `v1` → `v3`", "*decanting-service* · `v1` → `v4`")
	r.sends("ana", nil)
	want := []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Tag: "v3"}, {Service: "decanting-service", Tag: "v4"}}
	if d := r.only(); !slices.Equal(d.Releases, want) {
		t.Errorf("it is %+v", d.Releases)
	}
	r.types("eve", "/deploy")
	r.chooses("eve", "service", "web")
	invalid := r.sends("eve", map[string]any{"tag": typed("v2"), "more": typed("api v3")})
	bottest.Contains(t, invalid["service"], "is being deployed by Ana")
}

// The form asks when it starts, where the procedure waits for that.
func TestFormAsksWhenItStarts(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		p := standard()
		p.Steps = append([]deployer.Step{{ID: "wait", Title: "Wait", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}}}, p.Steps...)
		p.Steps[1].Needs = []string{"wait"}
		s.bot.Procedures["deployment"] = p
	})
	r.types("ana", "/deploy")
	fields := map[string]any{"service": chosen("web"), "tag": typed("v2"), "at": typed("banana")}
	bottest.Contains(t, r.sends("ana", fields)["at"], `"banana" is not a time`, "tomorrow 22:00")
	if invalid := r.sends("ana", map[string]any{"at": typed("in 2h")}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	bottest.Contains(t, r.form("ana"), "… Wait – would wait until ")
	r.sends("ana", nil)
	if ahead := time.Until(r.only().Planned); ahead < 110*time.Minute || ahead > 2*time.Hour {
		t.Errorf("it begins in %s", ahead)
	}
}
