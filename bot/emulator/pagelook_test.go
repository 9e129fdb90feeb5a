package emulator_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// aDay fills a workspace with what a day leaves behind: talk, cards, threads, reactions, files, whispers, edits.
func aDay(t *testing.T) *fixture {
	t.Helper()
	w := start(t, func(c *emulator.Config) {
		c.Team.Name = "Tangerine"
		c.Users = []emulator.User{{Name: "ana", RealName: "Ana Lima"}, {Name: "bob", RealName: "Bob Stone"}, {Name: "rosa", RealName: "Rosa Diaz"}}
		c.Channels = append(c.Channels, emulator.Channel{Name: "prod-support", Members: []string{"bob"}})
		c.Commands = append(c.Commands, emulator.Command{Name: "/oncall", Description: "Who is on call"})
		c.App.Shortcuts = []emulator.Shortcut{{Name: "Deploy a service", CallbackID: "deploy", Description: "Open the form"},
			{Name: "Show the audit trail", CallbackID: "audit", Message: true}}
	})
	id := w.ChannelID(deploys)
	post := func(user, words, thread string) string {
		t.Helper()
		ts, err := w.Post(user, deploys, words, thread)
		w.must(err)
		return ts
	}
	post("ana", "Good morning! I'd like to take *decanting-service* out today, see #general", "")
	post("ana", "`24-02-05.619-hotfix.627` fixes the rounding on receipts", "")
	asked := post("bob", "@ana is the change ticket approved? :eyes:", "")
	post("ana", "Yes, since this morning", asked)
	post("rosa", "I have just linked it", asked)
	section := func(words string) slack.Block { return slack.NewSectionBlock(mrkdwn(words), nil, nil) }
	approve := slack.NewButtonBlockElement("approve", "v", plain("Approve"))
	approve.Style = slack.StylePrimary
	_, card, err := w.api.PostMessage(id, slack.MsgOptionText("Deploy decanting-service", false), slack.MsgOptionBlocks(
		slack.NewHeaderBlock(plain("decanting-service to tangerine prod")),
		section("`24-02-01.602` → `24-02-05.619-hotfix.627`\nAsked by <@UANA>"),
		slack.NewDividerBlock(),
		section(":hourglass_flowing_sand: *Waiting for <@UBOB> or <@UROSA> to approve*"),
		slack.NewActionBlock("steps", approve, slack.NewButtonBlockElement("reject", "v", plain("Reject"))),
		slack.NewContextBlock("", mrkdwn("Step 2 of 9 · nothing has changed yet"))))
	w.must(err)
	_, _, _, err = w.api.UpdateMessage(id, card, slack.MsgOptionText("Deploy", false), slack.MsgOptionBlocks(
		slack.NewHeaderBlock(plain("decanting-service to tangerine prod")),
		section("`24-02-01.602` → `24-02-05.619-hotfix.627`\nAsked by <@UANA>"),
		slack.NewDividerBlock(),
		section(":hourglass_flowing_sand: *Waiting for <@UBOB> or <@UROSA> to approve*"),
		slack.NewActionBlock("steps", approve, slack.NewButtonBlockElement("reject", "v", plain("Reject"))),
		slack.NewContextBlock("", mrkdwn("Step 3 of 9 · nothing has changed yet"))))
	w.must(err)
	_, err = w.api.PostEphemeral(id, w.UserID("bob"), slack.MsgOptionText("You can approve this, since you are a *tech lead*.", false))
	w.must(err)
	upload(w, id, "latency.png", picture())
	upload(w, id, "rollout.csv", []byte("pod,version\na,1\n"))
	w.must(w.api.AddReaction("white_check_mark", slack.NewRefToMessage(id, card)))
	_, err = w.api.PublishView("UBOB", slack.HomeTabViewRequest{Type: slack.VTHomeTab,
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewHeaderBlock(plain("Waiting for you")),
			section("*decanting-service* in tangerine prod wants your approval."),
			slack.NewActionBlock("open", slack.NewButtonBlockElement("open", "v", plain("Open")))}}}, "")
	w.must(err)
	return w
}

// upload shares a file as the app does.
func upload(w *fixture, channel, name string, data []byte) {
	w.t.Helper()
	_, err := w.api.UploadFile(slack.UploadFileParameters{Channel: channel, Filename: name, Title: name, FileSize: len(data), Reader: bytes.NewReader(data)})
	w.must(err)
}

