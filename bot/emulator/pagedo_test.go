package emulator_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// said is the message that holds these words.
func said(words string) string { return `//main//article[contains(., "` + words + `")]` }

// hover moves the mouse over an element.
func (b *tab) hover(xpath string) {
	b.t.Helper()
	b.sees(xpath)
	at := strings.Split(b.eval(`(() => {
		const n = document.evaluate(`+strconv.Quote(xpath)+`, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue;
		n.scrollIntoView({ block: "center" });
		const r = n.getBoundingClientRect();
		return (r.x + r.width / 2) + " " + (r.y + r.height / 2);
	})()`), " ")
	x, _ := strconv.ParseFloat(at[0], 64) // the page's own numbers
	y, _ := strconv.ParseFloat(at[1], 64)
	b.do("hover over "+xpath, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
}

// tool presses a button of the bar over a message.
func (b *tab) tool(message, name string) {
	b.t.Helper()
	b.hover(message)
	b.click(`//*[@role="toolbar" and @aria-label="Message actions"]//button[@aria-label="` + name + `"]`)
}

func entry(name string) string { return `//*[@role="menuitem" and contains(., "` + name + `")]` }

func (b *tab) focus() string {
	b.t.Helper()
	return b.eval(`(() => { const n = document.activeElement; return n.ariaLabel || n.textContent.trim() || n.tagName; })()`)
}

// up, down and so on are the keys of somebody without a mouse.
func (b *tab) up()   { b.t.Helper(); b.key("ArrowUp", 38) }
func (b *tab) down() { b.t.Helper(); b.key("ArrowDown", 40) }

// type1 types into whatever has the focus.
func (b *tab) type1(words string) {
	b.t.Helper()
	b.do("type "+words, chromedp.KeyEvent(words))
}

// TestPageMessages: what people do with a message by mouse, and what others see of it.
func TestPageMessages(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) {
		c.App.Shortcuts = []emulator.Shortcut{{Name: "Show the audit trail", CallbackID: "audit", Message: true}}
	})
	alice := browse(t, w, "alice")
	bob := openTab(t, alice.ctx, w, "bob")
	alice.send(messageBox, "the frist of many, @bob ")
	bob.hover(said("frist"))
	bob.tool(said("frist"), "More actions")
	bob.sees(entry("Show the audit trail"))
	bob.picture("page-menu-of-a-message")
	if strings.Contains(bob.eval(`document.querySelector("[role=menu]").innerText`), "Edit") {
		t.Error("bob may edit what alice wrote")
	}
	bob.escape()

	alice.tool(said("frist"), "More actions")
	alice.click(entry("Edit message"))
	if got := alice.eval(`document.querySelector(".editing textarea").value`); got != "the frist of many, @bob" {
		t.Errorf("the editor holds %q", got)
	}
	alice.picture("page-edit")
	alice.do("mend it", chromedp.SetValue(chromedp.CSS(".editing textarea"), "the first of many, @bob"))
	alice.press("Save")
	bob.sees(said("the first of many") + `//*[.="(edited)"]`)
	bob.sees(said("the first of many") + `//*[contains(@class, "mention") and .="@bob"]`)

	alice.tool(said("the first"), "Completed")
	chip := said("the first") + `//button[contains(@class, "reaction") and starts-with(@aria-label, "white check mark")]`
	bob.sees(chip + `[contains(., "1")]`)
	bob.click(chip)
	alice.sees(chip + `[contains(., "2")]`)
	bob.click(chip)
	alice.sees(chip + `[contains(., "1")]`)
	bob.tool(said("the first"), "Add reaction…")
	bob.sees(`//*[@role="dialog" and @aria-label="Emoji"]`)
	bob.picture("page-emoji")
	bob.type1("rock")
	bob.enter()
	alice.sees(said("the first") + `//button[starts-with(@aria-label, "rocket")]`)

	alice.tool(said("the first"), "More actions")
	alice.click(entry("Delete message…"))
	alice.sees(`//dialog[@open]//*[contains(., "This cannot be undone")]`)
	alice.picture("page-delete")
	alice.click(`//dialog[@open]//button[normalize-space()="Delete"]`)
	bob.lost(said("the first"))
	if left := w.Messages(deploys); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// Nobody changes what somebody else wrote, whatever their page says.
