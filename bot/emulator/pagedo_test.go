package emulator_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// said is the message that holds these words.
func said(words string) string { return `//main//article[contains(., "` + words + `")]` }

// hover moves the mouse over an element.
func (b *tab) hover(xpath string) {
	b.t.Helper()
	b.sees(xpath)
	at := strings.Split(b.eval(`(() => {
		const n = document.evaluate(`+strconv.Quote(xpath)+`, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue;
		n.scrollIntoView({ block: "center" });
		const r = n.getBoundingClientRect();
		return (r.x + r.width / 2) + " " + (r.y + r.height / 2);
	})()`), " ")
	x, _ := strconv.ParseFloat(at[0], 64) // the page's own numbers
	y, _ := strconv.ParseFloat(at[1], 64)
	b.do("hover over "+xpath, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
}

// tool presses a button of the bar over a message.
func (b *tab) tool(message, name string) {
	b.t.Helper()
	b.hover(message)
	b.click(`//*[@role="toolbar" and @aria-label="Message actions"]//button[@aria-label="` + name + `"]`)
}

func menuItem(name string) string { return `//*[@role="menuitem" and contains(., "` + name + `")]` }

func (b *tab) focus() string {
	b.t.Helper()
	return b.eval(`(() => { const n = document.activeElement; return n.ariaLabel || n.textContent.trim() || n.tagName; })()`)
}

// up is a key of somebody without a mouse.
func (b *tab) up() { b.t.Helper(); b.key("ArrowUp", 38) }

// type1 types into whatever has the focus.
func (b *tab) type1(words string) {
	b.t.Helper()
	b.do("type "+words, chromedp.KeyEvent(words))
}

// TestPageChangesMessages: what people do with a message by mouse, and what others see of it.
func TestPageChangesMessages(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) {
		c.App.Shortcuts = []emulator.Shortcut{{Name: "Show the audit trail", CallbackID: "audit", Message: true}}
	})
	alice := browse(t, w, "alice")
	bob := openTab(t, alice.ctx, w, "bob")
	alice.send(messageBox, "the frist of many, @bob ")
	bob.hover(said("frist"))
	bob.tool(said("frist"), "More actions")
	bob.sees(menuItem("Show the audit trail"))
	bob.picture("page-menu-of-a-message")
	if strings.Contains(bob.eval(`document.querySelector("[role=menu]").innerText`), "Edit") {
		t.Error("bob may edit what alice wrote")
	}
	bob.escape()

	alice.tool(said("frist"), "More actions")
	alice.click(menuItem("Edit message"))
	if got := alice.eval(`document.querySelector(".editing textarea").value`); got != "the frist of many, @bob" {
		t.Errorf("the editor holds %q", got)
	}
	alice.picture("page-edit")
	alice.do("mend it", chromedp.SetValue(chromedp.CSS(".editing textarea"), "the first of many, @bob"))
	alice.press("Save")
	bob.sees(said("the first of many") + `//*[.="(edited)"]`)
	bob.sees(said("the first of many") + `//*[contains(@class, "mention") and .="@bob"]`)

	alice.tool(said("the first"), "Completed")
	chip := said("the first") + `//button[contains(@class, "reaction") and starts-with(@aria-label, "white check mark")]`
	bob.sees(chip + `[contains(., "1")]`)
	bob.click(chip)
	alice.sees(chip + `[contains(., "2")]`)
	bob.click(chip)
	alice.sees(chip + `[contains(., "1")]`)
	bob.tool(said("the first"), "Add reaction…")
	bob.sees(`//*[@role="dialog" and @aria-label="Emoji"]`)
	bob.picture("page-emoji")
	bob.type1("rock")
	bob.enter()
	alice.sees(said("the first") + `//button[starts-with(@aria-label, "rocket")]`)

	alice.tool(said("the first"), "More actions")
	alice.click(menuItem("Delete message…"))
	alice.sees(`//dialog[@open]//*[contains(., "This cannot be undone")]`)
	alice.picture("page-delete")
	alice.click(`//dialog[@open]//button[normalize-space()="Delete"]`)
	bob.lost(said("the first"))
	if left := w.Messages(deploys); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// Nobody changes what somebody else wrote, whatever their page says.
func TestPageChangesNobodyElsesMessages(t *testing.T) {
	w := start(t)
	ts, err := w.Post("alice", deploys, "mine", "")
	w.must(err)
	for _, path := range []string{"/page/edit", "/page/delete"} {
		var out outcome
		if w.ask(path, o{"user": "UBOB", "channel": deploys, "ts": ts, "text": "not mine"}, &out); out.OK || !strings.Contains(out.Error, "your own") {
			t.Errorf("%s: %+v", path, out)
		}
	}
	if m := w.Messages(deploys)[0]; m.Text != "mine" {
		t.Errorf("the message now says %q", m.Text)
	}
}

