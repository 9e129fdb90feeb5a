// A select one can type in: an ARIA combobox with a list, for one or several.

import { el, fill, icon } from "./dom.js";
import { popup, small } from "./popup.js";

let ids = 0;

/**
 * Makes a picker. search(query) returns, or promises, groups [{label?,
 * options: [{key, text, description?, avatar?, data}]}], or words to show
 * instead of a list; chosen are the options set; onchange gets the new list of
 * them. optional lets go of a choice again; wait is the pause in typing, in
 * milliseconds, after which to search; sign is the icon at its end.
 */
export const picker = (settings) => new Picker(settings).box;

class Picker {
  constructor({ label, placeholder, multiple, max, chosen, optional, wait = 0, sign = "chevron", autofocus, search, onchange }) {
    Object.assign(this, { label, placeholder, multiple, max, optional, wait, search, onchange, chosen: [...chosen] });
    this.id = `picker-${++ids}`;
    this.shown = []; // the options in the list
    this.active = -1; // which of them the keyboard is at
    this.turn = 0; // counts the searches, so that late answers are dropped
    this.input = this.wire(this.combobox({ autofocus, placeholder }));
    this.typing = this.input; // what one types in: the box, or the sheet's own field
    this.chips = el("span", { class: "chips" });
    this.list = el("div", { class: "options", role: "listbox", id: this.id, "aria-label": label, "aria-multiselectable": multiple && "true" });
    this.clear = el("button", { type: "button", class: "picker-clear", "aria-label": `Clear ${label}`, onclick: () => (this.set([]), this.input.focus()) }, icon("close"));
    this.box = el("span", { class: multiple ? "picker multiple" : "picker" }, this.chips, this.input, this.clear, icon(sign));
    this.listen();
    this.rest();
  }

  listen() {
    this.box.addEventListener("click", (e) => {
      if (this.close || e.target.closest("button")) return;
      this.input.focus();
      this.input.select();
      this.show("");
    });
    this.input.addEventListener("blur", () => {
      if (this.typing !== this.input) return; // the sheet has taken the focus
      this.shut();
      this.rest();
    });
    this.list.addEventListener("pointerdown", (e) => this.typing === this.input && e.preventDefault()); // keep the focus in the input
    this.list.addEventListener("mousedown", (e) => e.preventDefault());
  }

  combobox(props) {
    return el("input", {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-label": this.label,
      "aria-expanded": "false", "aria-controls": this.id, "aria-autocomplete": "list", ...props,
    });
  }

  // ---- what is chosen

  // The box as it is while nobody types.
  rest() {
    const { input, multiple, chosen } = this;
    input.value = multiple ? "" : chosen[0]?.text ?? "";
    input.placeholder = multiple && chosen.length ? "" : this.placeholder;
    input.readOnly = small.matches;
    this.box.classList.toggle("set", chosen.length > 0);
    this.clear.hidden = !this.optional || multiple || !chosen.length;
    if (multiple) fill(this.chips, chosen.map((o) => this.chip(o)));
  }

  chip(option) {
    return el("span", { class: "chip" }, option.avatar?.(), el("span", {}, option.text),
      el("button", { type: "button", "aria-label": `Remove ${option.text}`, onclick: () => this.set(this.without(option)) }, icon("close")));
  }

  has = (option) => this.chosen.some((c) => c.key === option.key);
  without = (option) => this.chosen.filter((c) => c.key !== option.key);
  full = () => Boolean(this.max) && this.chosen.length >= this.max;

  set(options) {
    this.chosen = options;
    this.rest();
    this.onchange(options);
  }

  choose(option) {
    const has = this.has(option);
    if (!this.multiple) {
      this.shut();
      if (has) this.rest();
      else this.set([option]);
      return;
    }
    if (!has && this.full()) return;
    this.set(has ? this.without(option) : [...this.chosen, option]);
    this.typing.value = "";
    this.show("");
  }

  // ---- the list

