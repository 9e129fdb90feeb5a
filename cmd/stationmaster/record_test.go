package main_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store"
)

// close lets the processes finish what is to be sent, has one of them say how it ended, and ends the last one.
func (w *binaryFixture) close(ends deployer.Status) {
	w.t.Helper()
	w.slack.ClearFaults()
	w.eventually("the thread tells of the end", func() bool {
		return slices.ContainsFunc(w.slack.Messages(deploys), func(m emulator.Message) bool {
			return kindOf(m) == deployer.MessageNote && strings.Contains(m.Text, ".* Took ")
		})
	})
	w.tap.setPlan(nil)
	w.typed("ana", "/deploy history web")
	w.told("ana", "· *"+strings.ReplaceAll(string(ends), "-", " "))
	w.told("ana", " after ") // of a rollback of some services: in part after
	end := time.Now().Add(patience)
	for life := 2 * time.Second; ; life += life / 2 {
		w.stop()
		left := 0
		w.records(func(ctx context.Context, s *store.Store) {
			messages, err := s.Messages(ctx, "", 200)
			if err != nil {
				w.t.Fatal(err)
			}
			left = len(messages)
		})
		if left == 0 {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("%d messages are still not sent\n%s", left, w.scene())
		}
		w.begin()
		time.Sleep(life)
	}
}

// record is what is there at the end, in words that are the same in every fixture: whoever compares
// them finds every effect that is there twice, or not at all.
func (w *binaryFixture) record(services ...string) []string {
	w.t.Helper()
	var id string
	var out []string
	w.records(func(ctx context.Context, s *store.Store) {
		list, err := s.List(ctx, deployer.Query{Limit: 100})
		if err != nil || len(list) != 1 {
			w.t.Fatalf("there are %d deployments, want one: %+v, %v", len(list), list, err)
		}
		id = list[0].ID
		if err := s.Verify(ctx, id); err != nil {
			w.t.Errorf("the chain of commits is broken: %v", err)
		}
		if err := s.VerifyAll(ctx); err != nil {
			w.t.Errorf("the chain of all commits is broken: %v", err)
		}
		d, err := s.Load(ctx, id)
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, d.ID+" ended "+string(d.Status))
		w.freed(ctx, s, d)
		for _, step := range d.Steps {
			out = append(out, stepLine(step))
		}
	})
	out = append(out, w.posts()...)
	for _, service := range services {
		for _, line := range w.cluster.describe(w.t, service) {
			out = append(out, service+" "+line)
		}
	}
	for i, line := range out {
		out[i] = w.plain(line, id)
	}
	return out
}

// freed wants nothing left behind that would run, or that keeps the next one away (shipit 562, 1055).
func (w *binaryFixture) freed(ctx context.Context, s *store.Store, d deployer.Deployment) {
	w.t.Helper()
	live, err := s.Live(ctx)
	if err != nil || len(live) > 0 {
		w.t.Errorf("still live: %v, %v", live, err)
	}
	held, err := s.Holders(ctx, d.Places())
	if err != nil || len(held) > 0 {
		w.t.Errorf("places are still held: %v, %v", held, err)
	}
}

func stepLine(s deployer.StepState) string {
	line := fmt.Sprintf("step %s %s attempt %d, by %q", s.ID, s.Status, s.Attempt, s.By.Name)
	for _, a := range s.Approvals {
		line += ", approved by " + a.By.Name
	}
	var effects, told []string // in the order in which they came
	for _, e := range s.Effects {
		effects = append(effects, fmt.Sprintf("%s %s %s attempt %d", e.Key, e.Stage, e.Outcome.Result, e.Attempt))
	}
	slices.Sort(effects)
	for _, p := range s.Posts {
		told = append(told, p.DedupKey)
	}
	slices.Sort(told)
	return line + fmt.Sprintf(", did %q, told %q", effects, told)
}

