package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/trail"
)

// withShortcuts has the shortcuts of the manifest.
func withShortcuts(s *setup) {
	for _, sc := range shortcuts {
		s.slack.App.Shortcuts = append(s.slack.App.Shortcuts, emulator.Shortcut{
			Name: sc.name, CallbackID: sc.callback, Description: sc.description, Message: sc.kind == "message",
		})
	}
}

// modal waits for somebody's modal to say something.
func (r *fixture) modal(user, part string) emulator.View {
	r.t.Helper()
	var found emulator.View
	r.eventually(user+" sees "+part, func() bool {
		views := slices.DeleteFunc(r.Views(user), func(v emulator.View) bool { return v["type"] != "modal" })
		if len(views) > 0 {
			found = views[len(views)-1]
		}
		return strings.Contains(bottest.JSON(r.t, found), part)
	})
	return found
}

// From the card to the audit trail, whichever message of it was chosen.
func TestAnyMessageOfADeploymentOpensItsTrail(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toApproval()
		r.clicks("bob", "Approve")
		card := r.card("Stop")
		r.delivered("tangerine-1")
		choose := func(user, ts string) {
			t.Helper()
			r.must(r.Shortcut(r.ctx(), emulator.ShortcutUse{User: user, CallbackID: shortcutTrail, Channel: deploys, MessageTS: ts}))
		}
		choose("eve", card.TS)
		bottest.Contains(t, bottest.JSON(t, r.modal("eve", "Audit trail")), "tangerine-1", "Unbroken", "*Ana* `UANA` asked for web `v2`", "*Ana* `UANA` confirmed",
			"*bob* `UBOB`, as tech-lead, approved", "exactly `"+r.engine.all()[0].Subject().Hash(), "Slack took the message `card`")
		r.must(r.CloseView("eve", r.modal("eve", "Audit trail")["id"].(string), true))

		r.eventually("the thread has a note", func() bool { return len(r.Thread(deploys, card.TS)) > 1 })
		choose("eve", r.Thread(deploys, card.TS)[1].TS)
		bottest.Contains(t, bottest.JSON(t, r.modal("eve", "Unbroken")), "tangerine-1")
		r.must(r.CloseView("eve", r.modal("eve", "Unbroken")["id"].(string), true))

		ts, err := r.Post("ana", deploys, "hello", "")
		r.must(err)
		choose("eve", ts)
		r.modal("eve", "about no deployment of stationmaster")
	}, withShortcuts)
}

// A message of another database, in which the same number was given, opens no
// trail of ours.
func TestAMessageOfAnotherDatabaseOpensNoTrailOfOurs(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.engine.Store = "ours"
		r.types("ana", "/deploy web v2")
		r.card("Done")
		for store, part := range map[string]string{"theirs": "of another database", "ours": "Unbroken"} {
			_, ts, err := r.bot.api.PostMessageContext(r.ctx(), r.ChannelID(deploys), slack.MsgOptionText("A note", false),
				slack.MsgOptionMetadata(slack.SlackMetadata{EventType: outbox.EventType, EventPayload: map[string]any{"deployment": "tangerine-1", "store": store}}))
			r.must(err)
			r.must(r.Shortcut(r.ctx(), emulator.ShortcutUse{User: "eve", CallbackID: shortcutTrail, Channel: deploys, MessageTS: ts}))
			r.must(r.CloseView("eve", r.modal("eve", part)["id"].(string), true))
		}
	}, withShortcuts)
}

// A long trail is read page by page.
func TestLongTrailIsReadByPages(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toApproval()
		records, err := r.engine.Trail(r.ctx(), "tangerine-1")
		r.must(err)
		for range trail.PageMax {
			r.engine.AddRecord("tangerine-1", records[0])
		}
		r.must(r.Shortcut(r.ctx(), emulator.ShortcutUse{User: "eve", CallbackID: shortcutTrail, Channel: deploys, MessageTS: r.card("Approve").TS}))
		v := r.modal("eve", "Records 1 to 90")
		r.must(r.Act(r.ctx(), emulator.Action{User: "eve", ViewID: v["id"].(string), Button: "Newer"}))
		v = r.modal("eve", "Records 91 to")
		r.must(r.Act(r.ctx(), emulator.Action{User: "eve", ViewID: v["id"].(string), Button: "Older"}))
		r.modal("eve", "Records 1 to 90")
	}, withShortcuts)
}