  async show(query) {
    const turn = ++this.turn;
    this.open();
    const found = this.search(query);
    if (found instanceof Promise) {
      this.shown = [];
      this.note(el("span", { class: "loading" }, "Loading…"));
    }
    const groups = await found;
    if (turn !== this.turn || !this.close) return;
    this.fill(groups);
    const at = query ? 0 : this.shown.findIndex((o) => o.key === this.chosen[0]?.key);
    this.activate(Math.min(Math.max(at, small.matches ? -1 : 0), this.shown.length - 1));
  }

  fill(groups) {
    const words = typeof groups === "string" ? groups : "No results";
    this.shown = typeof groups === "string" ? [] : groups.flatMap((g) => g.options);
    if (!this.shown.length) {
      this.note(words);
      return;
    }
    let i = 0;
    fill(this.list, groups.map((g) => [g.label && el("div", { class: "option-group", role: "presentation" }, g.label), g.options.map((o) => this.row(o, i++))]));
  }

  row(option, i) {
    const selected = this.has(option);
    const props = { "aria-selected": String(selected), "aria-disabled": this.multiple && !selected && this.full() && "true" };
    return el("div", { class: "option", role: "option", id: `${this.id}-${i}`, ...props, onclick: () => this.choose(option), onpointermove: () => this.active !== i && this.activate(i) },
      option.avatar?.(), el("span", { class: "option-text" }, option.text, option.description && el("small", {}, option.description)), selected && icon("check"));
  }

  note(words) {
    fill(this.list, el("div", { class: "option-none", role: "status" }, words));
  }

  activate(i) {
    this.active = i;
    this.list.querySelectorAll("[role=option]").forEach((n, at) => {
      n.classList.toggle("active", at === i);
      if (at === i) n.scrollIntoView({ block: "nearest" });
    });
    if (i < 0) this.typing.removeAttribute("aria-activedescendant");
    else this.typing.setAttribute("aria-activedescendant", `${this.id}-${i}`);
  }

  open() {
    if (this.close) return;
    const sheet = small.matches && el("div", { class: "popup picker-sheet" }, this.sheetHead(), this.list);
    this.list.classList.toggle("popup", !sheet);
    this.close = popup(this.box, sheet || this.list, () => {
      this.close = undefined;
      this.typing.setAttribute("aria-expanded", "false");
      this.typing = this.input;
      this.rest();
    });
    this.typing.setAttribute("aria-expanded", "true");
    if (sheet) this.typing.focus();
  }

  sheetHead() {
    this.typing = this.wire(this.combobox({ class: "field", placeholder: "Search" }));
    return el("div", { class: "sheet-head" }, this.typing, el("button", { type: "button", class: "btn", onclick: () => this.shut() }, this.multiple ? "Done" : "Cancel"));
  }

  shut() {
    this.turn++;
    clearTimeout(this.timer);
    const sheet = this.typing !== this.input;
    this.close?.();
    if (sheet) this.input.focus();
  }

  // ---- typing

  // The keys of a combobox, on the box or on the sheet's field.
  wire(field) {
    field.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.turn++; // whatever is under way is for an older query
      if (this.wait) this.timer = setTimeout(() => this.show(field.value), this.wait);
      else this.show(field.value);
    });
    field.addEventListener("keydown", (e) => this.key(e, field));
    return field;
  }

  // Where a key moves to in the list, if it moves.
  moved(key) {
    const n = this.shown.length;
    const at = this.active;
    return { ArrowDown: (at + 1) % n, ArrowUp: (at + n - (at < 0 ? 0 : 1)) % n, PageDown: Math.min(n - 1, at + 8), PageUp: Math.max(0, at - 8) }[key];
  }

  key(e, field) {
    const to = this.moved(e.key);
    if (to !== undefined || e.key === "Enter") {
      e.preventDefault(); // Enter never submits the form around it
      if (!this.close) this.show("");
      else if (to !== undefined && this.shown.length) this.activate(to);
      else if (to === undefined && this.shown[this.active]) this.choose(this.shown[this.active]);
    } else if (e.key === "Escape" && this.close) {
      e.preventDefault();
      e.stopPropagation();
      this.shut();
      this.rest();
    } else if (e.key === "Backspace" && this.multiple && !field.value && this.chosen.length) {
      this.set(this.chosen.slice(0, -1));
    }
  }
}