func TestPageKeepsHandsOff(t *testing.T) {
	w := start(t)
	ts, err := w.Post("alice", deploys, "mine", "")
	w.must(err)
	for _, path := range []string{"/page/edit", "/page/delete"} {
		var out outcome
		if w.ask(path, o{"user": "UBOB", "channel": deploys, "ts": ts, "text": "not mine"}, &out); out.OK || !strings.Contains(out.Error, "your own") {
			t.Errorf("%s: %+v", path, out)
		}
	}
	if m := w.Messages(deploys)[0]; m.Text != "mine" {
		t.Errorf("the message now says %q", m.Text)
	}
}

// TestPageShortcuts: the app's shortcuts are where Slack has them, and open its forms.
func TestPageShortcuts(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) {
		c.App.Shortcuts = []emulator.Shortcut{{Name: "Deploy a service", CallbackID: "deploy"}, {Name: "Show the audit trail", CallbackID: "audit", Message: true}}
	})
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		d := e.Data.(slack.InteractionCallback)
		ack(c, e)
		if d.Type == slack.InteractionTypeViewClosed {
			return
		}
		view := form()
		view.Title.Text = map[string]string{"deploy": "Deploy", "audit": "Audit trail"}[d.CallbackID]
		if d.CallbackID == "audit" && d.Message.Text != "look at this" {
			t.Errorf("the shortcut came with the message %q", d.Message.Text)
		}
		_, err := w.api.OpenView(d.TriggerID, view)
		w.must(err)
	})
	b := browse(t, w, "bob")
	b.send(messageBox, "look at this")
	b.tool(said("look at this"), "More actions")
	b.click(entry("Show the audit trail"))
	b.sees(openForm + `//h2[.="Audit trail"]`)
	b.escape()
	b.lost(openForm)
	b.click(`//main//button[@aria-label="Attach and shortcuts"]`)
	b.picture("page-shortcuts")
	b.click(entry("Deploy a service"))
	b.sees(openForm + `//h2[.="Deploy"]`)
}

// TestPageKeyboard does without a mouse what one does most.
func TestPageKeyboard(t *testing.T) {
	chromium(t)
	w := start(t)
	ts, err := w.Post("alice", deploys, "shall we?", "")
	w.must(err)
	b := browse(t, w, "bob")
	b.sees(said("shall we?"))
	b.send(messageBox, "yes, lets")
	b.sees(said("yes, lets"))
	b.up() // an empty box edits the last message
	b.sees(`//textarea[@aria-label="Edit message"]`)
	b.escape()
	b.lost(`//textarea[@aria-label="Edit message"]`)
	if f := b.focus(); f != "Message #"+deploys {
		t.Errorf("the focus is at %s after an edit, want the message box", f)
	}
	b.up()
	b.sees(`//textarea[@aria-label="Edit message"]`)
	b.type1("!")
	b.enter()
	b.sees(said("yes, lets!") + `//*[.="(edited)"]`)

	b.do("go to the messages", chromedp.Focus(`//main//*[@class="scroller"]`))
	b.up()
	b.up()
	if f := b.focus(); !strings.HasPrefix(f, "alice,") {
		t.Errorf("two up among the messages lead to %s", f)
	}
	b.picture("page-keyboard")
	b.type1("t")
	b.sees(`//aside[@id="thread" and not(@hidden)]//textarea`)
	b.send(`//aside[@id="thread"]//textarea`, "in the thread")
	b.sees(`//aside[@id="thread"]` + saying("in the thread"))
	b.escape()
	b.lost(`//aside[@id="thread" and not(@hidden)]`)
	if f := b.focus(); !strings.HasPrefix(f, "alice,") {
		t.Errorf("the focus is at %s after the thread, want where it was", f)
	}
	if n := len(w.Thread(deploys, ts)); n != 1 {
		t.Errorf("%d answers, want 1", n)
	}
	b.click(`//main//button[@aria-label="Attach and shortcuts"]`)
	b.down()
	if f := b.focus(); !strings.HasPrefix(f, "Mention someone") {
		t.Errorf("down in the menu leads to %s", f)
	}
	b.enter()
	b.sees(`//main//*[@role="option" and contains(., "carol")]`)
	b.type1("car")
	b.tab()
	if got := b.eval(`document.querySelector("main textarea").value`); got != "@carol " {
		t.Errorf("the box holds %q, want the completed name", got)
	}
	b.clear()
	b.write(messageBox, "see #gen")
	b.enter()
	if got := b.eval(`document.querySelector("main textarea").value`); got != "see #general " {
		t.Errorf("the box holds %q, want the completed channel", got)
	}
	b.clear()
	b.write(messageBox, ":roc")
	b.enter()
	if got := b.eval(`document.querySelector("main textarea").value`); got != ":rocket: " {
		t.Errorf("the box holds %q, want the completed emoji", got)
	}
}