// From anywhere to the form of a deployment: for whom is asked first, where
// that is not clear. A private channel is named to those who are in it.
func TestDeployShortcutAsksForWhomWhereThatIsNotClear(t *testing.T) {
	t.Parallel()
	everybody := func(s *setup) {
		for i, c := range s.slack.Channels {
			if c.Name == "quiet-deploys" {
				s.slack.Channels[i].Members = []string{"rosa"}
			}
		}
	}
	inBubble(t, func(t *testing.T, r *fixture) {
		use := func(user string) {
			r.must(r.Shortcut(r.ctx(), emulator.ShortcutUse{User: user, CallbackID: shortcutDeploy}))
		}
		use("ana")
		bottest.Contains(t, bottest.JSON(t, r.modal("ana", "Which service?")), `\"r\":\"tangerine\"`)

		use("rosa")
		v := r.modal("rosa", "For whom?")
		bottest.Contains(t, bottest.JSON(t, v), "Tangerine · #tangerine-deploys", "Quiet · #quiet-deploys")
		quiet := map[string]any{"value": r.ChannelID("quiet-deploys"), "text": map[string]any{"type": "plain_text", "text": "Quiet · #quiet-deploys"}}
		r.must(r.Act(r.ctx(), emulator.Action{User: "rosa", ViewID: v["id"].(string), BlockID: form.BlockWhere, ActionID: form.ActionWhere,
			Choice: map[string]any{"selected_option": quiet}}))
		bottest.Contains(t, bottest.JSON(t, r.modal("rosa", "Which service?")), `\"r\":\"quiet\"`)
		r.must(r.CloseView("rosa", r.modal("rosa", "Which service?")["id"].(string), true))

		use("rosa")
		v = r.modal("rosa", "For whom?")
		invalid, err := r.Submit(r.ctx(), "rosa", v["id"].(string), map[string]any{form.BlockWhere: map[string]any{form.ActionWhere: map[string]any{"selected_option": quiet}}})
		if err != nil || len(invalid) > 0 {
			t.Fatalf("Next: %v, %v", invalid, err)
		}
		bottest.Contains(t, bottest.JSON(t, r.modal("rosa", "Which service?")), `\"r\":\"quiet\"`)
	}, withShortcuts, everybody)
}

// Slow answers of Slack's do not eat up the three seconds of a trigger.
func TestSlowSlackDoesNotEatUpTheTrigger(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toApproval()
		r.Inject(emulator.Fault{Method: "conversations.replies", Delay: 20 * time.Second, Count: 9})
		r.must(r.Shortcut(r.ctx(), emulator.ShortcutUse{User: "eve", CallbackID: shortcutTrail, Channel: deploys, MessageTS: r.card("Approve").TS}))
		r.modal("eve", "does not show that message")
	}, withShortcuts)
}

// What a shortcut reads is read at the outbox's pace: while Slack has limited
// that, nothing is asked, and the person is told to try again.
func TestShortcutKeepsThePace(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *fixture) {
		r.toApproval()
		choose := func() {
			t.Helper()
			r.must(r.Shortcut(r.ctx(), emulator.ShortcutUse{User: "eve", CallbackID: shortcutTrail, Channel: deploys, MessageTS: r.card("Approve").TS}))
		}
		r.Inject(emulator.Fault{Method: "conversations.replies", Status: 429, RetryAfter: 60, Count: 1})
		choose()
		v := r.modal("eve", "does not show that message")
		r.must(r.CloseView("eve", v["id"].(string), true))
		asked := r.CallCount("conversations.replies")
		choose()
		r.modal("eve", "does not show that message")
		if n := r.CallCount("conversations.replies"); n != asked {
			t.Errorf("Slack was asked %d times more, although it wants a pause", n-asked)
		}
	}, withShortcuts)
}
