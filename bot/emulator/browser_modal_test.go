package emulator_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

const modal = `//dialog[@role="dialog" and @open]`

// fieldIn finds what belongs to a block of the open modal.
func fieldIn(block string) string { return modal + `//*[@data-block="` + block + `"]` }

// wrong finds the words under a field.
func wrong(block, words string) string {
	return fieldIn(block) + `//*[@role="alert" and .="` + words + `"]`
}

func entry(id string, element o, more ...any) o {
	return with(o{"type": "input", "block_id": id, "label": text("About " + id), "element": with(element, "action_id", "a")}, more...)
}

func dialog(title string, blocks l, more ...any) o {
	return with(o{"type": "modal", "title": text(title), "submit": text("Go"), "close": text("Not now"), "blocks": blocks}, more...)
}

// modalApp is an app whose button opens a modal.
type modalApp struct {
	*recorder
	w *fixture
	b *tab
	// answer is the acknowledgement of a submission.
	answer func(p o) any
}

func startModal(t *testing.T, first o) *modalApp {
	t.Helper()
	chromium(t)
	w := start(t)
	m := &modalApp{w: w, answer: func(o) any { return nil }}
	m.recorder = w.record(func(p o) any {
		switch {
		case p["type"] == "view_submission":
			return m.answer(p)
		case p["type"] == "block_suggestion":
			return o{"options": l{opt("v1.2", "v1.2"), opt("v1.3", "v1.3")}}
		case p["type"] == "block_actions" && p["view"] == nil:
			m.call("views.open", o{"trigger_id": p["trigger_id"], "view": first})
		}
		return nil
	})
	m.b = browse(t, w, "bob")
	m.b.timezone("Europe/Berlin")
	w.postBlocks(l{o{"type": "actions", "block_id": "open", "elements": l{o{"type": "button", "action_id": "open", "text": text("Open the form")}}}})
	m.open()
	return m
}

func (m *modalApp) open() {
	m.t.Helper()
	m.b.press("Open the form")
	m.b.sees(modal)
	m.next("block_actions")
}

// call is the app's call of a method.
func (m *modalApp) call(method string, in o) o {
	m.t.Helper()
	var out o
	m.w.ask("/api/"+method+"?token=xoxb-local", in, &out)
	if out["ok"] != true {
		m.t.Errorf("%s: %v", method, out)
	}
	return out
}

// values are a payload's state.values.
func values(p o) o { return p["view"].(o)["state"].(o)["values"].(o) }

// TestPageFormsStackAndClose pushes, goes back, closes and clears, and the app hears of it where it asked to.
func TestPageFormsStackAndClose(t *testing.T) {
	notify := []any{"notify_on_close", true}
	second := dialog("Second", l{entry("b", o{"type": "plain_text_input"}, "optional", true)}, notify...)
	m := startModal(t, dialog("First", l{entry("a", o{"type": "plain_text_input"})}, notify...))
	b := m.b
	m.answer = func(p o) any {
		if p["view"].(o)["title"].(o)["text"] == "First" {
			return o{"response_action": "push", "view": second}
		}
		return o{"response_action": "clear"}
	}
	push := func() {
		t.Helper()
		b.press("Go")
		b.sees(modal + `//h2[.="Second"]`)
		m.next("view_submission")
	}
	b.write(fieldIn("a")+"//input", "kept")
	push()
	b.picture("modal-pushed")
	b.click(modal + `//button[@aria-label="Back"]`)
	b.sees(modal + `//h2[.="First"]`)
	if p := m.next("view_closed"); p["is_cleared"] != false || p["view"].(o)["title"].(o)["text"] != "Second" {
		t.Errorf("view_closed after going back: %v", p)
	}
	if got := b.eval(`document.querySelector('[data-block="a"] input').value`); got != "kept" {
		t.Errorf("the first form holds %q after going back", got)
	}
	push()
	b.escape()
	b.sees(modal + `//h2[.="First"]`)
	m.next("view_closed")
	push()
	b.click(modal + `//button[@aria-label="Close modal"]`)
	b.lost(modal)
	var closed []string // each goes its own way, in no order
	for range 2 {
		p := m.next("view_closed")
		if p["is_cleared"] != true {
			t.Errorf("view_closed of the whole stack: %v", p)
		}
		closed = append(closed, p["view"].(o)["title"].(o)["text"].(string))
	}
	if slices.Sort(closed); !slices.Equal(closed, []string{"First", "Second"}) {
		t.Errorf("closed %v", closed)
	}
	m.open()
	b.write(fieldIn("a")+"//input", "again")
	push()
	b.press("Go")
	b.lost(modal)
	m.next("view_submission")
	m.open()
	b.press("Not now")
	b.lost(modal)
	m.next("view_closed")
}

