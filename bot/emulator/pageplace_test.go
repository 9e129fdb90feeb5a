package emulator_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// TestPageJoinsAndReadsChannels: one joins a channel, reads an archived one, and sees who is where.
func TestPageJoinsAndReadsChannels(t *testing.T) {
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
	w.Archive("old", false) // and all of it without reading the page again
	b.sees(`//textarea[@aria-label="Message #old"]`)
	w.must(w.RenameChannel("old", "young"))
	b.sees(`//nav//a[contains(., "young")]`)
}

// TestPageShowsMentionsElsewhere: who is mentioned elsewhere sees it, and a click leads there.
func TestPageShowsMentionsElsewhere(t *testing.T) {
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

// TestPageShowsFiles: a picture is shown, and in full when one asks; any other file is a card.
func TestPageShowsFiles(t *testing.T) {
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

// TestPageFollowsTheThemeUntilChosen: dark or light is the system's choice until one chooses, and then one's own.
func TestPageFollowsTheThemeUntilChosen(t *testing.T) {
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

// TestPageTabsTellTheApp: the app's tabs; opening them tells the app.
func TestPageTabsTellTheApp(t *testing.T) {
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

// TestPageFitsAPhone: conversations behind a button, threads over the whole screen, one person or another.
func TestPageFitsAPhone(t *testing.T) {
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

// TestPageTellsOfWhatIsNewBelow: who reads above is told of what is new below, and gets there with one click.
func TestPageTellsOfWhatIsNewBelow(t *testing.T) {
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

// TestPagePermalinksShowTheMessage: the address of a message shows it, here or in a window of its own.
func TestPagePermalinksShowTheMessage(t *testing.T) {
	chromium(t)
	w := start(t)
	first, err := w.Post("alice", deploys, "the very first", "")
	w.must(err)
	for i := range 40 {
		_, err := w.Post("alice", deploys, "message "+strconv.Itoa(i), "")
		w.must(err)
	}
	reply, err := w.Post("carol", deploys, "an answer", first)
	w.must(err)
	links := map[string]string{}
	for _, ts := range []string{first, reply} {
		links[ts], err = w.api.GetPermalink(&slack.PermalinkParameters{Channel: w.ChannelID(deploys), Ts: ts})
		w.must(err)
	}
	_, err = w.Post("alice", "general", "see "+links[first], "")
	w.must(err)
	b := browse(t, w, "bob")
	b.sees(said("message 39"))
	b.click(`//nav//a[contains(., "general")]`)
	b.click(said("see http") + `//a[contains(., "/archives/")]`)
	inSight := chromedp.Poll[chromedp.Void](`document.activeElement.matches("article") && document.activeElement.getBoundingClientRect().top > 40`)
	b.do("see the message", inSight)
	if f := b.eval(`document.activeElement.innerText`); !strings.Contains(f, "the very first") {
		t.Errorf("the link leads to %q", f)
	}
	b.do("open the other link", chromedp.Navigate(links[reply]))
	b.do("see the answer", inSight)
	if f := b.eval(`document.activeElement.innerText`); !strings.Contains(f, "an answer") {
		t.Errorf("the link leads to %q", f)
	}
}

// A reply that means somebody is marked at its message until they have looked.
func TestPageMarksFreshReplies(t *testing.T) {
	chromium(t)
	w := start(t)
	ts, err := w.Post("alice", deploys, "shall we?", "")
	w.must(err)
	b := browse(t, w, "bob")
	b.sees(said("shall we?"))
	_, err = w.Post("alice", deploys, "what do *you* think, @bob?", ts)
	w.must(err)
	b.sees(`//*[@class="toast" and contains(., "what do you think, @bob?")]`)
	b.sees(`//nav//a[contains(., "Threads")]//*[@class="count" and .="1"]`)
	b.picture("page-new-reply")
	b.click(`//main//button[contains(., "1 reply") and .//*[@class="fresh" and .="1 new"]]`)
	b.sees(`//aside[@id="thread"]` + saying("what do you think"))
	b.lost(`//*[@class="fresh"]`)
	b.lost(`//nav//*[@class="count"]`)
}

// TestPageUploadsForEverybody: a person's file is there for everybody.
func TestPageUploadsForEverybody(t *testing.T) {
	chromium(t)
	w := start(t)
	file := filepath.Join(t.TempDir(), "pods.csv")
	w.must(os.WriteFile(file, []byte("pod\na\n"), 0o600))
	alice := browse(t, w, "alice")
	bob := openTab(t, alice.ctx, w, "bob")
	bob.write(messageBox, "the pods")
	bob.click(`//main//button[@aria-label="Attach and shortcuts"]`)
	bob.click(menuItem("Upload from your computer"))
	bob.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"]`), []string{file}))
	alice.sees(said("the pods") + `//a[contains(., "pods.csv") and contains(., "CSV · 6 B")]`)
}

// TestPageBroadcastsAReply: an answer in a thread that is for the channel too.
func TestPageBroadcastsAReply(t *testing.T) {
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
