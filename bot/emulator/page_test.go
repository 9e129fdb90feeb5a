package emulator_test

import (
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

const (
	messageBox  = `//main//textarea`
	openForm    = `//dialog[@role="dialog" and @open]`
	reasonField = openForm + `//*[@data-block="reason"]`
)

// pageApp is an app with a card, a form that wants a reason of more than three letters, and a button it never answers.
type pageApp struct{ w *fixture }

func (p *pageApp) handle(c *socketmode.Client, e socketmode.Event) {
	api, channel := p.w.api, p.w.ChannelID(deploys)
	switch d := e.Data.(type) {
	case slack.SlashCommand:
		ack(c, e, map[string]any{"text": "On it, <@" + d.UserID + ">"})
		card := []slack.Block{slack.NewSectionBlock(mrkdwn("*web* `"+d.Text+"`"), nil, nil),
			slack.NewActionBlock("steps", slack.NewButtonBlockElement("approve", "v1", plain("Approve")),
				slack.NewButtonBlockElement("silent", "v1", plain("Say nothing")))}
		_, _, err := api.PostMessage(channel, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(card...))
		p.w.must(err)
	case slack.InteractionCallback:
		p.interaction(c, e, d)
	}
}

func (p *pageApp) interaction(c *socketmode.Client, e socketmode.Event, d slack.InteractionCallback) {
	switch {
	case d.Type == slack.InteractionTypeViewSubmission && len(d.View.State.Values["reason"]["text"].Value) <= 3:
		ack(c, e, slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "More than that, please."}))
	case d.Type == slack.InteractionTypeViewSubmission:
		ack(c, e)
		v := d.View.State.Values
		words := "Approved: " + v["reason"]["text"].Value + ", risk " + v["risk"]["risk"].SelectedOption.Value
		_, _, _, err := p.w.api.UpdateMessage(p.w.ChannelID(deploys), d.View.PrivateMetadata, slack.MsgOptionText(words, false),
			slack.MsgOptionBlocks(slack.NewSectionBlock(mrkdwn(words), nil, nil)))
		p.w.must(err)
	case d.Type == slack.InteractionTypeBlockActions && d.ActionCallback.BlockActions[0].ActionID == "approve":
		ack(c, e)
		view := form()
		view.PrivateMetadata = d.Container.MessageTs
		_, err := p.w.api.OpenView(d.TriggerID, view)
		p.w.must(err)
	}
}

// pageTest is two people in two windows, and the app.
type pageTest struct {
	w          *fixture
	alice, bob *tab
}

// TestPageIsUsableThroughout clicks through the page. The parts follow on one another.
func TestPageIsUsableThroughout(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) { c.Timing.Ack = 10 * time.Second }) // a busy machine is no silent app
	w.app((&pageApp{w}).handle)
	alice := browse(t, w, "alice")
	p := &pageTest{w: w, alice: alice, bob: openTab(t, alice.ctx, w, "bob")}
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"text is never markup", p.neverMarkup},
		{"a command is completed and answered", p.command},
		{"a form is refused, kept, closed and sent", p.form},
		{"a button without an answer says so", p.silence},
		{"threads", p.threads},
		{"one person becomes another", p.become},
		{"refusals come back with the text", p.refusal},
	} {
		t.Run(part.name, func(t *testing.T) {
			p.alice.t, p.bob.t = t, t
			part.run(t)
		})
	}
}

func (p *pageTest) neverMarkup(t *testing.T) {
	alice, bob := p.alice, p.bob
	alice.send(messageBox, `<script>window.pwned=1</script><img src=x onerror='window.pwned=1'> & *bold* @bob`+" ")
	for _, b := range []*tab{alice, bob} {
		b.sees(`//article//b[.="bold"]`)
		b.sees(saying(`<script>window.pwned=1</script><img src=x onerror='window.pwned=1'> &`))
		if n := b.eval(`document.querySelectorAll("article script, article img").length + String(window.pwned)`); n != "0undefined" {
			t.Errorf("markup came through: %s", n)
		}
	}
	bob.sees(`//article//*[contains(@class, "mention") and contains(@class, "me") and .="@bob"]`)
	if got := alice.eval(`document.querySelector("main textarea").value`); got != "" {
		t.Errorf("the box still holds %q after sending", got)
	}
}

func (p *pageTest) command(t *testing.T) {
	alice, bob := p.alice, p.bob
	alice.write(messageBox, "/dep")
	alice.sees(`//*[@role="option" and contains(., "SERVICE TAG")]`)
	alice.tab()
	alice.send(messageBox, "v2")
	alice.sees(`//article[contains(., "Only visible to you") and contains(., "On it, @alice")]`)
	bob.sees(saying("v2"))
	if strings.Contains(bob.eval("document.body.innerText"), "On it") {
		t.Error("bob sees what only alice should")
	}
}

