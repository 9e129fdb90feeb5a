// The message box.

import { completions, usage } from "./complete.js";
import { el, fill, icon } from "./dom.js";

let ids = 0;
const drafts = new Map(); // by key: text not sent yet

const formats = [
  ["bold", "Bold", "*"],
  ["italic", "Italic", "_"],
  ["strike", "Strikethrough", "~"],
  ["code", "Code", "`"],
];

export class Composer {
  /** onsend(text) resolves to {ok, error}; a text that was refused comes back. */
  constructor({ onsend, compact = false }) {
    this.onsend = onsend;
    this.id = `completions-${++ids}`;
    this.offered = undefined;
    this.active = 0;
    this.box = el("textarea", {
      rows: 1, "aria-autocomplete": "list", "aria-controls": this.id,
      oninput: () => this.typed(), onkeydown: (e) => this.key(e), onblur: () => this.offer(undefined), onclick: () => this.suggest(),
    });
    this.list = el("div", { class: "completions", role: "listbox", id: this.id, "aria-label": "Completions", hidden: true, onmousedown: (e) => e.preventDefault() });
    this.hint = el("div", { class: "usage-hint", hidden: true });
    this.error = el("div", { class: "composer-error", role: "alert", hidden: true });
    this.button = el("button", { type: "submit", class: "send", "aria-label": "Send", disabled: true }, icon("send"));
    const tools = formats.map(([name, label, mark]) => el("button", { type: "button", "aria-label": label, title: label, onmousedown: (e) => e.preventDefault(), onclick: () => this.wrap(mark) }, icon(name)));
    const slash = el("button", { type: "button", "aria-label": "Commands", title: "Commands", onmousedown: (e) => e.preventDefault(), onclick: () => this.slash() }, icon("slash"));
    this.form = el("form", { class: compact ? "composer compact" : "composer", onsubmit: (e) => (e.preventDefault(), this.send()) },
      this.list, el("div", { class: "composer-formats" }, tools), this.box,
      el("div", { class: "composer-actions" }, slash, el("span", { class: "spacer" }), el("span", { class: "composer-tip" }, el("b", {}, "Shift + Enter"), " for a new line"), this.button));
    this.notice = el("div", { class: "composer-notice", hidden: true });
    this.node = el("div", { class: "composer-area" }, this.error, this.hint, this.form, this.notice);
  }

  /** Turns the box to a place: its draft's key, its name, and why one cannot write there, if so. */
  turn(key, label, closed = "") {
    if (this.key_ === key && this.closed === closed) return;
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
    this.offer(undefined);
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }

  typed() {
    drafts.set(this.key_, this.box.value);
    this.grow();
    this.suggest();
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, innerHeight / 3)}px`;
    this.button.disabled = !this.box.value.trim();
  }

  async send() {
    const text = this.box.value.trim();
    if (!text) return;
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
    if (this.offered && this.completionKey(e)) return e.preventDefault();
    if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
    e.preventDefault();
    this.send();
  }

  // Whether the key was for the list of completions.
  completionKey(e) {
    const n = this.offered.rows.length;
    switch (e.key) {
      case "ArrowDown":
      case "ArrowUp":
        this.activate((this.active + (e.key === "ArrowDown" ? 1 : n - 1)) % n);
        return true;
      case "Tab":
        this.take(this.active);
        return true;
      case "Enter": {
        // A command typed in full is sent, not completed once more.
        const row = this.offered.rows[this.active];
        if (e.shiftKey || e.isComposing || row.key === this.box.value) return false;
        this.take(this.active);
        return true;
      }
      case "Escape":
        this.offer(undefined);
        return true;
      default:
        return false;
    }
  }

  suggest() {
    this.offer(completions(this.box.value, this.box.selectionStart));
    const hint = usage(this.box.value);
    this.hint.hidden = !hint;
    fill(this.hint, hint);
  }

  offer(offered) {
    this.offered = offered;
    this.list.hidden = !offered;
    this.box.removeAttribute("aria-activedescendant");
    if (!offered) return;
    fill(this.list, offered.rows.map((r, i) => el("div", { class: "option", role: "option", id: `${this.id}-${i}`, onclick: () => this.take(i), onpointermove: () => this.active !== i && this.activate(i) }, r.node)));
    this.activate(0);
  }

  activate(i) {
    this.active = i;
    [...this.list.children].forEach((n, at) => {
      n.classList.toggle("active", at === i);
      n.setAttribute("aria-selected", String(at === i));
    });
    this.list.children[i]?.scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", `${this.id}-${i}`);
  }

  take(i) {
    const { start, rows } = this.offered;
    const rest = this.box.value.slice(this.box.selectionStart);
    const text = this.box.value.slice(0, start) + rows[i].insert;
    this.set(text + rest, text.length);
    this.offer(undefined);
    this.focus();
  }

  slash() {
    this.focus();
    if (!this.box.value.startsWith("/")) this.set(`/${this.box.value}`, 1);
    this.suggest();
  }

  // Puts a format's marks around the selection.
  wrap(mark) {
    const { selectionStart: from, selectionEnd: to, value } = this.box;
    this.focus();
    this.set(value.slice(0, from) + mark + value.slice(from, to) + mark + value.slice(to), to + 1);
    this.box.setSelectionRange(from + 1, to + 1);
  }
}
