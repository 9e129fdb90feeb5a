// The message box.

import { Completions } from "./completions.js";
import { usage } from "./complete.js";
import { el, fill, icon } from "./dom.js";
import { pickEmoji } from "./emojipicker.js";
import { menu } from "./listmenu.js";
import { globalShortcuts } from "./shortcuts.js";
import { ws } from "./workspace.js";

const drafts = new Map(); // by key: text not sent yet

const formats = [
  ["bold", "Bold", "*"],
  ["italic", "Italic", "_"],
  ["strike", "Strikethrough", "~"],
  ["code", "Code", "`"],
];

const still = { onmousedown: (e) => e.preventDefault() }; // a click leaves the focus in the box

export class Composer {
  /**
   * onsend(text) resolves to {ok, error}; a text that was refused comes back.
   * oncancel makes it a box that edits, and onempty is told of an edit to
   * nothing; onfile(file, text) shares a file; onup is the up arrow in an empty
   * box; below stands under the text.
   */
  constructor({ onsend, onfile, oncancel, onempty, onup, compact = false, below }) {
    Object.assign(this, { onsend, onfile, oncancel, onempty, onup });
    this.box = el("textarea", {
      rows: 1, "aria-autocomplete": "list",
      oninput: () => this.typed(), onkeydown: (e) => this.key(e), onblur: () => this.completions.close(), onclick: () => this.suggest(), onpaste: (e) => this.paste(e),
    });
    this.completions = new Completions(this.box, (start, insert) => this.replace(start, insert));
    this.hint = el("div", { class: "usage-hint", hidden: true });
    this.error = el("div", { class: "composer-error", role: "alert", hidden: true });
    const tools = formats.map(([name, label, mark]) => el("button", { type: "button", "aria-label": label, title: label, ...still, onclick: () => this.wrap(mark) }, icon(name)));
    this.form = el("form", { class: ["composer", compact && "compact", oncancel && "editor"].filter(Boolean).join(" "), onsubmit: (e) => (e.preventDefault(), this.send()) },
      this.completions.node, el("div", { class: "composer-formats", role: "toolbar", "aria-label": "Formatting" }, tools), this.box, below,
      el("div", { class: "composer-actions" }, this.actions(), el("span", { class: "spacer" }), this.ending(compact)));
    this.notice = el("div", { class: "composer-notice", hidden: true });
    this.node = el("div", { class: "composer-area" }, this.error, this.hint, this.form, this.notice);
  }

  actions() {
    const action = (name, label, onclick, more) => el("button", { type: "button", "aria-label": label, title: label, ...still, onclick, ...more }, icon(name));
    const plus = !this.oncancel && action("plus", "Attach and shortcuts", (e) => this.plus(e.currentTarget), { "aria-haspopup": "menu", class: "plus" });
    const slash = !this.oncancel && action("slash", "Commands", () => this.begin("/"));
    return [plus, action("smile", "Emoji", (e) => pickEmoji(e.currentTarget, (name) => this.insert(`:${name}: `)), { "aria-haspopup": "dialog" }),
      action("at", "Mention someone", () => this.insert("@")), slash].filter(Boolean);
  }

  // What stands at the right: send, or cancel and save.
  ending(compact) {
    if (this.oncancel) {
      this.button = el("button", { type: "submit", class: "btn primary" }, "Save");
      return [el("button", { type: "button", class: "btn", onclick: () => this.oncancel() }, "Cancel"), this.button];
    }
    this.button = el("button", { type: "submit", class: "send", "aria-label": "Send", disabled: true }, icon("send"));
    return [!compact && el("span", { class: "composer-tip" }, el("b", {}, "Shift + Enter"), " to add a new line"), this.button];
  }

  /** Turns the box to a place: its draft's key, its name, and what stands instead where one cannot write, if so. */
  turn(key, label, closed = "") {
    if (this.key_ === key && this.closed === closed && !(closed instanceof Node)) return;
    this.key_ = key;
    this.closed = closed;
    this.box.setAttribute("aria-label", label);
    this.box.placeholder = label;
    this.box.value = drafts.get(key) ?? "";
    this.form.hidden = Boolean(closed);
    this.notice.hidden = !closed;
    fill(this.notice, closed);
    this.fail("");
    this.grow();
    this.suggest();
    this.completions.close();
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }

  typed() {
    if (!this.oncancel) drafts.set(this.key_, this.box.value);
    this.grow();
    this.suggest();
  }

  grow() {
    this.box.style.height = "auto";
    if (this.box.scrollHeight) this.box.style.height = `${Math.min(this.box.scrollHeight, innerHeight / 3)}px`;
    this.button.disabled = !this.oncancel && !this.box.value.trim();
  }

  async send() {
    const text = this.box.value.trim();
    if (!text) return this.onempty?.();
    if (this.oncancel) {
      const answer = await this.onsend(text);
      return answer.ok || this.fail(answer.error);
    }
    const key = this.key_;
    this.set("");
    this.fail("");
    const answer = await this.onsend(text);
    if (answer.ok) return;
    if (!drafts.get(key)) drafts.set(key, text);
    if (this.key_ !== key) return;
    this.set(drafts.get(key));
    this.fail(answer.error || "Your message was not sent. Try again.");
  }

  set(text, caret = text.length) {
    this.box.value = text;
    this.box.setSelectionRange(caret, caret);
    this.typed();
  }

  fail(words) {
    this.error.hidden = !words;
    fill(this.error, words && [icon("alert"), words]);
  }

  key(e) {
    if (this.completions.key(e)) return e.preventDefault();
    if (e.key === "Escape" && this.oncancel) this.oncancel();
    else if (e.key === "ArrowUp" && !this.box.value && this.onup?.()) return e.preventDefault();
    else if (e.key === "Enter" && !e.shiftKey && !e.isComposing) this.send();
    else return;
    e.preventDefault();
  }

  suggest() {
    this.completions.suggest(this.oncancel);
    const hint = usage(this.box.value);
    this.hint.hidden = !hint;
    fill(this.hint, hint);
  }

  // Puts text where the caret is, or over what was typed from start on.
  replace(start, text) {
    const rest = this.box.value.slice(this.box.selectionEnd);
    const before = this.box.value.slice(0, start) + text;
    this.focus();
    this.set(before + rest, before.length);
  }

  insert(text) {
    const at = this.box.selectionStart;
    const glued = text === "@" && /\S$/.test(this.box.value.slice(0, at));
    this.replace(at, glued ? ` ${text}` : text);
  }

  begin(sign) {
    this.focus();
    if (!this.box.value.startsWith(sign)) this.set(sign + this.box.value, 1);
    this.suggest();
  }

  plus(anchor) {
    const shortcuts = globalShortcuts();
    menu(anchor, "Attach and shortcuts", [
      { label: "Upload from your computer", icon: "file", pick: () => this.upload() },
      shortcuts.length > 0 && "-",
      shortcuts.length > 0 && { heading: "Shortcuts" },
      ...shortcuts,
      "-",
      ws.commands.length > 0 && { label: "Run a command", note: "/", icon: "slash", pick: () => this.begin("/") },
      { label: "Mention someone", note: "@", icon: "at", pick: () => this.insert("@") },
    ]);
  }

  upload() {
    const input = el("input", { type: "file", hidden: true, "aria-label": "File", onchange: () => input.files[0] && this.share(input.files[0]) });
    this.input?.remove();
    this.input = input;
    this.form.append(input);
    input.click();
  }

  // A picture from the clipboard is shared; text is the browser's.
  paste(e) {
    const file = e.clipboardData?.files[0];
    if (!file || !this.onfile) return;
    e.preventDefault();
    this.share(file);
  }

  // Shares a file, with what is written as its text.
  async share(file) {
    const text = this.box.value.trim();
    this.set("");
    const answer = await this.onfile(file, text);
    if (answer.ok) return;
    this.set(text);
    this.fail(answer.error);
  }

  // Puts a format's marks around the selection.
  wrap(mark) {
    const { selectionStart: from, selectionEnd: to, value } = this.box;
    this.focus();
    this.set(value.slice(0, from) + mark + value.slice(from, to) + mark + value.slice(to), to + 1);
    this.box.setSelectionRange(from + 1, to + 1);
  }
}