// picture is a small drawing: bars that rise.
func picture() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 480, 240))
	for x := range 480 {
		for y := range 240 {
			c := color.RGBA{245, 247, 250, 255}
			if x%48 > 8 && 240-y < 40+(x/48)*18 {
				c = color.RGBA{18, 100, 163, 255}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// TestPageCutsNothingOff shows the page to whoever keeps the pictures: in light and dark, on a desk and on a phone. On none of
// them anything is cut off.
func TestPageCutsNothingOff(t *testing.T) {
	chromium(t)
	w := aDay(t)
	b := browse(t, w, "bob")
	b.sees(saying("nothing has changed yet"))
	for _, dark := range []bool{false, true} {
		for _, width := range []int64{1280, 390} {
			name := map[bool]string{false: "light", true: "dark"}[dark] + "-" + strconv.FormatInt(width, 10)
			t.Run(name, func(t *testing.T) {
				b.t = t
				b.look(width, map[int64]int64{1280: 800, 390: 844}[width], dark)
				b.tour(name, width)
			})
		}
	}
}

// tour takes a picture of each place.
func (b *tab) tour(name string, width int64) {
	b.t.Helper()
	picture := func(what string) {
		b.t.Helper()
		b.picture("page-" + name + "-" + what)
		if wide := b.eval(`String(Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll(".scroller, #home, #sidebar nav")].map(n => n.scrollWidth - n.clientWidth + innerWidth)))`); wide != strconv.FormatInt(width, 10) {
			b.t.Errorf("%s is %s wide in a window of %d", what, wide, width)
		}
	}
	b.do("the newest is in sight", chromedp.Poll[chromedp.Void](`(() => {
		const s = document.querySelector(".scroller");
		return [...document.images].every(i => i.complete && i.naturalWidth) && s.scrollHeight - s.scrollTop - s.clientHeight < 2;
	})()`))
	picture("channel")
	b.eval(`document.querySelector(".scroller").scrollTop = 0`)
	picture("beginning")
	b.click(`//main//button[contains(., "2 replies")]`)
	b.sees(`//aside[@id="thread"]` + saying("I have just linked it"))
	picture("thread")
	b.press1("Close thread", "Back to the channel")
	b.write(messageBox, "/")
	b.sees(`//main//*[@role="option" and contains(., "Who is on call")]`)
	picture("commands")
	b.escape()
	b.clear()
	b.open("Stationmaster", width)
	b.sees(`//*[@id="home"]//*[contains(., "wants your approval")]`)
	picture("home")
	b.open(deploys, width)
	b.sees(saying("nothing has changed yet"))
}

// clear empties the message box.
func (b *tab) clear() {
	b.t.Helper()
	b.eval(`(() => { const box = document.querySelector("main textarea"); box.value = ""; box.dispatchEvent(new Event("input")); })()`)
}

// open goes to a conversation by the sidebar; on a phone that is behind a button.
func (b *tab) open(name string, width int64) {
	b.t.Helper()
	if width < 760 {
		b.click(`//button[@id="menu"]`)
	}
	b.click(`//nav//a[.//*[@class="name" and .="` + name + `"]]`)
}

// press1 presses the button of one of these labels that is in sight.
func (b *tab) press1(labels ...string) {
	b.t.Helper()
	for _, l := range labels {
		if b.eval(`String([...document.querySelectorAll("button")].some(b => b.ariaLabel === `+strconv.Quote(l)+` && b.checkVisibility()))`) == "true" {
			b.click(`//button[@aria-label="` + l + `"]`)
			return
		}
	}
	b.t.Errorf("no button %v is in sight", labels)
}

// A file goes to the page as itself, and to nobody as a page of its own.
func TestPageServesFilesAsThemselves(t *testing.T) {
	w := start(t)
	upload(w, w.ChannelID(deploys), "evil.html", []byte("<script>alert(1)</script>"))
	resp, err := http.Get(w.Messages(deploys)[0].Files[0].URLPrivate)
	w.must(err)
	resp.Body.Close()
	if csp := resp.Header.Get("Content-Security-Policy"); csp != "sandbox" {
		t.Errorf("Content-Security-Policy %q", csp)
	}
}
