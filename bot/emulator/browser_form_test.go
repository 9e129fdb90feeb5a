package emulator_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// TestPageFormSubmitsEveryInput fills every input of a modal and holds what is submitted against Slack's payload.
func TestPageFormSubmitsEveryInput(t *testing.T) {
	m := startModal(t, dialog("Deploy", l{
		o{"type": "alert", "level": "warning", "text": text("Production is busy.")},
		entry("line", o{"type": "plain_text_input", "initial_value": "web"}),
		entry("lines", o{"type": "plain_text_input", "multiline": true}),
		entry("mail", o{"type": "email_text_input"}),
		entry("url", o{"type": "url_text_input"}),
		entry("number", o{"type": "number_input", "is_decimal_allowed": true}),
		entry("select", o{"type": "static_select", "options": l{prod, stage}, "initial_option": stage}, "optional", true),
		entry("tag", o{"type": "external_select", "min_query_length": 0}),
		entry("people", o{"type": "multi_users_select"}),
		entry("date", o{"type": "datepicker"}),
		entry("time", o{"type": "timepicker", "initial_time": "09:00"}),
		entry("at", o{"type": "datetimepicker", "initial_date_time": noon}),
		entry("checks", o{"type": "checkboxes", "options": l{prod, stage}}),
		entry("risk", o{"type": "radio_buttons", "options": l{prod, stage}, "initial_option": prod}),
		entry("rich", o{"type": "rich_text_input"}),
		entry("files", o{"type": "file_input", "filetypes": l{"txt"}, "max_files": 2}),
		entry("none", o{"type": "plain_text_input"}, "optional", true),
	}))
	b := m.b
	b.sees(modal + `//h2[.="Deploy"]`)
	if got := b.eval(`document.activeElement.closest("[data-block]").dataset.block`); got != "line" {
		t.Errorf("the focus begins in %s, want the first field", got)
	}
	b.write(fieldIn("lines")+"//textarea", "two\nlines")
	b.write(fieldIn("mail")+"//input", "bob@example.com")
	b.write(fieldIn("url")+"//input", "https://example.com/1")
	b.write(fieldIn("number")+"//input", "-2.5")
	b.click(fieldIn("select") + `//button[@aria-label="Clear About select"]`)
	b.click(fieldIn("tag") + "//input")
	b.choose("v1.3")
	pick("carol")(b, fieldIn("people"))
	pick("alice")(b, fieldIn("people"))
	b.escape()
	b.sees(modal) // Escape closes the list alone
	b.click(fieldIn("date") + "//button")
	b.click(`//button[@role="gridcell" and @tabindex="0"]`)
	b.click(fieldIn("checks") + `//label[contains(., "Staging")]`)
	b.do("bold", chromedp.Click(fieldIn("rich")+`//button[@aria-label="Bold"]`, chromedp.NodeVisible))
	b.insert("very")
	b.click(fieldIn("rich") + `//button[@aria-label="Bold"]`)
	b.insert(" sure :tada:")
	file := filepath.Join(t.TempDir(), "run book.txt")
	if err := os.WriteFile(file, []byte("by hand"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do("choose a file", chromedp.SetUploadFiles(fieldIn("files")+`//input[@type="file"]`, []string{file}))
	b.sees(fieldIn("files") + `//b[.="run book.txt"]`)
	b.picture("modal-filled")
	b.press("Go")
	b.lost(modal)

	got := values(m.next("view_submission"))
	day := b.eval(`new Date().toLocaleDateString("sv")`)
	files := got["files"].(o)["a"].(o)["files"].([]any)
	if f := files[0].(o); len(files) != 1 || f["name"] != "run book.txt" || f["size"] != 7.0 || !strings.Contains(f["url_private"].(string), "/files/") {
		t.Errorf("the file is %v", files)
	}
	delete(got, "files")
	want := o{
		"line": o{"type": "plain_text_input", "value": "web"}, "lines": o{"type": "plain_text_input", "value": "two\nlines"},
		"mail": o{"type": "email_text_input", "value": "bob@example.com"}, "url": o{"type": "url_text_input", "value": "https://example.com/1"},
		"number": o{"type": "number_input", "value": "-2.5"}, "select": o{"type": "static_select", "selected_option": nil},
		"tag":    o{"type": "external_select", "selected_option": opt("v1.3", "v1.3")},
		"people": o{"type": "multi_users_select", "selected_users": l{"UCAROL", "UALICE"}},
		"date":   o{"type": "datepicker", "selected_date": day}, "time": o{"type": "timepicker", "selected_time": "09:00"},
		"at":     o{"type": "datetimepicker", "selected_date_time": float64(noon)},
		"checks": o{"type": "checkboxes", "selected_options": l{stage}}, "risk": o{"type": "radio_buttons", "selected_option": prod},
		"rich": o{"type": "rich_text_input", "rich_text_value": o{"type": "rich_text", "elements": l{o{"type": "rich_text_section", "elements": l{
			o{"type": "text", "text": "very", "style": o{"bold": true}}, o{"type": "text", "text": " sure "}, o{"type": "emoji", "name": "tada"}}}}}},
		"none": o{"type": "plain_text_input", "value": nil},
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if diff := cmp.Diff(want[id], got[id].(o)["a"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

// TestPageFormKeepsWhatWasTypedWhenRefused: what Slack's client refuses by itself, what the app refuses, and an app that does not answer. What
// was typed stays, and the first wrong field has the focus.
func TestPageFormKeepsWhatWasTypedWhenRefused(t *testing.T) {
	m := startModal(t, dialog("Deploy", l{
		entry("why", o{"type": "plain_text_input", "min_length": 5, "max_length": 10}),
		entry("mail", o{"type": "email_text_input"}, "optional", true),
		entry("url", o{"type": "url_text_input"}, "optional", true),
		entry("number", o{"type": "number_input", "is_decimal_allowed": false, "min_value": "2", "max_value": "9"}, "optional", true),
		entry("select", o{"type": "static_select", "options": l{prod, stage}}),
	}))
	b := m.b
	b.press("Go")
	b.sees(wrong("why", "Please complete this required field."))
	b.sees(wrong("select", "Please complete this required field."))
	if got := b.eval(`document.activeElement.closest("[data-block]").dataset.block`); got != "why" {
		t.Errorf("the focus is on %s, want the first wrong field", got)
	}
	pick("Production")(b, fieldIn("select"))
	for _, try := range []struct{ block, typed, words string }{
		{"why", "no", "Please enter at least 5 characters."},
		{"why", "far too long for it", "Please enter no more than 10 characters."},
		{"why", "because", ""},
		{"mail", "bob@", "Please enter a valid email address."},
		{"mail", "bob@example.com", ""},
		{"url", "example", "Please enter a valid URL, with http:// or https://."},
		{"url", "https://example.com", ""},
		{"number", "x", "Please enter a number."},
		{"number", "2.5", "Please enter a whole number."},
		{"number", "1", "Please enter a number of at least 2."},
		{"number", "10", "Please enter a number of at most 9."},
	} {
		b.typeOver(fieldIn(try.block)+"//input", try.typed)
		if try.words == "" {
			continue
		}
		b.enter()
		b.press("Go")
		b.sees(wrong(try.block, try.words))
	}
	b.picture("modal-wrong")
	m.quiet()

	m.answer = func(o) any {
		return o{"response_action": "errors", "errors": o{"number": "Only <five> :eyes: will do."}}
	}
	b.typeOver(fieldIn("number")+"//input", "7")
	b.press("Go")
	b.sees(fieldIn("number") + `//*[@role="alert" and contains(., "Only <five>")]`)
	m.next("view_submission")
	if got := b.eval(`document.querySelector('[data-block="why"] input').value + document.querySelector('[data-block="select"] input').value`); got != "becauseProduction" {
		t.Errorf("the refused form holds %q", got)
	}
	m.answer = func(o) any { return o{"response_action": "update", "view": o{"type": "nonsense"}} }
	b.press("Go")
	b.sees(modal + `//*[@role="alert" and .="We had some trouble connecting. Try again?"]`)
	b.picture("modal-trouble")
}

// TestPageFormSubmitsByEnterInALine: Enter in a line submits, in an area it is a new line.
func TestPageFormSubmitsByEnterInALine(t *testing.T) {
	m := startModal(t, dialog("Deploy", l{
		entry("lines", o{"type": "plain_text_input", "multiline": true, "initial_value": "x"}),
		entry("line", o{"type": "plain_text_input", "focus_on_load": true})}))
	b := m.b
	if got := b.eval(`document.activeElement.closest("[data-block]").dataset.block`); got != "line" {
		t.Errorf("the focus begins in %s, want focus_on_load's", got)
	}
	b.insert("typed")
	b.activate()
	b.lost(modal)
	if got := values(m.next("view_submission"))["line"].(o)["a"].(o)["value"]; got != "typed" {
		t.Errorf("submitted %v", got)
	}
}

// TestPageFormFillsAPhone: on a phone a form fills the window, and lists and calendars come up from the bottom within reach.
func TestPageFormFillsAPhone(t *testing.T) {
	m := startModal(t, dialog("Deploy", l{
		entry("service", o{"type": "static_select", "options": l{prod, stage}}),
		entry("date", o{"type": "datepicker"}),
		entry("why", o{"type": "plain_text_input", "multiline": true, "placeholder": text("It is tested")}, "hint", text("The audit trail keeps it.")),
		entry("rich", o{"type": "rich_text_input", "placeholder": text("What the customer sees")}),
		entry("files", o{"type": "file_input"}, "optional", true)}))
	b := m.b
	b.look(390, 844, false)
	if got := b.eval(`(({width, height}) => width + "x" + height)(document.querySelector("dialog[open]").getBoundingClientRect())`); got != "390x844" {
		t.Errorf("the form is %s, want the whole window", got)
	}
	b.picture("modal-phone")
	atBottom := func() {
		t.Helper()
		b.do("see the sheet at the window's edges", chromedp.Poll[chromedp.Void](`(() => {
			const at = document.querySelector(".popup.sheet")?.getBoundingClientRect();
			return at && Math.round(at.bottom) === innerHeight && at.width === innerWidth;
		})()`))
	}
	b.click(fieldIn("service") + "//input")
	atBottom()
	b.picture("modal-phone-select")
	b.write(`//*[contains(@class, "sheet")]//input[@role="combobox"]`, "prod")
	b.choose("Production")
	b.lost(`//*[contains(@class, "sheet")]`)
	b.click(fieldIn("date") + "//button")
	atBottom()
	b.picture("modal-phone-calendar")
	b.escape()
	b.look(390, 844, true)
	b.click(fieldIn("date") + "//button")
	b.picture("modal-phone-calendar-dark")
	b.escape()
	b.lost(`//*[contains(@class, "sheet")]`)
	b.look(1280, 900, true)
	b.click(fieldIn("service") + "//input")
	b.picture("modal-select-dark")
	b.escape()
	b.click(fieldIn("date") + "//button")
	b.picture("modal-calendar-dark")
	b.escape()
	b.sees(modal)
}

// TestPageFormIsFilledByKeyboard fills a form and sends it without a pointer.
func TestPageFormIsFilledByKeyboard(t *testing.T) {
	m := startModal(t, dialog("Deploy", l{
		entry("service", o{"type": "static_select", "options": l{prod, stage}}),
		entry("date", o{"type": "datepicker", "initial_date": "2026-01-31"}),
		entry("checks", o{"type": "checkboxes", "options": l{prod, stage}}),
		entry("risk", o{"type": "radio_buttons", "options": l{prod, stage}}),
		entry("at", o{"type": "timepicker"})}))
	b := m.b
	space := func() { b.key(" ", 32) }
	b.arrow("Down")
	b.sees(`//*[@role="option" and contains(@class, "active") and .="Production"]`)
	b.insert("stag")
	b.sees(`//*[@role="option" and contains(@class, "active") and .="Staging"]`)
	b.enter()
	b.tab()
	b.activate()
	b.key("PageDown", 34)
	b.arrow("Left")
	b.activate()
	b.sees(fieldIn("date") + `//button[contains(., "February 27, 2026")]`)
	b.tab()
	space()
	b.tab()
	b.tab()
	space()
	b.arrow("Down")
	b.tab()
	b.insert("22.15")
	b.enter()
	b.tab()
	b.tab()
	b.activate()
	b.lost(modal)
	got := values(m.next("view_submission"))
	for id, want := range map[string]o{
		"service": {"type": "static_select", "selected_option": stage}, "date": {"type": "datepicker", "selected_date": "2026-02-27"},
		"checks": {"type": "checkboxes", "selected_options": l{prod}}, "risk": {"type": "radio_buttons", "selected_option": stage},
		"at": {"type": "timepicker", "selected_time": "22:15"},
	} {
		if diff := cmp.Diff(want, got[id].(o)["a"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}
