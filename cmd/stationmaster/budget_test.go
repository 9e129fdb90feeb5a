package main_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// What an ordinary deployment may cost people: taps, and messages in the channel. All of it is counted where it
// happens, at the local Slack that the binary talks to.
func TestDeploymentCostsFewTapsAndMessages(t *testing.T) {
	t.Parallel()
	high := "/deploy web v2 --input risk=high --input downtime=yes"
	for _, s := range []struct {
		scenario
		most int // taps of whoever asks
	}{
		{upgrade, 3},
		{scenario{"two services", "/deploy web v2 api v2", []string{"api", "web"}, upgrade.answers, deployer.Complete}, 3},
		{scenario{"high risk", high, []string{"web"}, upgrade.answers, deployer.Complete}, 6},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := newBinaryFixture(t, simulated(t), nil)
			w.begin()
			w.typed("ana", s.text)
			taps := map[string]int{}
			for _, label := range []string{"Done", "Approve", "Done", "Done"} {
				w.tapped(s.answers[label], label, taps)
			}
			w.close(s.ends)

			if taps["ana"] > s.most || taps["bob"] > 1 {
				t.Errorf("it took %v taps; at most %d of whoever asks, and 1 of whoever approves", taps, s.most)
			}
			for channel, want := range map[string][]string{
				deploys: {deployer.MessageCard, "starting", "complete"}, "change": {"starting", "complete"}, "support": nil,
			} {
				if got := w.kinds(channel); !slices.Equal(got, want) {
					t.Errorf("#%s holds %q, want %q", channel, got, want)
				}
			}
			w.called(t)
		})
	}
}

// tapped presses a button once it asks something new, and counts what that takes: the button with the form that it
// opens, the question whether one is sure, and a form that is left open.
func (w *binaryFixture) tapped(who, label string, taps map[string]int) {
	w.t.Helper()
	w.eventually(label+" is on the card", func() bool { return w.card() != nil && w.question(label) != "" })
	before := w.question(label)
	w.press(who, label)
	taps[who]++
	if strings.Contains(before, `"confirm"`) {
		taps[who]++
	}
	taps[who] += len(w.slack.Views(who))
	w.eventually("the button is gone, or asks something else", func() bool { return w.question(label) != before })
}

// question is the whole button with that label, as it is on the card; "" if there is none.
func (w *binaryFixture) question(label string) string {
	w.t.Helper()
	var blocks []struct{ Elements []json.RawMessage }
	if err := json.Unmarshal(w.card().Blocks, &blocks); err != nil {
		w.t.Fatal(err)
	}
	for _, b := range blocks {
		for _, e := range b.Elements {
			var element struct {
				Type string
				Text struct{ Text string }
			}
			if json.Unmarshal(e, &element) == nil && element.Type == "button" && element.Text.Text == label {
				return string(e)
			}
		}
	}
	return ""
}

// kinds are the messages of a channel, in order, threads aside.
func (w *binaryFixture) kinds(channel string) []string {
	var out []string
	for _, m := range w.slack.Messages(channel) {
		if m.ThreadTS == "" || m.ThreadTS == m.TS {
			out = append(out, kindOf(m))
		}
	}
	return out
}

// called: whoever is newly awaited gets a new message that mentions them, since an edit notifies nobody.
func (w *binaryFixture) called(t *testing.T) {
	asks := 0
	for _, m := range w.slack.Messages(deploys) {
		if kindOf(m) == deployer.MessageAsk && strings.Contains(m.Text, "approve") {
			asks++
			if m.ThreadTS == "" || !strings.Contains(m.Text, "<!subteam^") && !strings.Contains(m.Text, "<@") {
				t.Errorf("the call for an approval mentions nobody, or is not in the thread: %s", m.Text)
			}
		}
	}
	if asks != 1 {
		t.Errorf("%d calls for an approval, want 1", asks)
	}
}