// TestPageShortcutsOpenForms: the app's shortcuts are where Slack has them, and open its forms.
func TestPageShortcutsOpenForms(t *testing.T) {
	chromium(t)
	w := start(t, func(c *emulator.Config) {
		c.App.Shortcuts = []emulator.Shortcut{{Name: "Deploy a service", CallbackID: "deploy"}, {Name: "Show the audit trail", CallbackID: "audit", Message: true}}
	})
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		d := e.Data.(slack.InteractionCallback)
		ack(c, e)
		if d.Type == slack.InteractionTypeViewClosed {
			return
		}
		view := form()
		view.Title.Text = map[string]string{"deploy": "Deploy", "audit": "Audit trail"}[d.CallbackID]
		if d.CallbackID == "audit" && d.Message.Text != "look at this" {
			t.Errorf("the shortcut came with the message %q", d.Message.Text)
		}
		_, err := w.api.OpenView(d.TriggerID, view)
		w.must(err)
	})
	b := browse(t, w, "bob")
	b.send(messageBox, "look at this")
	b.tool(said("look at this"), "More actions")
	b.click(menuItem("Show the audit trail"))
	b.sees(openForm + `//h2[.="Audit trail"]`)
	b.escape()
	b.lost(openForm)
	b.click(`//main//button[@aria-label="Attach and shortcuts"]`)
	b.picture("page-shortcuts")
	b.click(menuItem("Deploy a service"))
	b.sees(openForm + `//h2[.="Deploy"]`)
}

// TestPageWorksByKeyboard does without a mouse what one does most.
func TestPageWorksByKeyboard(t *testing.T) {
	chromium(t)
	w := start(t)
	ts, err := w.Post("alice", deploys, "shall we?", "")
	w.must(err)
	b := browse(t, w, "bob")
	b.sees(said("shall we?"))
	b.send(messageBox, "yes, lets")
	b.sees(said("yes, lets"))
	b.up() // an empty box edits the last message
	b.sees(`//textarea[@aria-label="Edit message"]`)
	b.escape()
	b.lost(`//textarea[@aria-label="Edit message"]`)
	if f := b.focus(); f != "Message #"+deploys {
		t.Errorf("the focus is at %s after an edit, want the message box", f)
	}
	b.up()
	b.sees(`//textarea[@aria-label="Edit message"]`)
	b.type1("!")
	b.enter()
	b.sees(said("yes, lets!") + `//*[.="(edited)"]`)

	b.do("go to the messages", chromedp.Focus(`//main//*[@class="scroller"]`))
	b.up()
	b.up()
	if f := b.focus(); !strings.HasPrefix(f, "alice,") {
		t.Errorf("two up among the messages lead to %s", f)
	}
	b.picture("page-keyboard")
	b.type1("t")
	b.sees(`//aside[@id="thread" and not(@hidden)]//textarea`)
	b.send(`//aside[@id="thread"]//textarea`, "in the thread")
	b.sees(`//aside[@id="thread"]` + saying("in the thread"))
	b.escape()
	b.lost(`//aside[@id="thread" and not(@hidden)]`)
	if f := b.focus(); !strings.HasPrefix(f, "alice,") {
		t.Errorf("the focus is at %s after the thread, want where it was", f)
	}
	if n := len(w.Thread(deploys, ts)); n != 1 {
		t.Errorf("%d answers, want 1", n)
	}
	b.click(`//main//button[@aria-label="Attach and shortcuts"]`)
	b.up()
	if f := b.focus(); !strings.HasPrefix(f, "Mention someone") {
		t.Errorf("up from the first of the menu leads to %s", f)
	}
	b.enter()
	b.sees(`//main//*[@role="option" and contains(., "carol")]`)
	b.type1("car")
	b.tab()
	if got := b.eval(`document.querySelector("main textarea").value`); got != "@carol " {
		t.Errorf("the box holds %q, want the completed name", got)
	}
	b.clear()
	b.write(messageBox, "see #gen")
	b.enter()
	if got := b.eval(`document.querySelector("main textarea").value`); got != "see #general " {
		t.Errorf("the box holds %q, want the completed channel", got)
	}
	b.clear()
	b.write(messageBox, ":roc")
	b.enter()
	if got := b.eval(`document.querySelector("main textarea").value`); got != ":rocket: " {
		t.Errorf("the box holds %q, want the completed emoji", got)
	}
}