// TestPageChannels: one joins a channel, reads an archived one, and sees who is where.
func TestPageChannels(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) {
		c.Channels = append(c.Channels, emulator.Channel{Name: "lounge", Members: []string{"alice"}})
	})
	b := browse(t, w, "bob")
	b.click(`//nav//a[contains(., "lounge")]`)
	b.sees(`//main//*[contains(., "You are not in this channel.")]`)
	b.picture("page-join")
	b.press("Join channel")
	b.send(`//textarea[@aria-label="Message #lounge"]`, "hello from bob")
	b.sees(said("hello from bob"))
	b.click(`//button[@id="members"]`)
	b.sees(`//*[@role="dialog" and contains(@aria-label, "Members of #lounge")]//li[contains(., "alice")]`)
	b.picture("page-members")
	b.escape()
	b.lost(`//*[@role="dialog" and contains(@aria-label, "Members")]`)
	b.press("Archived")
	b.click(`//nav//a[contains(., "old")]`)
	b.sees(`//main//*[contains(., "an archived channel.")]`)
	b.picture("page-archived")
}

// TestPageMentions: who is mentioned elsewhere sees it, and a click leads there.
func TestPageMentions(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "bob")
	_, err := w.Post("alice", "general", "nothing for bob in here", "")
	w.must(err)
	b.sees(`//nav//a[contains(@class, "unread") and contains(., "general") and not(.//*[@class="count"])]`)
	for _, words := range []string{"can you look, @bob?", "and the @tech-leads too"} {
		_, err := w.Post("alice", "general", words, "")
		w.must(err)
	}
	b.sees(`//nav//a[contains(., "general")]//*[@class="count" and .="2"]`)
	b.sees(`//*[@class="toast" and contains(., "alice in #general") and contains(., "can you look, @bob?")]`)
	b.picture("page-mention")
	b.do("read the page again", chromedp.Reload())
	b.sees(`//nav//a[contains(., "general")]//*[@class="count" and .="2"]`) // the server counts as the page does
	_, err = w.Post("alice", "general", "@bob hello?", "")
	w.must(err)
	b.click(`//*[@class="toast"]//button[contains(., "hello?")]`)
	b.sees(said("@bob hello?"))
	b.sees(`//main//*[contains(@aria-label, "new messages")]`)
	b.lost(`//nav//a[contains(., "general")]//*[@class="count"]`)
}

// TestPageFiles: a picture is shown, and in full when one asks; any other file is a card.
func TestPageFiles(t *testing.T) {
	chromium(t)
	w := start(t)
	upload(w, w.ChannelID(deploys), "latency.png", picture())
	upload(w, w.ChannelID(deploys), "pods.csv", []byte("pod\na\n"))
	b := browse(t, w, "bob")
	b.sees(`//a[contains(., "pods.csv") and contains(., "CSV · 6 B")]`)
	b.click(`//button[@aria-label="View latency.png"]`)
	b.sees(`//dialog[@open]//img`)
	b.picture("page-lightbox")
	b.escape()
	b.lost(`//dialog[@open]`)
	if f := b.focus(); f != "View latency.png" {
		t.Errorf("the focus is at %s after the picture", f)
	}
}

// TestPageTheme: dark or light is the system's choice until one chooses, and then one's own.
func TestPageTheme(t *testing.T) {
	chromium(t)
	b := browse(t, start(t), "bob")
	const page = `getComputedStyle(document.getElementById("main")).backgroundColor`
	const light, dark = "rgb(255, 255, 255)", "rgb(26, 29, 33)"
	want := func(when, colour string) {
		t.Helper()
		if got := b.eval(page); got != colour {
			t.Errorf("%s the page is %s, want %s", when, got, colour)
		}
	}
	b.look(1280, 800, false)
	want("in a light system", light)
	b.look(1280, 800, true)
	want("in a dark system", dark)
	b.click(`//button[@aria-label="Switch to light"]`)
	want("after the switch", light)
	b.do("read the page again", chromedp.Reload())
	b.sees(`//button[@aria-label="Switch to dark"]`)
	want("next time", light)
	b.click(`//button[@aria-label="Switch to dark"]`)
	b.look(1280, 800, false)
	want("switched back, so as the system again", light)
}

