package emulator_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

const (
	jumpList = `//dialog[@open and @aria-label="Jump to a conversation"]`
	ctrl     = 2 // the modifier of a key
)

// jump opens the list of conversations and types a name into it.
func (b *tab) jump(name string) {
	b.t.Helper()
	b.chord("k", 75, ctrl)
	b.sees(jumpList)
	b.type1(name)
	b.sees(jumpList + `//*[@role="option" and @aria-selected="true"]`)
}

// TestPageJumpsByKeyboard: by keyboard alone to a channel, to a person whom one has not talked to, and on with the arrows.
func TestPageJumpsByKeyboard(t *testing.T) {
	chromium(t)
	w := start(t)
	alice := browse(t, w, "alice")
	bob := openTab(t, alice.ctx, w, "bob")
	alice.jump("gen")
	alice.enter()
	alice.sees(`//textarea[@aria-label="Message #general"]`)
	alice.jump("bo")
	alice.picture("page-jump")
	alice.enter()
	alice.until("the box has the focus", `document.activeElement.ariaLabel === "Message bob"`)
	alice.type1("between us")
	alice.enter()
	bob.sees(`//*[@class="toast" and contains(., "between us")]`) // which goes by itself: look at it first
	alice.sees(said("between us"))
	bob.sees(`//nav//a[contains(., "alice")]//*[@class="count" and .="1"]`)
	bob.click(`//nav//a[contains(., "alice")]`)
	bob.send(`//textarea[@aria-label="Message alice"]`, "and nobody else")
	alice.sees(said("and nobody else"))
	alice.picture("page-direct-message")
	// Nobody else sees it, nor does the app.
	var state struct{ Channels []struct{ ID string } }
	w.get("/page/state?user=UCAROL", &state)
	id, err := w.Direct("bob", "alice")
	w.must(err)
	for _, c := range state.Channels {
		if c.ID == id {
			t.Error("carol sees it")
		}
	}
	w.refuse([]refusal{
		{"conversations.history", []string{"channel", id}, "channel_not_found"},
		{"chat.postMessage", []string{"channel", id, "text", "x"}, "channel_not_found"},
	})
	alice.chord("ArrowDown", 40, 1) // Alt
	alice.sees(`//nav//a[@aria-current="page" and not(contains(., "bob"))]`)
	alice.chord("k", 75, ctrl)
	alice.sees(jumpList)
	alice.type1("no such place")
	alice.sees(jumpList + `//*[contains(., "nothing of that name")]`)
	alice.escape()
	alice.lost(jumpList)
}

// TestPageListsOnesThreads: the threads in which one has a part stand in one view, the newest first, and lead to where they are.
func TestPageListsOnesThreads(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "bob")
	root := func(user, channel, text string) string {
		ts, err := w.Post(user, channel, text, "")
		w.must(err)
		return ts
	}
	answer := func(user, channel, text, ts string) {
		_, err := w.Post(user, channel, text, ts)
		w.must(err)
	}
	b.click(`//nav//a[contains(., "Threads")]`)
	b.sees(`//main//h3[.="No threads yet"]`)
	theirs := root("alice", "general", "not for bob")
	answer("carol", "general", "indeed", theirs)
	own := root("bob", deploys, "who has the key?")
	for _, words := range []string{"not me", "nor me", "it is in the drawer", "which drawer?"} {
		answer("carol", deploys, words, own)
	}
	asked := root("alice", "general", "the plan")
	answer("alice", "general", "what do you say, @bob?", asked)
	one := `//section[@class="threads-one"]`
	b.sees(one + `[1][contains(., "what do you say")]`)
	b.sees(one + `[2][contains(., "who has the key?") and contains(., "which drawer?") and contains(., "Show 1 more reply") and contains(., "carol and you")]`)
	b.sees(`//nav//a[@aria-current="page" and contains(., "Threads")]//*[@class="count" and .="1"]`)
	b.picture("page-threads")
	if strings.Contains(b.eval(`document.getElementById("threads").innerText`), "not for bob") {
		t.Error("a thread without a part of bob's is among them")
	}
	answer("carol", deploys, "the upper one", own)
	b.sees(one + `[1][contains(., "the upper one")]`)
	b.click(one + `[1]//button[normalize-space()="Reply…"]`)
	b.sees(`//aside[@id="thread"]//article[contains(., "not me")]`)
	b.send(`//aside[@id="thread"]//textarea`, "found it")
	b.sees(`//aside[@id="thread"]//article[contains(., "found it")]`)
	b.look(390, 844, true)
	b.do("back to all", navigate(w.url+"/?user=UBOB&channel=threads"))
	b.sees(one + `[1][contains(., "found it")]`)
	b.picture("page-threads-phone")
}

// TestPageKeepsTheCaretAfterAForm: after a form was sent one goes on typing where one was. Chromium gives the focus back without a caret
// when the button that was pressed is no more.
func TestPageKeepsTheCaretAfterAForm(t *testing.T) {
	chromium(t)
	w := start(t)
	view := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("Order"), Submit: plain("Send"), Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewSectionBlock(mrkdwn("First a button"), nil, slack.NewAccessory(slack.NewButtonBlockElement("other", "x", plain("Other")))),
		slack.NewInputBlock("what", plain("What"), nil, slack.NewPlainTextInputBlockElement(nil, "text"))}}}
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		ack(c, e)
		if d, ok := e.Data.(slack.SlashCommand); ok {
			_, err := w.api.OpenView(d.TriggerID, view)
			w.must(err)
		}
	})
	b := browse(t, w, "alice")
	b.send(messageBox, "/deploy ")
	b.sees(openForm)
	b.type1("soup") // what is to be filled in has the focus, not the button above it
	b.press("Send")
	b.lost(openForm)
	b.until("the box has the focus and a caret", `document.activeElement === document.querySelector("main textarea") && Boolean(getSelection().anchorNode)`)
	b.type1("thanks")
	b.until("the words are in the box", `document.querySelector("main textarea").value === "thanks"`)
}

// TestPageRunsSlacksOwnCommands: Slack's own commands, as people know them.
func TestPageRunsSlacksOwnCommands(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "alice")
	b.write(messageBox, "/inv")
	b.sees(`//*[@role="option" and contains(., "/invite") and contains(., "Slack")]`)
	b.picture("page-own-command")
	b.tab()
	b.type1("@stationmaster ")
	b.enter()
	b.send(messageBox, "/topic All quiet ")
	b.sees(`//*[@id="topic" and .="All quiet"]`)
	b.send(messageBox, "/me waves ")
	b.sees(`//article//*[contains(@class, "me") and .="waves"]`)
}

// TestPageDrawsEmoji: those of Slack's own examples, the workspace's own, and marks within a link's words.
func TestPageDrawsEmoji(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) {
		c.Team.Emoji = map[string]string{"shipit": "https://emoji.example/shipit.png", "ship-it": "alias:shipit", "home": "alias:house"}
	})
	b := browse(t, w, "alice")
	_, _, err := w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionText("Welcome :house: :home: :ship-it: :nothing: <https://docs.slack.dev|*in the documentation*>", false))
	w.must(err)
	b.sees(said("Welcome") + `//a[@href="https://docs.slack.dev/"]/b[.="in the documentation"]`)
	b.sees(said("Welcome") + `//*[@title=":house:" and .="🏠"]`)
	b.sees(said("Welcome") + `//*[@aria-label="house emoji"][2]`)
	b.sees(said(":nothing:"))
	b.do("find the picture", chromedp.WaitReady(said("Welcome")+`//img[@title=":shipit:" and @src="https://emoji.example/shipit.png"]`))
}
