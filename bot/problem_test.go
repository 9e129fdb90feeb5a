package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// announced is a procedure with a check between its two announcements.
func announced(s *setup) {
	p := standard()
	p.Messages = map[string]string{"starting": "{what} is starting", "complete": "{what} is complete"}
	tells := func(message string) deployer.Values {
		return deployer.Values{"message": {Text: message}, "to": {List: []string{"deploys"}}}
	}
	p.Steps = []deployer.Step{
		{ID: "starting", Title: "It is said", Uses: deployer.KindAnnounce, With: tells("starting")},
		{ID: "pods", Title: "Pods run it", Uses: "kubernetes.verify", Needs: []string{"starting"}},
		{ID: "complete", Title: "Its end is said", Uses: deployer.KindAnnounce, With: tells("complete"), Needs: []string{"pods"}},
	}
	p.Failure = deployer.Failure{Decide: "tech-lead"}
	s.bot.Procedures["deployment"] = p
}

// kinds are those of what stands in the channel, oldest first, threads aside.
func (r *fixture) kinds() (kinds []string, problem emulator.Message) {
	messages := r.Messages(deploys)
	slices.SortFunc(messages, func(a, b emulator.Message) int { return strings.Compare(a.TS, b.TS) })
	for _, m := range messages {
		if m.Metadata == nil || m.ThreadTS != "" && m.ThreadTS != m.TS {
			continue
		}
		kind, _ := m.Metadata.EventPayload["message"].(string)
		if kinds = append(kinds, kind); kind == deployer.MessageDecide {
			problem = m
		}
	}
	return kinds, problem
}

// says waits until the message about the problem says something.
func (r *fixture) says(part string) emulator.Message {
	r.t.Helper()
	r.eventually("the message about the problem says "+part, func() bool {
		_, m := r.kinds()
		return strings.Contains(m.Text, part)
	})
	_, m := r.kinds()
	return m
}

// A check that fails, fails again, and holds at last is one message in the channel, whose
// last words are that it is over. Whoever asked for it is called once. A failure of one
// deployment used to be told in its thread alone, and again with each try.
func TestAProblemIsOneMessageInTheChannel(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy web v2")
		r.eventually("it is said that it starts", func() bool { k, _ := r.kinds(); return slices.Contains(k, "starting") })
		r.fails("pods")
		first := r.says("Pods run it failed")
		if !strings.Contains(first.Text, "<!subteam^STECHLEADS>") || strings.Contains(first.Text, "<@UANA>") {
			t.Errorf("it calls %q", first.Text)
		}
		r.clicks("bob", "Retry")
		r.says("Retried by bob.")
		r.fails("pods")
		r.says("failed 2 times")
		time.Sleep(time.Hour)
		r.clicks("bob", "Retry")
		r.does(effect("pods/web", "v2", deployer.OK)...)
		r.eventually("it is complete", func() bool { k, _ := r.kinds(); return slices.Contains(k, "complete") })
		over := r.says("*Over:* it is done after all.")
		time.Sleep(time.Hour)
		kinds, _ := r.kinds()
		if want := []string{"card", "starting", "decide", "complete"}; !slices.Equal(kinds, want) {
			t.Errorf("the channel has %q, want %q", kinds, want)
		}
		if over.TS != first.TS {
			t.Errorf("%s was edited, and %s posted", over.TS, first.TS)
		}
		calls, lines := 0, 0
		for _, m := range r.Messages(deploys) {
			if m.ThreadTS == first.TS && m.TS != first.TS {
				lines++
			} else if m.ThreadTS != "" && strings.Contains(string(m.Blocks), "please decide") {
				calls++
			}
		}
		if calls != 1 || lines != 1 {
			t.Errorf("ana was called %d times, and the problem's thread has %d lines", calls, lines)
		}
	}, announced)
}

// Whoever asked for a deployment that somebody else stops is called.
func TestARequesterHearsWhoStoppedIt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy web v2")
		r.eventually("it is said that it starts", func() bool { k, _ := r.kinds(); return slices.Contains(k, "starting") })
		r.fails("pods")
		r.says("Pods run it failed")
		_, err := r.engine.Do(r.ctx(), deployer.Order{
			Deployment: "tangerine-1", By: deployer.Actor{ID: "UBOB", Name: "bob"}, Command: deployer.Answer{Choice: deployer.ChoiceStop, Comment: "not today"},
		})
		r.must(err)
		r.thread("<@UANA>: Stopped by bob: not today")
		r.says("*Over: stopped.*")
	}, announced)
}