// TestPageFormKeepsTypingThroughARedraw: an app that redraws its view while somebody types must not take away what they typed, nor the
// caret, as long as block_id and action_id stay; the app sees all of it with every action.
func TestPageFormKeepsTypingThroughARedraw(t *testing.T) {
	blocks := func(extra string) l {
		out := l{entry("why", o{"type": "plain_text_input"}), entry("kind", o{"type": "static_select", "options": l{prod, stage}}, "dispatch_action", true),
			entry("now", o{"type": "plain_text_input", "dispatch_action_config": o{"trigger_actions_on": l{"on_character_entered"}}}, "dispatch_action", true)}
		if extra != "" {
			out = append(out, o{"type": "section", "block_id": "said", "text": o{"type": "mrkdwn", "text": extra}})
		}
		return out
	}
	m := startModal(t, dialog("Deploy", blocks("")))
	b := m.b
	b.write(fieldIn("why")+"//input", "half typ")
	pick("Staging")(b, fieldIn("kind"))
	p := m.next("block_actions")
	if v := values(p); v["why"].(o)["a"].(o)["value"] != "half typ" || p["actions"].([]any)[0].(o)["selected_option"] == nil {
		t.Errorf("the app was told %v", v)
	}
	b.do("type on", chromedp.SendKeys(fieldIn("why")+"//input", "ed"))
	b.eval(`document.querySelector('[data-block="why"] input').setSelectionRange(4, 4)`)
	m.call("views.update", o{"view_id": p["view"].(o)["id"], "view": dialog("Deploy", blocks("Staging it is."))})
	b.sees(fieldIn("said") + `//*[.="Staging it is."]`)
	b.insert(" and")
	if got := b.eval(`document.querySelector('[data-block="why"] input').value + "/" + document.querySelector('[data-block="kind"] input').value`); got != "half and typed/Staging" {
		t.Errorf("after the redraw the fields hold %q", got)
	}
	b.write(fieldIn("now")+"//input", "abc")
	for {
		if a := m.next("block_actions")["actions"].([]any)[0].(o); a["value"] == "abc" {
			break
		}
	}
	b.press("Go")
	if v := values(m.next("view_submission")); v["why"].(o)["a"].(o)["value"] != "half and typed" {
		t.Errorf("submitted %v", v)
	}
}

// TestPageHomeTabSendsActions uses an element of the app's Home tab.
func TestPageHomeTabSendsActions(t *testing.T) {
	chromium(t)
	w := start(t)
	app := w.record(func(o) any { return nil })
	b := browse(t, w, "bob")
	var out o
	w.ask("/api/views.publish?token=xoxb-local", o{"user_id": "UBOB", "view": o{"type": "home", "blocks": l{
		o{"type": "header", "text": text("Waiting for you")},
		entry("why", o{"type": "plain_text_input"}),
		o{"type": "actions", "block_id": "go", "elements": l{o{"type": "button", "action_id": "done", "value": "7", "text": text("Done")}}}}}}, &out)
	if out["ok"] != true {
		t.Fatalf("publish: %v", out)
	}
	b.click(`//aside[@id="sidebar"]//a[contains(., "Stationmaster")]`)
	b.click(`//*[@role="tab" and .="Home"]`)
	b.write(`//*[@id="home"]//input`, "it is tested")
	b.picture("home-blocks")
	b.press("Done")
	p := app.next("block_actions")
	if a := p["actions"].([]any)[0].(o); a["value"] != "7" || p["container"].(o)["type"] != "view" || p["view"].(o)["type"] != "home" {
		t.Errorf("the action: %v", p)
	}
	if v := values(p)["why"].(o)["a"].(o)["value"]; v != "it is tested" {
		t.Errorf("the state holds %v", v)
	}
}

