package emulator_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// chromium finds the browser. Only a machine that runs the whole of CI must have one.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no chromium or chrome in PATH, and CI=true asks for the page's tests")
	}
	t.Skip("no chromium or chrome in PATH: the page is not tested")
	return ""
}

// browse starts a browser and opens the page as one person.
func browse(t *testing.T, w *world, user string) *tab {
	t.Helper()
	dir := t.TempDir()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(dir), chromedp.WindowSize(1280, 800), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	return openTab(t, alloc, w, user)
}

// tab is one window with one person's page.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openTab opens the page in a new tab: of the browser that parent belongs to, or of a new browser.
func openTab(t *testing.T, parent context.Context, w *world, user string) *tab {
	t.Helper()
	ctx, _ := chromedp.NewContext(parent)
	heard := make(chan struct{})
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the browser: %v", err)
		}
		<-heard
	})
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this first context
		close(heard)
		t.Fatalf("start chromium: %v", err)
	}
	go func() {
		defer close(heard)
		listen(ctx, t)
	}()
	b := &tab{t: t, ctx: ctx}
	b.do("open the page", chromedp.Navigate(w.url+"/?user="+w.UserID(user)+"&channel="+w.ChannelID(deploys)))
	b.sees(`//textarea[@aria-label="Message #` + deploys + `"]`)
	return b
}

// listen makes the page's exceptions, and whatever its security policy had to stop, failures of the test.
// It ends with the tab.
func listen(ctx context.Context, t *testing.T) {
	for m, err := range chromedp.Console(ctx) {
		if err != nil {
			return
		}
		if m.IsException() || m.Source == "security" {
			t.Errorf("the page's console: %s", m.Text)
		}
	}
}

const pagePatience = 10 * time.Second

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v\nthe page says:\n%s", what, err, b.eval("document.body.innerText"))
	}
}

// eval gives the value of an expression as text.
func (b *tab) eval(js string) string {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[any](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", js, err)
	}
	return fmt.Sprint(v)
}

func (b *tab) sees(xpath string) { b.t.Helper(); b.do("see "+xpath, chromedp.WaitVisible(xpath)) }
func (b *tab) lost(xpath string) { b.t.Helper(); b.do("lose "+xpath, chromedp.WaitNotPresent(xpath)) }
func (b *tab) click(xpath string) {
	b.t.Helper()
	b.do("click "+xpath, chromedp.Click(xpath, chromedp.NodeVisible))
}

// key presses one key that types no character. SendKeys would type one as well, which no real keyboard does after the
// page has taken the key.
func (b *tab) key(name string, code int64) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		ctx, stop := context.WithTimeout(b.ctx, pagePatience)
		_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: name, Code: name,
			WindowsVirtualKeyCode: code})
		stop()
		if err != nil {
			b.t.Fatalf("press %s: %v", name, err)
		}
	}
}

func (b *tab) enter()  { b.t.Helper(); b.key("Enter", 13) }
func (b *tab) tab()    { b.t.Helper(); b.key("Tab", 9) }
func (b *tab) escape() { b.t.Helper(); b.key("Escape", 27) }

// send types a message and presses Enter.
func (b *tab) send(box, words string) {
	b.t.Helper()
	b.write(box, words)
	b.enter()
}

// press clicks a button by its words, as a person finds it.
func (b *tab) press(name string) { b.t.Helper(); b.click(labelled(name)) }

func (b *tab) write(xpath, keys string) {
	b.t.Helper()
	b.do("type into "+xpath, chromedp.SendKeys(xpath, keys, chromedp.NodeVisible))
}

func labelled(name string) string { return `//button[normalize-space()="` + name + `"]` }

// saying finds an element within a message that holds these words.
func saying(words string) string {
	return `//article//*[contains(normalize-space(), "` + words + `")]`
}

const (
	messageBox  = `//main//textarea`
	openForm    = `//dialog[@role="dialog" and @open]`
	reasonField = openForm + `//*[@data-block="reason"]`
)

// pageApp is an app with a card, a form that wants a reason of more than three letters, and a button it never answers.
type pageApp struct{ w *world }

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

// TestPage clicks through the page as two people in two windows.
func TestPage(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) { c.Timing.Ack = 2 * time.Second }) // a busy machine is no silent app
	w.app((&pageApp{w}).handle)
	alice := browse(t, w, "alice")
	bob := openTab(t, alice.ctx, w, "bob")
	part := func(name string, f func(*testing.T)) {
		t.Run(name, func(t *testing.T) {
			alice.t, bob.t = t, t
			f(t)
		})
	}

	part("text is never markup", func(t *testing.T) {
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
	})

	part("a command is completed and answered", func(t *testing.T) {
		alice.write(messageBox, "/dep")
		alice.sees(`//*[@role="option" and contains(., "SERVICE TAG")]`)
		alice.tab()
		alice.send(messageBox, "v2")
		alice.sees(`//article[contains(., "Only visible to you") and contains(., "On it, @alice")]`)
		bob.sees(saying("v2"))
		if strings.Contains(bob.eval("document.body.innerText"), "On it") {
			t.Error("bob sees what only alice should")
		}
	})

	part("a form is refused, kept, closed and sent", func(t *testing.T) {
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
	})

	part("a button without an answer says so", func(t *testing.T) {
		bob.send(messageBox, "/deploy v3")
		bob.press("Say nothing")
		bob.sees(`//*[@role="alert" and contains(., "The app did not respond")]`)
		if got := bob.eval(`[...document.querySelectorAll("button")].find(b => b.textContent === "Say nothing").getAttribute("aria-busy")`); got != "false" {
			t.Errorf("aria-busy %s after the time-out", got)
		}
	})

	part("threads", func(t *testing.T) {
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
	})

	part("one person becomes another", func(t *testing.T) {
		alice.do("switch", chromedp.SetValue(chromedp.CSS(`select[aria-label="Signed in as"]`), "UCAROL"),
			chromedp.Evaluate[chromedp.Void](`document.querySelector("#user-switch").dispatchEvent(new Event("change", {bubbles: true}))`))
		alice.do("see the new address", chromedp.Poll[chromedp.Void](`location.search.includes("user=UCAROL")`))
		alice.lost(`//article[contains(., "On it, @alice")]`)
		alice.send(messageBox, "now as carol")
		bob.sees(`//article[contains(., "carol") and contains(., "now as carol")]`)
	})

	part("refusals come back with the text", func(t *testing.T) {
		bob.send(messageBox, "/nonsense now")
		bob.sees(`//*[@role="alert" and contains(., "/nonsense is not a valid command")]`)
		if got := bob.eval(`document.querySelector("main textarea").value`); got != "/nonsense now" {
			t.Errorf("the box holds %q, want the refused text", got)
		}
	})
}

// TestPageUnread: a channel one does not look at turns bold, and opening it reads it.
func TestPageUnread(t *testing.T) {
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

// TestPageReconnects guards against a page that shows nothing new after its connection was lost, or leaves out what
// happened meanwhile (python-slack-sdk 1701: no events after a reconnect).
func TestPageReconnects(t *testing.T) {
	chromium(t)
	s := emulator.New(config())
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		s.Close()
		h.Close()
	})
	w := &world{Server: s, t: t, url: h.URL}
	b := browse(t, w, "bob")
	h.CloseClientConnections()
	for _, words := range []string{"in the gap", "after the gap"} {
		if _, err := w.Post("alice", deploys, words, ""); err != nil {
			t.Fatal(err)
		}
		b.sees(saying(words))
	}
}
