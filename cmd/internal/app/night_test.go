package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/cmd/internal/control"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store"
)

// atTerminal gives the user who runs the tests the place of somebody in Slack.
func atTerminal(person string) func(string) string {
	return func(text string) string {
		return text + "people: {U" + strings.ToUpper(person) + ": {login: \"" + strconv.Itoa(os.Getuid()) + "\"}}\n"
	}
}

// terminal asks the app at its socket.
func (tw *appFixture) terminal() control.Client {
	return control.Client{Path: filepath.Join(tw.dir, "stationmaster.db.sock")}
}

// at is a deployment as a terminal shows it, once it is so.
func (tw *appFixture) at(id, what string, so func(control.Detail) bool) (d control.Detail) {
	tw.t.Helper()
	var err error
	tw.eventually("at the terminal "+what, func() bool {
		d, err = tw.terminal().Show(tw.t.Context(), id)
		if err != nil {
			tw.t.Fatal(err)
		}
		return so(d)
	})
	return d
}

// acts answers at the terminal with the command that stands there.
func (tw *appFixture) acts(id, choice, step string) control.Done {
	tw.t.Helper()
	offers := func(c control.Choice) bool { return c.Choice == choice && c.Step == step }
	d := tw.at(id, "there is "+choice+" of "+step, func(d control.Detail) bool { return slices.ContainsFunc(d.Choices, offers) })
	c := d.Choices[slices.IndexFunc(d.Choices, offers)]
	fields := map[string]string{}
	for _, f := range c.Fields {
		if strings.HasPrefix(f.Name, "tick-") {
			fields[f.Name] = deployer.Ticked
		}
	}
	done, err := tw.terminal().Answer(tw.t.Context(), id, control.Answer{Choice: c.Choice, Step: c.Step, Item: c.Item, Seen: c.Seen, Fields: fields})
	if err != nil {
		tw.t.Fatalf("%s of %s: %v", choice, step, err)
	}
	return done
}

// is reports whether a step stands so.
func is(d control.Detail, step, state string) bool {
	return slices.ContainsFunc(d.Steps, func(s control.Step) bool { return s.ID == step && s.State == state })
}

// A night without Slack: it goes in the middle of a rollout and is away for an hour. The
// rollout is followed to its end, which is bad; somebody goes back from the terminal,
// and what is new waits though it was agreed there. When Slack is back its channels are
// told all of it, in order, each once.
func TestNightWithoutSlack(t *testing.T) {
	slowtest.Only(t, "a Slack that is away makes everybody wait longer and longer")
	t.Parallel()
	tw := newAppFixture(t, plan{config: atTerminal("bob")})
	tw.starts("bob", "/deploy api v2 --procedure short --input risk=low")
	tw.shows("It is agreed")
	tw.starts("ana", "/deploy web v3-crash")
	tw.shows("Everything is ready")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.eventually("the rollout has begun", func() bool { w := tw.runs("prod", "web"); return w.tag() == "v3-crash" })
	tw.slack.Inject(emulator.Fault{Method: "*", Status: 503, Count: 1 << 30})
	tw.slack.CutSockets()

	tw.at("tangerine-2", "the rollout has failed", func(d control.Detail) bool { return d.State == string(deployer.Deciding) })
	tw.ahead.Add(int64(time.Hour))
	d := tw.at("tangerine-2", "Slack is away", func(d control.Detail) bool { return !d.Here.SlackAway.IsZero() })
	if d.Here.ID != "UBOB" || d.Here.KnownAt.IsZero() {
		t.Errorf("it is taken for %+v", d.Here)
	}
	tw.acts("tangerine-1", "done", "agree")
	tw.acts("tangerine-2", "rollback", "rollout")
	tw.at("tangerine-2", "it is rolled back", func(d control.Detail) bool { return is(d, "rollback-pods", "done") })
	if w := tw.runs("prod", "web"); w.tag() != "v1" {
		t.Errorf("web runs %s", w.tag())
	}
	held := tw.at("tangerine-1", "what is new is held", func(d control.Detail) bool { return is(d, "rollout", "held") })
	if len(held.Waits) != 1 || !strings.Contains(held.Waits[0].What, "Slack has been out of reach since") {
		t.Errorf("it waits for %+v", held.Waits)
	}
	if w := tw.runs("prod", "api"); w.tag() != "v1" {
		t.Errorf("api runs %s, while Slack is away", w.tag())
	}

	tw.slack.ClearFaults()
	tw.acts("tangerine-2", "done", "aftermath")
	tw.eventually("what was held has gone on", func() bool { w := tw.runs("prod", "api"); return w.tag() == "v2" })
	tw.carries(map[string]int{
		deploys + " card": 2, deploys + " starting": 1, "change starting": 1, "change failed": 1, "support failed": 1,
		deploys + " rolled-back": 1, "change rolled-back": 1, "support rolled-back": 1, deploys + " complete": 0,
	})
	var order []string
	for _, m := range tw.slack.Messages("change") {
		order = append(order, m.Metadata.EventPayload["message"].(string))
	}
	if !slices.Equal(order, []string{"starting", "failed", "rolled-back"}) {
		t.Errorf("#change was told %v", order)
	}
	tw.eventually("its card shows the end", func() bool { return strings.Contains(tw.scene(), "Rolled back.") })
	tw.fromTerminal("tangerine-2", 2)
	tw.fromTerminal("tangerine-1", 1)
}

// fromTerminal wants so many orders in the record that came from a terminal. It ends
// the app.
func (tw *appFixture) fromTerminal(id string, want int) {
	tw.t.Helper()
	tw.stop()
	s, err := store.Open(tw.t.Context(), "bolt://"+filepath.Join(tw.dir, "stationmaster.db"))
	if err != nil {
		tw.t.Fatal(err)
	}
	defer s.Close()
	records, err := s.Trail(tw.t.Context(), id)
	if err != nil {
		tw.t.Fatal(err)
	}
	n := 0
	for _, r := range records {
		for _, e := range r.Events {
			if seen, ok := e.(deployer.OrderSeen); ok && seen.Via == deployer.ViaTerminal {
				if n++; seen.By.ID != "UBOB" {
					tw.t.Errorf("%s: %+v", id, seen)
				}
			}
		}
	}
	if n != want {
		tw.t.Errorf("%d orders of %s came from a terminal, want %d", n, id, want)
	}
}
