package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardOf is the card of a deployment, as JSON.
func (r *fixture) cardOf(id string) string {
	r.t.Helper()
	r.delivered(id)
	d, err := r.engine.Load(r.ctx(), id)
	r.must(err)
	for _, m := range r.Messages(deploys) {
		if m.TS == d.Card.TS {
			return string(m.Blocks)
		}
	}
	r.t.Fatalf("%s has no card", id)
	return ""
}

// stop presses Stop on the card of a deployment.
func (r *fixture) stopsOnCard(user, id string) {
	r.t.Helper()
	said := r.types(user, "/deploy stop "+id)
	if strings.Contains(said, "⚠") {
		r.t.Fatal(said)
	}
}

func TestAPlaceThatIsTakenCanBeWaitedFor(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.types("ana", "/deploy web v2")
		r.card("Done")
		bottest.Contains(t, r.types("eve", "/deploy web v3"), "web in tangerine prod is being deployed by", "or wait until it is your turn: --wait")
		bottest.Contains(t, r.types("eve", "/deploy web v3 --wait --dry-run"), "*Now it would wait for its turn:*", "it waits for its turn, up to 12 h")
		if said := r.types("eve", "/deploy web v3 --wait"); said != "" {
			t.Errorf("it said %q", said)
		}
		bottest.Contains(t, r.cardOf("tangerine-2"), "*Waits for its turn: 2nd in the queue*, behind tangerine-1.", "First comes", "|tangerine-1", "web v2, Ana",
			"which waits for an answer to “Change control is followed”", "Nothing is touched yet.", `"Stop`)
		r.types("bob", "/deploy web v4 --wait")
		bottest.Contains(t, r.types("eve", "/deploy web v5"), "is being deployed by")
		bottest.Contains(t, r.types("ana", "/deploy status"), "3 are under way", "2nd in the queue*, behind tangerine-1",
			"*Queue for web in tangerine prod:* tangerine-1 (Ana, waits for an answer to “Change control is followed”), then tangerine-2 (eve, 2nd), then tangerine-3 (bob, 3rd)")
		bottest.Contains(t, r.types("eve", "/deploy web v3 --wait=2h"), "--wait takes no value")

		r.stopsOnCard("ana", "tangerine-1")
		r.eventually("the next one begins", func() bool {
			d, err := r.engine.Load(r.ctx(), "tangerine-2")
			return err == nil && d.Status == deployer.Running
		})
		r.eventually("whoever waited is called", func() bool {
			for _, m := range r.Messages(deploys) {
				if strings.Contains(m.Text, "web `v1` → `v3` in tangerine prod: <@"+r.UserID("eve")+">, your turn. It begins now.") {
					return true
				}
			}
			return false
		})
		bottest.Contains(t, r.cardOf("tangerine-2"), "Change control is followed")
		bottest.Contains(t, r.cardOf("tangerine-3"), "2nd in the queue*, behind tangerine-2.")
		r.stopsOnCard("bob", "tangerine-3")
		r.eventually("the card says that it is stopped", func() bool { return strings.Contains(r.cardOf("tangerine-3"), "topped") })
	})
}

// The form offers it where somebody is there, and not elsewhere.
func TestTheFormOffersToWait(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy web v2")
	r.card("Done")
	r.types("eve", "/deploy")
	r.chooses("eve", "service", "api")
	if strings.Contains(r.form("eve"), "Wait until it is free") {
		t.Error("nobody is there, and it can be waited for")
	}
	r.chooses("eve", "service", "web")
	r.eventually("it can be waited for", func() bool { return strings.Contains(r.form("eve"), "Wait until it is free") })
	invalid := r.sends("eve", map[string]any{"service": chosen("web"), "tag": typed("v3")})
	bottest.Contains(t, invalid["service"], "is being deployed by")
	ticked := map[string]any{"menu": map[string]any{"selected_options": []any{picked("true")}}}
	if invalid := r.sends("eve", map[string]any{"service": chosen("web"), "tag": typed("v3"), "wait": ticked}); len(invalid) > 0 {
		t.Fatalf("it was refused: %v", invalid)
	}
	bottest.Contains(t, r.form("eve"), "Start this?", "it waits for its turn")
	r.sends("eve", nil)
	if all := r.engine.all(); len(all) != 2 || !deployer.Queueing(all[1]) {
		t.Fatalf("it does not wait: %+v", all)
	}
	bottest.Contains(t, r.cardOf("tangerine-2"), "2nd in the queue")
}
