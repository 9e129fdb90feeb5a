package emulator_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack/socketmode"
)

// recorder is an app that keeps every payload as it came over the wire.
type recorder struct {
	t   *testing.T
	got chan o
}

// record connects an app that acknowledges at once, with what answer gives.
func (w *fixture) record(answer func(payload o) any) *recorder {
	return w.recorder(answer, func(f func()) { f() })
}

// recordLate connects an app whose answers may take their time, each for itself.
func (w *fixture) recordLate(answer func(payload o) any) *recorder {
	var under sync.WaitGroup
	w.t.Cleanup(under.Wait)
	return w.recorder(answer, under.Go)
}

func (w *fixture) recorder(answer func(payload o) any, run func(func())) *recorder {
	w.t.Helper()
	r := &recorder{t: w.t, got: make(chan o, 100)}
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		run(func() {
			var p o
			if json.Unmarshal(e.Request.Payload, &p) != nil {
				return
			}
			if say := answer(p); say != nil {
				ack(c, e, say)
			} else {
				ack(c, e)
			}
			r.got <- p
		})
	})
	return r
}

// next waits for a payload of a type.
func (r *recorder) next(kind string) o {
	r.t.Helper()
	for {
		select {
		case p := <-r.got:
			if p["type"] == kind {
				return p
			}
		case <-time.After(pagePatience):
			r.t.Fatalf("the app got no %s", kind)
		}
	}
}

// quiet fails when the app gets anything within a moment.
func (r *recorder) quiet() {
	r.t.Helper()
	select {
	case p := <-r.got:
		r.t.Errorf("the app got %v", p)
	case <-time.After(150 * time.Millisecond):
	}
}

func text(words string) o         { return o{"type": "plain_text", "text": words} }
func opt(words, value string) any { return o{"text": text(words), "value": value} }

// ctl finds what belongs to an element in a message.
func ctl(id string) string {
	return `//article//*[contains(@data-control, "/b-` + id + `/` + id + `")]`
}

func (b *tab) arrow(name string) {
	b.t.Helper()
	b.key("Arrow"+name, map[string]int64{"Left": 37, "Up": 38, "Right": 39, "Down": 40}[name])
}

// activate presses Enter as it presses the button that has the focus: there, unlike in a field, it is a character too.
func (b *tab) activate() {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		ctx, stop := context.WithTimeout(b.ctx, pagePatience)
		_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter",
			Text: "\r", WindowsVirtualKeyCode: 13})
		stop()
		if err != nil {
			b.t.Fatalf("press Enter: %v", err)
		}
	}
}

// typeOver puts words in the place of what a field holds.
func (b *tab) typeOver(xpath, words string) {
	b.t.Helper()
	b.click(xpath)
	b.eval(`document.activeElement.select()`)
	b.insert(words)
}

// insert types where the caret is.
func (b *tab) insert(words string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, pagePatience)
	defer stop()
	if _, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: words}); err != nil {
		b.t.Fatalf("type %q: %v", words, err)
	}
}

// choose takes an option of the list that is open.
func (b *tab) choose(words string) {
	b.t.Helper()
	b.click(`//*[@role="option" and contains(., "` + words + `")]`)
}

// elementCase is one element, how a person uses it, and what the app is told.
type elementCase struct {
	element o
	use     func(b *tab, at string)
	action  o   // of the action, what is the element's own
	state   any // what the state then holds of it, under the action's one field
}

var (
	prod, stage = opt("Production", "prod"), opt("Staging", "stage")
	groups      = l{o{"label": text("Real"), "options": l{prod}}, o{"label": text("Others"), "options": l{stage}}}
	noon        = time.Date(2026, 2, 5, 11, 0, 0, 0, time.UTC).Unix() // in Berlin
)

func pick(words string) func(*tab, string) {
	return func(b *tab, at string) {
		b.t.Helper()
		b.click(at + `//input[@role="combobox"]`)
		b.choose(words)
	}
}

func press(xpath string) func(*tab, string) {
	return func(b *tab, at string) { b.t.Helper(); b.click(at + xpath) }
}

