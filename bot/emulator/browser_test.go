package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// chromium finds the browser, and leaves the test out where nobody asks for one.
func chromium(t *testing.T) string { t.Helper(); return slowtest.Chromium(t) }

// theBrowser is one for all tests of the package: starting it takes longer than most of them.
var theBrowser struct {
	sync.Mutex
	ctx   context.Context // nil until a test asked for it
	close func() error
}

// browser gives the package's browser, which closeBrowser ends.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := chromium(t)
	theBrowser.Lock()
	defer theBrowser.Unlock()
	if theBrowser.ctx != nil {
		return theBrowser.ctx
	}
	dir, err := os.MkdirTemp("", "emulator-browser-")
	if err != nil {
		t.Fatalf("make a folder for chromium: %v", err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(dir), chromedp.WindowSize(1280, 800), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, _ := chromedp.NewContext(alloc)
	theBrowser.close = func() error {
		err := chromedp.Cancel(ctx)
		stop()
		return errors.Join(err, os.RemoveAll(dir))
	}
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as this first context
		t.Fatalf("start chromium: %v", errors.Join(err, theBrowser.close()))
	}
	theBrowser.ctx = ctx
	return ctx
}

// closeBrowser ends the package's browser, if a test began one.
func closeBrowser() error {
	theBrowser.Lock()
	defer theBrowser.Unlock()
	if theBrowser.ctx == nil {
		return nil
	}
	return theBrowser.close()
}

// browse opens the page as one person.
func browse(t *testing.T, w *fixture, user string) *tab {
	t.Helper()
	return openTab(t, browser(t), w, user)
}

// tab is one window with one person's page.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openTab opens the page in a new tab of the browser that parent belongs to.
func openTab(t *testing.T, parent context.Context, w *fixture, user string) *tab {
	t.Helper()
	ctx, _ := chromedp.NewContext(parent)
	heard := make(chan struct{})
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the tab: %v", err)
		}
		<-heard
	})
	if err := chromedp.Do(ctx); err != nil {
		close(heard)
		t.Fatalf("open a tab: %v", err)
	}
	go func() {
		defer close(heard)
		listen(ctx, t)
	}()
	b := &tab{t: t, ctx: ctx}
	b.look(1280, 800, false)
	b.do("open the page", chromedp.Navigate(w.url+"/?user="+w.UserID(user)+"&channel="+w.ChannelID(deploys)))
	b.sees(`//textarea[@aria-label="Message #` + deploys + `"]`)
	return b
}

// look sets the window's size, and whether the system asks for dark pages.
func (b *tab) look(width, height int64, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.do("set the size", chromedp.EmulateViewport(width, height))
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	}); err != nil {
		b.t.Fatalf("set the colour scheme: %v", err)
	}
}

// picture keeps what the window shows as emulator-NAME.png, where pictures are wanted.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("CI_ARTIFACTS")
	if dir == "" {
		return
	}
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	err = errors.Join(err, os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "emulator-"+name+".png"), png, 0o600))
	if err != nil {
		b.t.Errorf("keep the picture %s: %v", name, err)
	}
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

const pagePatience = 2 * time.Minute // a busy machine is no failure

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

// until waits for an expression to be true.
func (b *tab) until(what, js string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](js)); err != nil {
		b.t.Fatalf("wait until %s: %v\nthe page says:\n%s", what, err, b.eval("document.body.innerText"))
	}
}

func (b *tab) sees(xpath string) { b.t.Helper(); b.do("see "+xpath, chromedp.WaitVisible(xpath)) }
func (b *tab) lost(xpath string) { b.t.Helper(); b.do("lose "+xpath, chromedp.WaitNotPresent(xpath)) }
func (b *tab) click(xpath string) {
	b.t.Helper()
	b.do("click "+xpath, chromedp.Click(xpath, chromedp.NodeVisible))
}

// key presses one key that types no character. SendKeys would type one as well, which no real keyboard does after the
// page has taken the key.
func (b *tab) key(name string, code int64) { b.t.Helper(); b.chord(name, code, 0) }

// chord presses a key with modifiers: 1 is Alt, 2 Ctrl.
func (b *tab) chord(name string, code, modifiers int64) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		ctx, stop := context.WithTimeout(b.ctx, pagePatience)
		_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: name, Code: name,
			WindowsVirtualKeyCode: code, Modifiers: modifiers})
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

// navigate goes to an address.
func navigate(url string) chromedp.Action[chromedp.Void] { return chromedp.Navigate(url) }

func labelled(name string) string { return `//button[normalize-space()="` + name + `"]` }

// saying finds an element within a message that holds these words.
func saying(words string) string {
	return `//article//*[contains(normalize-space(), "` + words + `")]`
}
