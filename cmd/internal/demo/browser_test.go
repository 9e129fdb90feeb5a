package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// browser starts one; its windows are opened from the context.
func browser(t *testing.T) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(slowtest.Chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	return alloc
}

// A window is one person's page.
type window struct {
	t    *testing.T
	ctx  context.Context
	taps int
}

// open opens the page in a new window: of the browser that parent belongs to,
// or of a new browser.
func open(t *testing.T, parent context.Context, address string) *window {
	t.Helper()
	ctx, _ := chromedp.NewContext(parent)
	heard := make(chan struct{})
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the window: %v", err)
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
	w := &window{t: t, ctx: ctx}
	w.do("look at 1280x900", chromedp.EmulateViewport(1280, 900))
	w.do("open the page", chromedp.Navigate(address))
	w.sees(`//main//textarea[@aria-label="Message #tangerine-deploys"]`)
	return w
}

// listen makes the page's exceptions, and whatever its security policy had to
// stop, failures of the test. It ends with the window.
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

func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.picture("trouble")
		w.t.Fatalf("%s: %v\nthe page says:\n%s", what, err, w.eval("document.body.innerText"))
	}
}

// eval gives the value of an expression as text.
func (w *window) eval(js string) string {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.ctx, patience)
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[any](js))
	if err != nil {
		w.t.Fatalf("evaluate %s: %v", js, err)
	}
	return fmt.Sprint(v)
}

func (w *window) sees(xpath string) { w.t.Helper(); w.do("see "+xpath, chromedp.WaitVisible(xpath)) }

// reads waits until a message says these words.
func (w *window) reads(words string) {
	w.t.Helper()
	w.sees(`//main//article[contains(normalize-space(), "` + words + `")]`)
}

// press presses the newest button with that label, once it stands still: while a card is drawn anew, a click may miss it.
func (w *window) press(label string) {
	w.t.Helper()
	w.taps++
	button := `(//main//button[normalize-space()="` + label + `"])[last()]`
	w.sees(button)
	w.settles("the button "+label+" stands still", `(() => {
		const found = document.evaluate(`+strconv.Quote(button)+`, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue
		const place = found && JSON.stringify(found.getBoundingClientRect()), same = place && place === window.stood
		window.stood = place
		return !!same
	})()`)
	w.do("press "+label, chromedp.Click(button, chromedp.NodeVisible))
}

// fills ticks all boxes of the form that has opened, types a ticket's key into each of its fields, and sends it: with the
// button, that is one tap.
func (w *window) fills() {
	w.t.Helper()
	save := `//dialog[@open]//button[@type="submit"]`
	w.sees(save)
	w.eval(`document.querySelectorAll("dialog[open] input[type=checkbox]").forEach(box => box.checked || box.click())`)
	w.eval(`document.querySelectorAll("dialog[open] input[type=text], dialog[open] textarea").forEach(field => {
		field.value = "` + ticket + `"
		for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, {bubbles: true}))
	})`)
	w.do("save", chromedp.Click(save, chromedp.NodeVisible))
	w.settles("the form is closed", `!document.querySelector("dialog[open]")`)
}

// says types a line and presses Enter.
func (w *window) says(line string) {
	w.t.Helper()
	w.do("type", chromedp.SendKeys(`//main//textarea`, line, chromedp.NodeVisible))
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		key := input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}
		if _, err := chromedp.Call(w.ctx, input.DispatchKeyEvent, key); err != nil {
			w.t.Fatalf("press Enter: %v", err)
		}
	}
}

// picture keeps what the window shows, where pictures are wanted.
func (w *window) picture(name string) {
	w.t.Helper()
	dir := os.Getenv("CI_ARTIFACTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "demo-"+name+".png"), png, 0o600)
	}
	if err != nil {
		w.t.Errorf("keep the picture %s: %v", name, err)
	}
}