func elementCases() map[string]elementCase {
	return map[string]elementCase{
		"button": {element: o{"type": "button", "text": text("Approve"), "value": "v1", "style": "primary"}, use: press("//button"),
			action: o{"text": text("Approve"), "value": "v1", "style": "primary"}},
		"overflow": {element: o{"type": "overflow", "options": l{opt("Audit", "audit"), opt("Stop", "stop")}},
			use:    func(b *tab, at string) { b.click(at + "//button"); b.arrow("Down"); b.activate() },
			action: o{"selected_option": opt("Stop", "stop")}},
		"static_select": {element: o{"type": "static_select", "option_groups": groups, "placeholder": text("Where")},
			use:    func(b *tab, at string) { b.write(at+"//input", "stag"); b.enter() },
			action: o{"selected_option": stage, "placeholder": text("Where")}, state: stage},
		"external_select": {element: o{"type": "external_select", "min_query_length": 2}, use: func(b *tab, at string) {
			b.write(at+"//input", "v1")
			b.choose("v1.2")
		}, action: o{"selected_option": opt("v1.2", "v1.2")}, state: opt("v1.2", "v1.2")},
		"users_select":         {element: o{"type": "users_select"}, use: pick("carol"), action: o{"selected_user": "UCAROL"}, state: "UCAROL"},
		"channels_select":      {element: o{"type": "channels_select"}, use: pick("general"), action: o{"selected_channel": "CGENERAL"}, state: "CGENERAL"},
		"conversations_select": {element: o{"type": "conversations_select", "filter": o{"include": l{"private"}}}, use: pick("secret"), action: o{"selected_conversation": "CSECRET"}, state: "CSECRET"},
		"multi_static_select": {element: o{"type": "multi_static_select", "options": l{prod, stage}, "initial_options": l{prod}},
			use:    func(b *tab, at string) { pick("Staging")(b, at); b.escape() }, // the list of several stays open
			action: o{"selected_options": l{prod, stage}, "initial_options": l{prod}}, state: l{prod, stage}},
		"multi_users_select": {element: o{"type": "multi_users_select", "initial_users": l{"UBOB", "UCAROL"}}, use: press(`//button[@aria-label="Remove bob"]`),
			action: o{"selected_users": l{"UCAROL"}, "initial_users": l{"UBOB", "UCAROL"}}, state: l{"UCAROL"}},
		"datepicker": {element: o{"type": "datepicker", "initial_date": "2026-02-28"},
			use:    func(b *tab, at string) { b.click(at + "//button"); b.arrow("Right"); b.activate() },
			action: o{"selected_date": "2026-03-01", "initial_date": "2026-02-28"}, state: "2026-03-01"},
		"timepicker": {element: o{"type": "timepicker", "timezone": "America/New_York"}, use: func(b *tab, at string) { b.write(at+"//input", "2:07 pm"); b.enter() },
			action: o{"selected_time": "14:07", "timezone": "America/New_York"}, state: "14:07"},
		"datetimepicker": {element: o{"type": "datetimepicker", "initial_date_time": noon},
			use:    func(b *tab, at string) { b.typeOver(at+"//input", "13:30"); b.enter() },
			action: o{"selected_date_time": float64(noon + 5400), "initial_date_time": float64(noon)}, state: float64(noon + 5400)},
		"checkboxes": {element: o{"type": "checkboxes", "options": l{prod, stage}}, use: press(`//label[contains(., "Staging")]`),
			action: o{"selected_options": l{stage}}, state: l{stage}},
		"radio_buttons": {element: o{"type": "radio_buttons", "options": l{prod, stage}}, use: press(`//label[contains(., "Production")]`),
			action: o{"selected_option": prod}, state: prod},
		"feedback_buttons": {element: o{"type": "feedback_buttons", "positive_button": o{"text": text("👍"), "value": "+"}, "negative_button": o{"text": text("👎"), "value": "-"}},
			use: press(`//button[@aria-label="Bad response"]`), action: o{"text": text("👎"), "value": "-"}},
		"icon_button": {element: o{"type": "icon_button", "icon": "trash", "text": text("Delete"), "value": "d"}, use: press("//button"),
			action: o{"text": text("Delete"), "value": "d"}},
	}
}

// TestPageElementsSendSlacksPayloads uses every element of a message as a person does, and holds the payload against Slack's.
func TestPageElementsSendSlacksPayloads(t *testing.T) {
	chromium(t)
	w := start(t)
	app := w.record(func(p o) any {
		if p["type"] == "block_suggestion" {
			return o{"options": l{opt("v1.2", "v1.2")}}
		}
		return nil
	})
	b := browse(t, w, "bob")
	b.timezone("Europe/Berlin")
	cases := elementCases()
	for name, c := range cases {
		kind := "actions"
		if name == "feedback_buttons" || name == "icon_button" {
			kind = "context_actions"
		}
		w.postBlocks(l{o{"type": kind, "block_id": "b-" + name, "elements": l{with(c.element, "action_id", name)}}})
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		t.Run(name, func(t *testing.T) {
			b.t, app.t = t, t
			b.sees(ctl(name))
			c.use(b, ctl(name))
			p := app.next("block_actions")
			got := p["actions"].([]any)[0].(o)
			delete(got, "action_ts")
			want := with(c.action, "type", name, "block_id", "b-"+name, "action_id", name)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the action (-want +got):\n%s", diff)
			}
			if c.state == nil {
				return
			}
			state, ok := p["state"].(o)["values"].(o)["b-"+name].(o)
			if !ok {
				t.Fatalf("the state is %v", p["state"])
			}
			for field, v := range state[name].(o) {
				if field != "type" && !cmp.Equal(v, c.state) {
					t.Errorf("the state holds %s %v, want %v", field, v, c.state)
				}
			}
			b.lost(`//*[@aria-busy="true"]`)
		})
	}
}

