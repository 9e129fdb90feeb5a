package bot

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// A number is no identity. After a database was lost or put back, ids began again, and
// Stop on an old card stopped another service; Approve on one started somebody else's
// deployment; a form that was open rejected it.
func TestOldCardsDoNotActOnNewDeployments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ store, says string }{
		"lost":     {"new", "That card belongs to tangerine-1 of a database that is not this one. Nothing was done."},
		"put back": {"", "That card belongs to another deployment, which had the number tangerine-1 before the database was put back. Nothing was done."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newFixture(t)
			r.types("ana", "/deploy web v2")
			r.clicks("ana", "Done")
			old := r.card("Approve")
			r.clicks("rosa", "Reject")
			r.eventually("the form is open", func() bool { return len(r.Views("rosa")) > 0 })

			r.losesItsDatabase(c.store)
			r.types("ana", "/deploy api v3")
			r.eventually("its card is there", func() bool { return r.engine.all()[0].Card.TS != "" })
			fresh := r.engine.all()[0].Card.TS
			r.presses("ana", "Done", fresh)
			r.eventually("it waits for approval", func() bool { return r.engine.all()[0].Steps[1].Status == deployer.Active })
			before := r.engine.all()[0].Seq
			for _, button := range []string{"Approve", "Stop"} {
				r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", Channel: deploys, MessageTS: old.TS, Button: button}))
				r.hears("rosa", c.says)
			}
			bottest.Contains(t, r.because("rosa", "not today"), c.says)
			if d := r.engine.all()[0]; d.Seq != before || d.ID != "tangerine-1" {
				t.Errorf("%s went from %d to %d", d.ID, before, d.Seq)
			}
			r.presses("rosa", "Approve", fresh)
			r.eventually("its own card approves it", func() bool { return r.engine.all()[0].Steps[1].Status == deployer.Done })
		})
	}
}

// presses presses a button on a message, as soon as it is there.
func (r *fixture) presses(user, button, ts string) {
	r.t.Helper()
	_, err := r.WaitMessage(r.ctx(), deploys, func(m emulator.Message) bool {
		return m.TS == ts && strings.Contains(string(m.Blocks), `"`+button+`"`)
	})
	r.must(err)
	r.must(r.Act(r.ctx(), emulator.Action{User: user, Channel: deploys, MessageTS: ts, Button: button}))
}

// A button counts only where the deployment knows that it stands, and only if it is
// for this very deployment.
func TestButtonCountsOnlyOnACardOfItsDeployment(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Done")
	r.card("Approve")
	d := r.engine.all()[0]
	good := view.ButtonOf(d)
	good.Step, good.Attempt, good.Subject = "approve", 1, d.Subject().Hash()
	unmarked, other := good, good
	unmarked.Print, unmarked.Store = "", ""
	other.Deployment = "tangerine-7"
	for name, c := range map[string]struct {
		value view.ButtonValue
		says  string
	}{
		"of an earlier version": {unmarked, "It is drawn anew now: press it again in a moment."},
		"of nothing here":       {other, "That card belongs to tangerine-7 of a database that is not this one."},
		"on no card":            {good, "That is not the card of tangerine-1 any more, and nothing was done."},
	} {
		button := slack.NewButtonBlockElement(view.ActionApprove, c.value.Encode(), slack.NewTextBlockObject("plain_text", name, false, false))
		_, ts, err := r.bot.api.PostMessageContext(r.ctx(), d.Card.Channel, slack.MsgOptionText(name, false), slack.MsgOptionBlocks(slack.NewActionBlock("a", button)))
		r.must(err)
		r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", Channel: deploys, MessageTS: ts, Button: name}))
		r.hears("rosa", c.says)
	}
	if s := r.engine.all()[0].Steps[1].Status; s != deployer.Active {
		t.Errorf("the approval is %s", s)
	}
	r.types("rosa", "/deploy status tangerine-1")
	r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", Channel: deploys, MessageTS: last(r.Ephemerals("rosa")).TS, Button: "Approve"}))
	r.eventually("a copy of the card approves it", func() bool { return r.engine.all()[0].Steps[1].Status == deployer.Done })
}

func last[T any](of []T) T { return of[len(of)-1] }

// Whoever presses a button before it is written down that the card is there is heard:
// the answer to the post was lost.
func TestClickBeforeTheCardIsKnownCounts(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.Inject(emulator.Fault{Method: "chat.postMessage", Lost: true})
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Done")
	r.eventually("it is done", func() bool { return r.engine.all()[0].Steps[0].Status == deployer.Done })
}

// What a form remembers is checked as the click would be: a memo is not believed.
func TestFormsRememberWhereTheirButtonIs(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.types("ana", "/deploy web v2")
	r.clicks("ana", "Done")
	card := r.card("Reject")
	r.clicks("rosa", "Reject")
	r.eventually("the form is open", func() bool { return len(r.Views("rosa")) > 0 })
	var memo view.ButtonMemo
	r.must(json.Unmarshal([]byte(last(r.Views("rosa"))["private_metadata"].(string)), &memo))
	if memo.Message != card.TS || memo.Private || !strings.Contains(memo.Value, deployer.Fingerprint(r.engine.all()[0])) {
		t.Errorf("it remembers %+v", memo)
	}
	r.must(r.bot.counts(r.engine.all()[0], &request{channel: memo.Channel, message: memo.Message, button: view.ButtonOf(r.engine.all()[0])}))
	if err := r.bot.counts(r.engine.all()[0], &request{channel: memo.Channel, message: "1.1", button: view.ButtonOf(r.engine.all()[0])}); err == nil {
		t.Error("a message that the deployment does not know counts")
	}
}
