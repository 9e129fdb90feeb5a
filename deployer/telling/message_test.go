package telling_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// Who read of a problem reads that it was stopped, though nothing was announced before.
func TestStopIsToldWhereAProblemIs(t *testing.T) {
	t.Parallel()
	p := deployer.Procedure{
		ID: "p", SHA: "sha", Messages: map[string]string{"failed": "{step}: {why}", "stopped": "{what} was stopped. {why}"},
		Steps:   []deployer.Step{{ID: "healthy", Title: "Healthy", Uses: proves.Name}},
		Failure: deployer.Failure{Message: "failed", Stopped: "stopped", To: []string{"change"}}, Kinds: []deployer.Kind{proves},
	}
	for name, fails := range map[string]bool{"it failed": true, "it did not": false} {
		var d deployer.Deployment
		var told []string
		do := func(by deployer.Actor, c deployer.Command) {
			t.Helper()
			events, messages, err := telling.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: dawn, ID: "tangerine-1"})
			if err != nil {
				t.Fatal(err)
			}
			d = deployer.Fold(d, events...)
			for _, m := range messages {
				if m.Channel == "C2" {
					told = append(told, m.Kind)
				}
			}
		}
		do(ana, deployer.Start{
			Origin: "o", Site: deployer.Site{Name: "tangerine"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
			Channels: map[string]string{"deploys": "C1", "change": "C2"},
		})
		do(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web"}}})
		do(deployer.Actor{}, deployer.Intend{Key: "healthy/web"})
		do(deployer.Actor{}, deployer.Act{Key: "healthy/web", Ref: "1"})
		var want []string
		if fails {
			do(deployer.Actor{}, deployer.Settle{Key: "healthy/web", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "It is down."}})
			want = []string{deployer.MessageFailed, deployer.MessageStopped}
		}
		do(ana, deployer.Answer{Choice: deployer.ChoiceStop})
		if !slices.Equal(told, want) {
			t.Errorf("%s: told %q", name, told)
		}
	}
}

// A stop that comes while "starting" is on its way is told where "starting"
// will stand; one that comes before is told nowhere.
func TestStopIsToldWhereStartingIs(t *testing.T) {
	t.Parallel()
	p := deployer.Procedure{
		ID: "p", SHA: "sha", Messages: map[string]string{"starting": "{what} is starting", "stopped": "{what} was stopped. {why}"},
		Steps: []deployer.Step{
			{ID: "ready", Uses: deployer.KindConfirm},
			{ID: "starting", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"change"}}}, Needs: []string{"ready"}},
		},
		Failure: deployer.Failure{Stopped: "stopped", To: []string{"change"}},
	}
	for name, begun := range map[string]bool{"before": false, "on its way": true} {
		t.Run(name, func(t *testing.T) {
			var d deployer.Deployment
			var sent []deployer.Message
			do := func(by deployer.Actor, c deployer.Command) {
				t.Helper()
				events, messages, err := telling.Decide(d, deployer.Order{By: by, Command: c}, deployer.Facts{Now: dawn, ID: "tangerine-1"})
				if err != nil {
					t.Fatal(err)
				}
				d, sent = deployer.Fold(d, events...), append(sent, messages...)
			}
			do(ana, deployer.Start{
				Origin: "o", Site: deployer.Site{Name: "tangerine"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
				Channels: map[string]string{"deploys": "C1", "change": "C2"},
			})
			do(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web"}}})
			if begun {
				do(ana, deployer.Answer{Step: "ready", Attempt: 1, Choice: deployer.ChoiceDone})
			}
			do(ana, deployer.Answer{Choice: deployer.ChoiceStop})
			var told []string
			for _, m := range sent {
				if m.Channel == "C2" {
					told = append(told, m.Kind)
				}
			}
			for _, m := range sent {
				if m.Kind == deployer.MessageStopped && m.Args["why"] != "Stopped by Ana. Nothing was rolled out." {
					t.Errorf("it says why with %q", m.Args["why"])
				}
			}
			if begun && (len(told) != 2 || told[0] != "starting" || told[1] != deployer.MessageStopped) || !begun && len(told) != 0 {
				t.Errorf("told %q", told)
			}
			if !d.Ended.Equal(dawn) || d.Took(dawn.Add(time.Hour)) != 0 {
				t.Errorf("it ended at %s", d.Ended)
			}
		})
	}
}

// failing is a deployment of several services that tells channels of problems and
// how they end. Its rollouts may begin.
func failing(t *testing.T) *transcript {
	t.Helper()
	p := deployer.Procedure{
		ID: "p", SHA: "sha",
		Messages: map[string]string{"starting": "s", "failed": "f", "over": "o", "stopped": "x", "rolled-back": "b {stays}"},
		Steps: []deployer.Step{
			{ID: "starting", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys", "change"}}}},
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"starting"}},
			{ID: "healthy", Uses: deployer.KindConfirm, Needs: []string{"rollout"}},
		},
		Rollback: []deployer.Step{
			{ID: "back", Uses: deployer.KindRollout},
			{ID: "told", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "rolled-back"}, "to": {List: []string{"change"}}}, Needs: []string{"back"}},
		},
		Failure: deployer.Failure{Message: "failed", Over: "over", Stopped: "stopped", To: []string{"change", "support"}},
	}
	w := &transcript{t: t, now: dawn}
	w.must(ana, deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Tag: "v2"}},
		Channels: map[string]string{"deploys": "C1", "change": "C2", "support": "C3"},
	})
	w.must(deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{
		{Service: "web", After: deployer.State{Version: "v2"}}, {Service: "api", After: deployer.State{Version: "v2"}},
	}})
	for _, channel := range []string{"deploys", "change"} {
		mark := deployer.AnnouncementKey("starting", channel)
		w.must(deployer.Actor{}, deployer.Deliver{Post: deployer.Post{DedupKey: mark, Channel: w.d.Channels[channel], TS: "1.0"}, Kind: "starting"})
	}
	return w
}