// TestPageShowsNoLateSuggestions: a pushed form's options come from the app, which takes its time. An answer to an older query is
// not shown for a newer one.
func TestPageShowsNoLateSuggestions(t *testing.T) {
	chromium(t)
	w := start(t)
	first, asked := make(chan struct{}), make(chan string, 10)
	late := sync.OnceFunc(func() { close(first) })
	defer late() // a failed test must not wait for itself
	second := dialog("Second", l{entry("tag", o{"type": "external_select", "min_query_length": 2})})
	app := w.recordLate(func(p o) any {
		switch p["type"] {
		case "block_suggestion":
			typed := p["value"].(string)
			asked <- typed
			if typed == "v1" {
				<-first
			}
			return o{"options": l{opt("of "+typed, typed)}}
		case "view_submission":
			return o{"response_action": "push", "view": second}
		case "block_actions":
			var out o
			w.ask("/api/views.open?token=xoxb-local", o{"trigger_id": p["trigger_id"], "view": dialog("First", l{})}, &out)
		}
		return nil
	})
	b := browse(t, w, "bob")
	w.postBlocks(l{o{"type": "actions", "elements": l{o{"type": "button", "action_id": "open", "text": text("Open the form")}}}})
	b.press("Open the form")
	b.press("Go")
	b.sees(modal + `//h2[.="Second"]`)
	b.click(fieldIn("tag") + "//input")
	b.sees(`//*[contains(@class, "options")]//*[.="Type a minimum of 2 characters to see options"]`)
	b.insert("v1")
	if typed := <-asked; typed != "v1" {
		t.Errorf("the app was asked for %q", typed)
	}
	b.sees(`//*[contains(@class, "loading")]`)
	b.picture("modal-loading")
	b.insert("0")
	b.sees(`//*[@role="option" and .="of v10"]`)
	late()
	app.next("block_suggestion")
	app.next("block_suggestion")
	b.choose("of v10")
	if got := b.eval(`document.querySelector('[data-block="tag"] input').value`); got != "of v10" {
		t.Errorf("the menu holds %q", got)
	}
}

// TestPageFormSaysThatNobodyAnswered: when the app does not answer in time the form stays, says so in Slack's words, and can be
// sent again.
func TestPageFormSaysThatNobodyAnswered(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) { c.Timing.Ack = 5 * time.Second })
	late := make(chan struct{})
	answer := sync.OnceFunc(func() { close(late) })
	defer answer() // a failed test must not wait for itself
	app := w.recordLate(func(p o) any {
		if p["type"] == "view_submission" {
			<-late
		} else {
			var out o
			w.ask("/api/views.open?token=xoxb-local", o{"trigger_id": p["trigger_id"], "view": dialog("Deploy", l{entry("why", o{"type": "plain_text_input"})})}, &out)
		}
		return nil
	})
	b := browse(t, w, "bob")
	w.postBlocks(l{o{"type": "actions", "elements": l{o{"type": "button", "action_id": "open", "text": text("Open the form")}}}})
	b.press("Open the form")
	b.write(fieldIn("why")+"//input", "because")
	b.press("Go")
	b.sees(modal + `//button[@type="submit" and @aria-busy="true"]`)
	b.sees(modal + `//*[@role="alert" and .="We had some trouble connecting. Try again?"]`)
	b.sees(modal + `//button[@type="submit" and @aria-busy="false"]`)
	answer()
	app.next("view_submission")
	b.press("Go")
	b.lost(modal)
	if v := values(app.next("view_submission"))["why"].(o)["a"].(o)["value"]; v != "because" {
		t.Errorf("the second time %v was sent", v)
	}
}