// TestPageHome: the app's tabs; opening them tells the app.
func TestPageHome(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) {
		c.App.Events = []string{"app_home_opened"}
		c.App.Shortcuts = []emulator.Shortcut{{Name: "Deploy a service", CallbackID: "deploy", Description: "Opens the form"}}
	})
	tabs := make(chan string, 10)
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		ack(c, e)
		if opened, ok := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.AppHomeOpenedEvent); ok {
			tabs <- opened.Tab
		}
	})
	b := browse(t, w, "bob")
	b.click(`//nav//a[contains(., "Stationmaster")]`)
	b.sees(`//*[@id="home"]//*[contains(., "shows nothing here yet")]`)
	if tab := <-tabs; tab != "home" {
		t.Errorf("the app hears of the tab %s", tab)
	}
	_, err := w.api.PublishView("UBOB", slack.HomeTabViewRequest{Type: slack.VTHomeTab,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(mrkdwn("*Nothing* waits for you."), nil, nil)}}}, "")
	w.must(err)
	b.sees(`//*[@id="home"]//b[.="Nothing"]`)
	b.click(`//*[@role="tab" and .="About"]`)
	b.sees(`//*[@id="home"]//li[contains(., "/deploy") and contains(., "SERVICE TAG")]`)
	b.sees(`//*[@id="home"]//li[contains(., "Deploy a service")]`)
	b.picture("page-about")
	b.click(`//*[@role="tab" and .="Messages"]`)
	b.send(`//textarea[@aria-label="Message Stationmaster"]`, "are you there?")
	b.sees(said("are you there?"))
	for tab := range tabs {
		if tab == "messages" {
			break
		}
	}
}

// TestPageOnAPhone: conversations behind a button, threads over the whole screen, one person or another.
func TestPageOnAPhone(t *testing.T) {
	chromium(t)
	w := start(t)
	_, err := w.Post("alice", deploys, "shall we?", "")
	w.must(err)
	b := browse(t, w, "bob")
	b.look(390, 844, false)
	b.click(`//button[@id="menu"]`)
	b.sees(`//nav//a[contains(., "general")]`)
	b.picture("page-drawer")
	b.escape()
	if f := b.focus(); f != "Conversations" {
		t.Errorf("the focus is at %s after the drawer", f)
	}
	b.click(`//button[@id="who"]`)
	b.click(`//button[@aria-label="Switch to carol"]`)
	b.do("be somebody else", chromedp.Poll[chromedp.Void](`location.search.includes("user=UCAROL") && !document.querySelector(".with-drawer")`))
	b.click(said("shall we?") + `//*[@class="text"]`) // a tap shows what one can do
	b.click(`//button[@aria-label="Reply in thread"]`)
	b.send(`//aside[@id="thread"]//textarea`, "from a phone")
	b.sees(`//aside[@id="thread"]` + saying("from a phone"))
	b.picture("page-thread-on-a-phone")
	b.click(`//button[@aria-label="Back to the channel"]`)
	b.sees(`//main//button[contains(., "1 reply")]`)
	if wide := b.eval(`String(document.documentElement.scrollWidth)`); wide != "390" {
		t.Errorf("the page is %s wide", wide)
	}
}

// TestPageJumps: who reads above is told of what is new below, and gets there with one click.
func TestPageJumps(t *testing.T) {
	chromium(t)
	w := start(t)
	for i := range 60 {
		_, err := w.Post("alice", deploys, "message "+strconv.Itoa(i), "")
		w.must(err)
	}
	b := browse(t, w, "bob")
	b.sees(said("message 59"))
	b.eval(`document.querySelector(".scroller").scrollTop = 0`)
	b.sees(labelled("Jump to latest"))
	_, err := w.Post("alice", deploys, "message 60", "")
	w.must(err)
	b.sees(labelled("1 new message"))
	b.press("1 new message")
	b.lost(labelled("1 new message") + `[not(@hidden)]`)
	b.do("be at the end", chromedp.Poll[chromedp.Void](`(() => { const s = document.querySelector(".scroller"); return s.scrollHeight - s.scrollTop - s.clientHeight < 2; })()`))
}

// TestPageBroadcast: an answer in a thread that is for the channel too.
func TestPageBroadcast(t *testing.T) {
	chromium(t)
	w := start(t)
	ts, err := w.Post("alice", deploys, "shall we?", "")
	w.must(err)
	_, err = w.Post("alice", deploys, "anyone?", ts)
	w.must(err)
	b := browse(t, w, "bob")
	b.click(`//button[contains(., "1 reply")]`)
	b.click(`//aside[@id="thread"]//label[contains(., "Also send to")]`)
	b.send(`//aside[@id="thread"]//textarea`, "all should know")
	b.sees(said("all should know") + `//*[contains(., "replied to a thread")]`)
	b.sees(`//aside[@id="thread"]` + saying("all should know"))
}