// A bot that dies before it has written down that a problem was told, or between two
// edits, tells it no second time, and the last words stay.
func TestAProblemIsToldOnceThroughARestart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy web v2")
		r.eventually("it is said that it starts", func() bool { k, _ := r.kinds(); return slices.Contains(k, "starting") })
		r.Inject(emulator.Fault{Method: "chat.postMessage", Lost: true, Count: 1})
		r.fails("pods")
		r.restart(r.engine)
		r.says("Pods run it failed")
		r.Inject(emulator.Fault{Method: "chat.update", Lost: true, Count: 1})
		r.clicks("bob", "Retry")
		r.does(effect("pods/web", "v2", deployer.OK)...)
		r.restart(r.engine)
		r.says("*Over:* it is done after all.")
		time.Sleep(time.Hour)
		kinds, m := r.kinds()
		if want := []string{"card", "starting", "decide", "complete"}; !slices.Equal(kinds, want) || !strings.Contains(m.Text, "*Over:*") {
			t.Errorf("the channel has %q, want %q; it says %q", kinds, want, m.Text)
		}
	}, announced)
}

// direct is what the bot has told somebody by direct messages, oldest first.
func (r *fixture) direct(user string) (out []emulator.Message) {
	for _, m := range r.Messages("@" + user) {
		if m.Metadata != nil {
			out = append(out, m)
		}
	}
	return out
}

// atPods reports whether a deployment has come to its check.
func (r *fixture) atPods() bool {
	d := r.only()
	return d.Step("pods").Status == deployer.Active
}

// directly has the tech leads told by direct messages that it starts, and of a failure.
func directly(s *setup) {
	announced(s)
	p := s.bot.Procedures["deployment"]
	p.Steps[0].With = deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys"}}, "people": {List: []string{"tech-lead"}}}
	p.Messages["failed"] = "{step}: {why}"
	p.Failure.Message, p.Failure.People = "failed", []string{"tech-lead"}
	s.bot.Procedures["deployment"] = p
}

// Each of the people whom a procedure names gets one direct message, also where Slack's
// answer was lost and the bot begins again; a try that fails again tells them nothing.
func TestPeopleAreToldDirectlyOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.Inject(emulator.Fault{Method: "chat.postMessage", Skip: 1, Lost: true, Count: 4})
		r.types("ana", "/deploy web v2")
		r.eventually("it is said that it starts", func() bool { k, _ := r.kinds(); return slices.Contains(k, "starting") && len(r.direct("bob")) > 0 })
		r.restart(r.engine)
		r.eventually("the check may begin", r.atPods)
		r.fails("pods")
		r.clicks("bob", "Retry")
		r.fails("pods")
		r.says("failed 2 times")
		time.Sleep(time.Hour)
		for _, who := range []string{"bob", "rosa"} {
			var got []string
			for _, m := range r.direct(who) {
				got = append(got, m.Text)
			}
			if len(got) != 2 || !strings.HasPrefix(got[0], "web ") || !strings.Contains(got[0], "is starting") || !strings.Contains(got[1], "Pods run it: 1 of 3 pods restarts") {
				t.Errorf("%s is told %q", who, got)
			}
		}
		if got := r.direct("ana"); len(got) != 0 {
			t.Errorf("ana is told %v", got)
		}
	}, directly)
}

// Of whom Slack takes no direct message for, the thread says so, once, and it goes on.
func TestWhoTakesNoDirectMessageIsSaidOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.Inject(emulator.Fault{Method: "conversations.open", Error: "messages_tab_disabled", Count: 1 << 20})
		r.types("ana", "/deploy web v2")
		r.thread("*It is said* for bob could not be delivered. The app takes no direct messages: switch on its Messages tab.")
		r.eventually("it goes on", r.atPods)
		time.Sleep(time.Hour)
		said := 0
		for _, m := range r.Messages(deploys) {
			if strings.Contains(m.Text, "for bob could not be delivered") {
				said++
			}
		}
		if said != 1 {
			t.Errorf("it is said %d times", said)
		}
	}, directly)
}