// posts are the messages in all channels and threads. No key may be there twice.
func (w *binaryFixture) posts() []string {
	w.t.Helper()
	var out []string
	for _, channel := range []string{deploys, "change", "support"} {
		keys := map[string]bool{}
		var lines []string
		for _, m := range w.slack.Messages(channel) {
			p := payload(m)
			if p == nil {
				w.t.Errorf("a message in #%s has no metadata: %s", channel, m.Text)
			}
			key := fmt.Sprint(p["deployment"], " ", p["key"])
			if keys[key] {
				w.t.Errorf("#%s has %s twice", channel, key)
			}
			keys[key] = true
			lines = append(lines, fmt.Sprintf("#%s %s in a thread %t: %s", channel, p["message"], m.ThreadTS != "", m.Text))
		}
		slices.Sort(lines)
		out = append(out, lines...)
	}
	return out
}

var varying = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`Took [0-9a-z ]+(, planned [0-9a-z ]+)?\.`), "Took a while."},
	{regexp.MustCompile(`Back after [0-9a-z ]+(, planned [0-9a-z ]+)?; the rollout took [0-9a-z ]+\.`), "Back in a while."},
	{regexp.MustCompile(`\b(web|api)-[a-z0-9]+-[a-z0-9]{5}\b`), "POD"},
	{regexp.MustCompile(`\bana\b`), "Ana"},                                         // her handle, until Slack has said what she is called
	{regexp.MustCompile(` \(CrashLoopBackOff\)|, restarted (once|\d+ times)`), ""}, // depends on when one looks
}

// plain takes out what differs from fixture to fixture.
func (w *binaryFixture) plain(line, id string) string {
	line = strings.ReplaceAll(strings.ReplaceAll(line, id, "ID"), w.host, "HOST")
	for _, v := range varying {
		line = v.what.ReplaceAllString(line, v.as)
	}
	return line
}

// sound holds a record against what was promised; the rest is as the words and the procedure have it.
func (w *binaryFixture) sound(record []string, s scenario) {
	w.t.Helper()
	revisions, last, posts := 2, "complete", []string{"#tangerine-deploys complete", "#change complete"}
	if s.ends == deployer.RolledBack {
		revisions, last, posts = 3, "rolled-back", []string{
			"#tangerine-deploys rolled-back", "#change rolled-back", "#support rolled-back", "#change failed", "#support failed",
		}
	}
	// What was put back is the ReplicaSet that was there, with another number.
	lines := []string{"ID ended " + last, fmt.Sprintf("web revision %d", revisions), "web 2 ReplicaSets", "web paused false", "web 2 Deployments"}
	for _, line := range lines {
		if !slices.Contains(record, line) {
			w.t.Errorf("the record has no line %q", line)
		}
	}
	for _, post := range append(posts, "#tangerine-deploys card", "#tangerine-deploys starting", "#change starting", "step approve done attempt 1, by \"\", approved by Bob, ") {
		n := 0
		for _, line := range record {
			if strings.HasPrefix(line, post) {
				n++
			}
		}
		if n != 1 {
			w.t.Errorf("%s is there %d times, want once", post, n)
		}
	}
}

// same complains about what is in only one of two records.
func (w *binaryFixture) same(got, want []string) {
	w.t.Helper()
	if want == nil {
		w.t.Error("there is nothing to compare with: the undisturbed run has failed")
		return
	}
	missing, extra := minus(want, got), minus(got, want)
	if len(missing)+len(extra) > 0 {
		w.t.Errorf("after %d lives it is not as in an undisturbed run.\nmissing:\n\t%s\ntoo much:\n\t%s",
			w.lives, strings.Join(missing, "\n\t"), strings.Join(extra, "\n\t"))
	}
}

// minus is a without what is in b, each as often as it is there.
func minus(a, b []string) []string {
	rest := slices.Clone(b)
	var out []string
	for _, line := range a {
		if i := slices.Index(rest, line); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			out = append(out, line)
		}
	}
	return out
}
