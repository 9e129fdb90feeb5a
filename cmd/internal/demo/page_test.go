package demo

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Two people in two windows do what the welcome says: first all goes well,
// then it crashes and is rolled back.
func TestPageDoesWhatTheWelcomeSays(t *testing.T) {
	alloc := browser(t)
	url := startDemo(t)
	ana := open(t, alloc, url) // as the demo says: without a name in the address
	bob := open(t, ana.ctx, url+"/?user=UBOB&channel="+deploys)
	p := pageTest{ana: ana, bob: bob, people: person{url: url, id: "UANA"}}
	t.Run("complete", p.complete)
	t.Run("rolled back", p.rolledBack)
	t.Run("on a phone", p.phone)
}

type pageTest struct {
	ana, bob *window
	people   person
}

func (p *pageTest) begin(t *testing.T) {
	p.ana.t, p.bob.t, p.people.t = t, t, t
	p.ana.taps, p.bob.taps = 0, 0
}

func (p *pageTest) complete(t *testing.T) {
	p.begin(t)
	ana, bob := p.ana, p.bob
	ana.picture("1-welcome")
	ana.reads("You are Ana. Type /deploy web v2 below")
	ana.says("/deploy web v2")
	ana.reads("Waiting for Ana: Everything is ready")
	ana.picture("2-ready")
	ana.press("Confirm 2")
	ana.fills()
	ana.reads("Waiting for Bob or Rosa to approve")
	ana.press("Approve")
	ana.reads("Nobody approves their own deployment.")
	ana.taps-- // that one was curiosity
	bob.reads("Waiting for Bob or Rosa to approve")
	bob.picture("3-approve")
	bob.press("Approve")
	ana.reads("Waiting for Ana: The retailer is healthy before")
	ana.press("Done by hand")
	bob.reads("of 6 pods new")
	bob.picture("4-rolling-out")
	ana.reads("Waiting for Ana: The retailer is healthy, by hand")
	ana.press("Done by hand")
	for _, w := range []*window{ana, bob} {
		w.reads("Complete. Took")
		w.reads("Deploy is starting: web v2 in tangerine prod. Requested by Ana, approved by Bob.")
		w.reads("Deploy is complete: web v2 in tangerine prod.")
		w.counts(t, map[string]int{"Deploy is starting": 1, "Deploy is complete": 1, "Asked by Ana": 1})
	}
	bob.picture("5-complete")
	if ana.taps > 3 || bob.taps > 1 {
		t.Errorf("%d taps for Ana and %d for Bob, want at most 3 and 1", ana.taps, bob.taps)
	}
	ana.reads("Waiting for Ana: The ticket is closed, with the record")
	ana.press("Done by hand")
	ana.settles("nobody is awaited any more", `![...document.querySelectorAll("main article button")].some(b => b.textContent === "Done by hand")`)
	p.people.finds(deploys, "card", "starting", "complete")
	p.people.finds(change) // it has a channel of its own
}

func (p *pageTest) rolledBack(t *testing.T) {
	p.begin(t)
	ana, bob := p.ana, p.bob
	ana.says("/deploy web v3-crash")
	ana.reads("Waiting for Ana: Everything is ready")
	ana.press("Confirm 2")
	ana.fills()
	bob.reads("Waiting for Bob or Rosa to approve")
	bob.press("Approve")
	ana.reads("Waiting for Ana: The retailer is healthy before")
	ana.press("Done by hand")
	ana.reads("The rollout failed. It is paused.")
	ana.reads("Ana, Bob or Rosa decides.")
	bob.picture("6-failed")
	bob.press("Roll back to v2")
	bob.sees(`//dialog[@open]//*[contains(., "Back to v2, which ran well")]`)
	bob.picture("7-roll-back")
	bob.do("confirm", chromedp.Click(`//dialog[@open]//button[normalize-space()="Roll back"]`, chromedp.NodeVisible))
	ana.reads("The older version works with the database as it is")
	ana.press("Confirm 2")
	ana.fills()
	ana.reads("Waiting for Ana: It is healthy again, by hand")
	ana.press("Done by hand")
	for _, w := range []*window{ana, bob} {
		w.reads("Rolled back. v2 runs again.")
		w.reads("Deploy is rolled back: tangerine prod runs web v2 again.")
		w.counts(t, map[string]int{"Deploy is starting": 2, "Deploy is complete": 1, "Deploy is rolled back": 1, "Asked by Ana": 2})
	}
	bob.picture("8-rolled-back")
	p.people.finds(deploys, "card", "starting", "complete", "card", "starting", "decide", "rolled-back")
}

// On a phone nothing is cut off: no sideways scrolling, all buttons in sight.
func (p *pageTest) phone(t *testing.T) {
	p.begin(t)
	ana := p.ana
	ana.do("look at 390x844", chromedp.EmulateViewport(390, 844))
	ana.says("/deploy decanting-service 24-02-05.619-hotfix.627")
	ana.reads("24-02-01.602")
	ana.reads("Waiting for Ana: Everything is ready")
	ana.picture("9-phone")
	if wide := ana.eval(`document.documentElement.scrollWidth`); wide != "390" {
		t.Errorf("the page is %s wide on a phone of 390", wide)
	}
	for _, label := range []string{"Confirm 2", "Stop"} {
		right, err := strconv.ParseFloat(ana.eval(`[...document.querySelectorAll("main button")].findLast(b => b.textContent === "`+label+`").getBoundingClientRect().right`), 64)
		if err != nil || right <= 0 || right > 390 {
			t.Errorf("the button %s ends at %v, %v", label, right, err)
		}
	}
}

// settles waits until an expression is true.
func (w *window) settles(what, js string) {
	w.t.Helper()
	for end := time.Now().Add(patience); w.eval(js) != "true"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			w.picture("trouble")
			w.t.Fatalf("after %s it is not so that %s; the page says:\n%s", patience, what, w.eval("document.body.innerText"))
		}
	}
}

// counts waits until so many messages hold these words, and wants no more.
func (w *window) counts(t *testing.T, want map[string]int) {
	t.Helper()
	for words, n := range want {
		js := `[...document.querySelectorAll("main article")].filter(a => a.innerText.includes(` + strconv.Quote(words) + `)).length`
		w.settles(fmt.Sprintf("%q stands in %d messages", words, n), js+">="+strconv.Itoa(n))
		if got := w.eval(js); got != strconv.Itoa(n) {
			t.Errorf("%q stands in %s messages, want %d", words, got, n)
		}
	}
}