func (p *pageTest) form(t *testing.T) {
	alice, bob, w := p.alice, p.bob, p.w
	bob.press("Approve")
	bob.sees(openForm)
	bob.press("Go")
	bob.sees(reasonField + `//*[@role="alert" and .="Please complete this required field."]`)
	bob.write(reasonField+`//input`, "no")
	bob.press("Go")
	bob.sees(reasonField + `//*[@role="alert" and .="More than that, please."]`)
	if got := bob.eval(`document.querySelector("dialog [data-block=reason] input").value`); got != "no" {
		t.Errorf("the refused form holds %q, want what was typed", got)
	}
	bob.escape()
	bob.lost(openForm)
	w.must(w.Wait(w.ctx(), func() bool { return len(w.Views("bob")) == 0 }))

	bob.press("Approve")
	bob.write(reasonField+`//input`, "it is tested")
	bob.click(openForm + `//input[@role="combobox"]`)
	bob.click(openForm + `//*[@role="option" and contains(., "High")]`)
	bob.press("Go")
	bob.lost(openForm)
	for _, b := range []*tab{alice, bob} {
		b.sees(saying("Approved: it is tested, risk high"))
		b.lost(labelled("Approve"))
	}
}

func (p *pageTest) silence(t *testing.T) {
	bob := p.bob
	bob.send(messageBox, "/deploy v3")
	bob.press("Say nothing")
	bob.sees(`//*[@role="alert" and contains(., "The app did not respond")]`)
	if got := bob.eval(`[...document.querySelectorAll("button")].find(b => b.textContent === "Say nothing").getAttribute("aria-busy")`); got != "false" {
		t.Errorf("aria-busy %s after the time-out", got)
	}
}

func (p *pageTest) threads(t *testing.T) {
	alice, bob, w := p.alice, p.bob, p.w
	m := w.Messages(deploys)[0]
	if _, err := w.Post("bob", deploys, "first answer", m.TS); err != nil {
		t.Fatal(err)
	}
	alice.click(`//button[contains(., "1 reply")]`)
	alice.sees(`//aside[@id="thread"]` + saying("first answer"))
	alice.send(`//aside[@id="thread"]//textarea`, "second answer")
	alice.sees(`//aside[@id="thread"]` + saying("second answer"))
	bob.sees(`//button[contains(., "2 replies")]`)
	if strings.Contains(bob.eval(`document.querySelector("main").innerText`), "second answer") {
		t.Error("a reply shows in the channel")
	}
}

func (p *pageTest) become(t *testing.T) {
	alice, bob := p.alice, p.bob
	alice.click(`//button[@aria-label="Switch to carol"]`)
	alice.do("see the new address", chromedp.Poll[chromedp.Void](`location.search.includes("user=UCAROL")`))
	alice.lost(`//article[contains(., "On it, @alice")]`)
	alice.send(messageBox, "now as carol")
	bob.sees(`//article[contains(., "carol") and contains(., "now as carol")]`)
}

func (p *pageTest) refusal(t *testing.T) {
	bob := p.bob
	bob.send(messageBox, "/nonsense now")
	bob.sees(`//*[@role="alert" and contains(., "/nonsense is not a valid command")]`)
	if got := bob.eval(`document.querySelector("main textarea").value`); got != "/nonsense now" {
		t.Errorf("the box holds %q, want the refused text", got)
	}
}

// TestPageShowsWhatIsUnread: a channel one does not look at turns bold, and opening it reads it.
func TestPageShowsWhatIsUnread(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "bob")
	row := `//nav//a[contains(@class, "unread") and contains(., "general")]`
	if _, err := w.Post("alice", "general", "news", ""); err != nil {
		t.Fatal(err)
	}
	b.sees(row)
	b.click(row)
	b.sees(saying("news"))
	b.lost(row)
	q, err := url.Parse(b.eval("location.href"))
	if err != nil || q.Query().Get("channel") != w.ChannelID("general") {
		t.Errorf("address %v (%v), want the channel in it", q, err)
	}
}

// TestPageMissesNothingWhenItReconnects guards against a page that shows nothing new after its connection was lost, leaves out what
// happened meanwhile, or shows it twice (python-slack-sdk 1701: no events after a reconnect).
func TestPageMissesNothingWhenItReconnects(t *testing.T) {
	chromium(t)
	s := emulator.New(config())
	h := httptest.NewUnstartedServer(s.Handler())
	wire := &cutter{Listener: h.Listener}
	h.Listener = wire
	h.Start()
	t.Cleanup(func() {
		s.Close()
		h.Close()
	})
	w := &fixture{Server: s, t: t, url: h.URL}
	b := browse(t, w, "bob")
	for _, words := range []string{"before the gap", "in the gap", "after the gap"} {
		if words == "in the gap" {
			wire.cut()
		}
		if _, err := w.Post("alice", deploys, words, ""); err != nil {
			t.Fatal(err)
		}
		b.sees(saying(words))
	}
	if n := b.eval(`document.querySelectorAll("main article").length`); n != "3" {
		t.Errorf("%s messages are shown, want 3", n)
	}
	b.lost(`//*[@id="offline" and not(@hidden)]`)
}

// cutter is a listener that can cut all its connections, WebSockets too.
type cutter struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (c *cutter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.mu.Lock()
		c.conns = append(c.conns, conn)
		c.mu.Unlock()
	}
	return conn, err
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close() // some have ended by themselves
	}
	c.conns = nil
}

// TestPageWorksInManyWindows guards against a page that stalls: a browser opens six connections to one server, and a stream
// that keeps one of them leaves none for the seventh window.
func TestPageWorksInManyWindows(t *testing.T) {
	chromium(t)
	w := start(t)
	first := browse(t, w, "bob")
	windows := []*tab{first}
	for range 7 {
		windows = append(windows, openTab(t, first.ctx, w, "alice"))
	}
	windows[7].send(messageBox, "can you all hear me?")
	for _, b := range windows {
		b.sees(saying("can you all hear me?"))
	}
}
