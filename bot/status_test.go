package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestStatusShowsButtonsToThoseWhoMayPressThem(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		bottest.Contains(t, r.types("ana", "/deploy status"), "Nothing is under way for tangerine")
		r.types("ana", "/deploy web v2")
		r.card("Done")

		// One: its card, with buttons that work, and a copy that goes away.
		r.types("ana", "/deploy status")
		list := r.Ephemerals("ana")
		m := list[len(list)-1]
		bottest.Contains(t, string(m.Blocks), `"Done"`)
		r.must(r.Act(r.ctx(), emulator.Action{User: "ana", Channel: deploys, MessageTS: m.TS, Button: "Done"}))
		if s := r.engine.all()[0].Step("ready"); s.Status != deployer.Done {
			t.Errorf("the step is %s", s.Status)
		}
		r.eventually("the copy is gone", func() bool {
			for _, e := range r.Ephemerals("ana") {
				if e.TS == m.TS {
					return false
				}
			}
			return true
		})

		r.delivered("tangerine-1")

		// Several: a line each, and how to get the buttons.
		r.types("eve", "/deploy api v2 --env staging")
		bottest.Contains(t, r.types("ana", "/deploy status"), "2 are under way", "|tangerine-1>", "Waiting for bob or rosa to approve",
			"tangerine-2", "*api* · tangerine staging", "/deploy status tangerine-1")
		list = r.Ephemerals("ana")
		if strings.Contains(string(list[len(list)-1].Blocks), `"approve"`) {
			t.Error("ana may not approve, and has the button")
		}

		// What waits for whoever asks has its buttons in the list.
		r.types("bob", "/deploy status")
		list = r.Ephemerals("bob")
		m = list[len(list)-1]
		r.must(r.Act(r.ctx(), emulator.Action{User: "bob", Channel: deploys, MessageTS: m.TS, Button: "Approve"}))
		if n := r.approvals(); n != 1 {
			t.Errorf("%d approvals", n)
		}
		r.types("ana", "/deploy status --env staging")
		list = r.Ephemerals("ana")
		bottest.Contains(t, string(list[len(list)-1].Blocks), "tangerine-2")
		bottest.Contains(t, r.types("ana", "/deploy status tangerine-7"), "There is no deployment", "tangerine-1 and tangerine-2")
	})
}

// delivered waits until it is written down where a deployment's card is.
func (r *fixture) delivered(id string) {
	r.t.Helper()
	r.eventually("the card of "+id+" has its place", func() bool {
		d, err := r.engine.Load(r.ctx(), id)
		return err == nil && d.Card.TS != ""
	})
}