// Whoever read of a problem hears how it ended: that it goes on, or that it was
// stopped, and what is left. Support was left with "has a problem" once.
func TestChannelsHearTheEndOfAProblem(t *testing.T) {
	t.Parallel()
	failed := func(t *testing.T) *transcript {
		w := failing(t)
		w.rolls("rollout/api", deployer.Failed) // the second one ends first
		w.rolls("rollout/web", deployer.OK)
		return w
	}
	expect := func(t *testing.T, w *transcript, want ...string) {
		t.Helper()
		if got := w.heard("C3"); len(got) != len(want)+1 || !slices.Equal(got[1:], want) || !strings.HasPrefix(got[0], "failed") {
			t.Errorf("support hears %q, want %q behind the failure", got, want)
		}
	}
	t.Run("done after all", func(t *testing.T) {
		w := failed(t)
		w.must(ana, deployer.Answer{Step: "rollout", Attempt: 1, Choice: deployer.ChoiceRetry})
		w.rolls("rollout/api", deployer.OK)
		expect(t, w, "over It is done after all.")
		w.must(ana, deployer.Answer{Step: "healthy", Attempt: 1, Choice: deployer.ChoiceDone})
		expect(t, w, "over It is done after all.") // once
	})
	t.Run("stopped", func(t *testing.T) {
		w := failed(t)
		w.must(ana, deployer.Answer{Choice: deployer.ChoiceStop})
		left := "stopped Stopped by Ana. Left as it is: web, api."
		expect(t, w, left)
		if got := w.heard("C1"); !slices.Equal(got, []string{"starting", "decide", left}) {
			t.Errorf("where it was said to start stands %q", got)
		}
	})
	t.Run("rolled back", func(t *testing.T) {
		w := failed(t)
		w.must(ana, deployer.Answer{Choice: deployer.ChoiceRollBack})
		w.rolls("back/api", deployer.OK)
		i := slices.IndexFunc(w.sent, func(m deployer.Message) bool { return m.Kind == "rolled-back" })
		if i < 0 || w.sent[i].Args["service"] != "api" || w.sent[i].Args["stays"] != "Not rolled back: web v2." {
			t.Errorf("the words are filled from %+v", w.sent[max(i, 0)].Args)
		}
	})
}

// Of several services that fail, the end of each one's log is told, under its
// name, within what one message can show.
func TestEachServiceHasTheEndOfItsLog(t *testing.T) {
	t.Parallel()
	w := failing(t)
	w.rolls("rollout/web", deployer.Failed)
	w.rolls("rollout/api", deployer.Failed)
	i := slices.IndexFunc(w.sent, func(m deployer.Message) bool { return m.Note.Kind == deployer.NoteStepFailed })
	if i < 0 {
		t.Fatal("nothing is told")
	}
	said := w.sent[i].Note.Detail
	web, api, two := strings.Cut(said, "\n\n")
	if !two || !strings.HasPrefix(web, "web:\n") || !strings.HasSuffix(web, "rollout/web end") || !strings.HasPrefix(api, "api:\n") || !strings.HasSuffix(api, "rollout/api end") {
		t.Errorf("it is told %.60q … %.60q", web, api)
	}
	if len(said) > 8100 {
		t.Errorf("it has %d bytes", len(said))
	}
}