// TestPageConfirmsBeforeItSends: an action with a confirm dialog is sent only after the word that the app gave for yes; a second
// click while the app has not answered sends nothing (two clicks on Approve, both acted on).
func TestPageConfirmsBeforeItSends(t *testing.T) {
	chromium(t)
	w := start(t)
	hold := make(chan struct{})
	answer := sync.OnceFunc(func() { close(hold) })
	defer answer() // a failed test must not wait for itself
	app := w.record(func(o) any { <-hold; return nil })
	b := browse(t, w, "bob")
	w.postBlocks(l{o{"type": "actions", "block_id": "b", "elements": l{o{"type": "button", "action_id": "go", "text": text("Roll out"), "confirm": o{
		"title": text("Roll out to prod?"), "text": o{"type": "mrkdwn", "text": "From `1` to `2`."}, "confirm": text("Yes, roll out"), "deny": text("Not yet"), "style": "danger"}}}}})
	dialog := `//dialog[@role="alertdialog" and @open]`
	b.press("Roll out")
	b.sees(dialog + `//code[.="2"]`)
	b.escape()
	b.lost(`//dialog[@role="alertdialog"]`)
	b.press("Roll out")
	b.press("Not yet")
	b.lost(`//dialog[@role="alertdialog"]`)
	app.quiet()
	b.press("Roll out")
	b.sees(dialog + `//button[contains(@class, "danger") and normalize-space()="Yes, roll out"]`)
	b.activate() // the way on has the focus
	b.lost(`//dialog[@role="alertdialog"]`)
	b.sees(`//button[@aria-busy="true" and normalize-space()="Roll out"]`)
	b.press("Roll out")
	if got := b.eval(`document.querySelectorAll("dialog[open]").length`); got != "0" {
		t.Error("a busy button asks again")
	}
	answer()
	app.next("block_actions")
	app.quiet()
	b.lost(`//button[@aria-busy="true"]`)
}

// TestPageFoldsLongSections: Slack folds a message's long section unless it is to be expanded.
func TestPageFoldsLongSections(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "bob")
	long := strings.Repeat("until every pod has finished what it began ", 40)
	section := func(id string, expand bool) o {
		return o{"type": "section", "block_id": id, "expand": expand, "text": o{"type": "mrkdwn", "text": long}}
	}
	w.postBlocks(l{section("folded", false), section("whole", true)})
	b.sees(`//*[@data-block="folded"]//button[.="See more" and @aria-expanded="false"]`)
	height := func(id string) string {
		return b.eval(`document.querySelector('[data-block="` + id + `"] .section-text').clientHeight`)
	}
	folded := height("folded")
	b.press("See more")
	b.sees(`//button[.="See less"]`)
	if height("folded") != height("whole") || folded == height("whole") {
		t.Errorf("heights: folded %s, unfolded %s, whole %s", folded, height("folded"), height("whole"))
	}
	if got := b.eval(`document.querySelectorAll('[data-block="whole"] .see-more:not([hidden])').length`); got != "0" {
		t.Error("a section to be expanded offers See more")
	}
}

// TestPageDataTableSortsSearchesAndPages sorts, searches and turns the pages of a data table.
func TestPageDataTableSortsSearchesAndPages(t *testing.T) {
	chromium(t)
	w := start(t)
	b := browse(t, w, "bob")
	raw := func(s string) o { return o{"type": "raw_text", "text": s} }
	rows := l{l{raw("Service"), raw("Minutes")}}
	for i, name := range []string{"web", "orders", "billing"} {
		rows = append(rows, l{raw(name), o{"type": "raw_number", "value": []int{12, 112, 8}[i]}})
	}
	w.postBlocks(l{o{"type": "data_table", "block_id": "t", "caption": "Times", "page_size": 2, "rows": rows}})
	shows := func(what, want string) {
		t.Helper()
		b.do(what+" shows "+want, chromedp.Poll[chromedp.Void](`[...document.querySelectorAll(".data-table tbody tr")].map((r) => r.children[0].textContent).join() === "`+want+`"`))
	}
	b.sees(`//*[@class="page-count" and .="1–2 of 3"]`)
	shows("the first page", "web,orders")
	b.click(`//button[@aria-label="Next page"]`)
	shows("the second page", "billing")
	b.click(`//th//button[contains(., "Minutes")]`)
	shows("sorted by a number", "billing,web")
	b.click(`//th//button[contains(., "Minutes")]`)
	shows("sorted downwards", "orders,web")
	b.write(`//input[@aria-label="Search Times"]`, "bil")
	shows("searched", "billing")
}
