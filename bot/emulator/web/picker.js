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
export function picker(settings) {
  const { label, placeholder, multiple, max, chosen, optional, wait = 0, sign = "chevron", autofocus, search, onchange } = settings;
  const id = `picker-${++ids}`;
  const state = { chosen: [...chosen], shown: [], active: -1, close: undefined, turn: 0, timer: 0 };
  const combobox = (props) => el("input", {
    type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-label": label, placeholder,
    "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", ...props,
  });
  const input = combobox({ autofocus });
  const chips = el("span", { class: "chips" });
  const list = el("div", { class: "options", role: "listbox", id, "aria-label": label, "aria-multiselectable": multiple && "true" });
  const clear = el("button", { type: "button", class: "picker-clear", "aria-label": `Clear ${label}`, onclick: () => (set([]), input.focus()) }, icon("close"));
  const box = el("span", { class: multiple ? "picker multiple" : "picker" }, chips, input, clear, icon(sign));
  let typing = input; // what one types in: the box, or the sheet's own field

  const rest = () => {
    input.value = multiple ? "" : state.chosen[0]?.text ?? "";
    input.placeholder = multiple && state.chosen.length ? "" : placeholder;
    input.readOnly = small.matches;
    box.classList.toggle("set", state.chosen.length > 0);
    clear.hidden = !optional || multiple || !state.chosen.length;
    if (multiple) fill(chips, state.chosen.map(chip));
  };
  const chip = (option) =>
    el("span", { class: "chip" }, option.avatar?.(), el("span", {}, option.text),
      el("button", { type: "button", "aria-label": `Remove ${option.text}`, onclick: () => set(state.chosen.filter((c) => c.key !== option.key)) }, icon("close")));
  const set = (options) => {
    state.chosen = options;
    rest();
    onchange(options);
  };
  const choose = (option) => {
    const has = state.chosen.some((c) => c.key === option.key);
    if (!multiple) {
      shut();
      return has ? rest() : set([option]);
    }
    if (!has && max && state.chosen.length >= max) return undefined;
    set(has ? state.chosen.filter((c) => c.key !== option.key) : [...state.chosen, option]);
    typing.value = "";
    return show("");
  };

  const activate = (i) => {
    state.active = i;
    list.querySelectorAll("[role=option]").forEach((n, at) => {
      n.classList.toggle("active", at === i);
      if (at === i) n.scrollIntoView({ block: "nearest" });
    });
    if (i < 0) typing.removeAttribute("aria-activedescendant");
    else typing.setAttribute("aria-activedescendant", `${id}-${i}`);
  };
  const row = (option, i) => {
    const selected = state.chosen.some((c) => c.key === option.key);
    const full = multiple && !selected && max && state.chosen.length >= max;
    return el("div", { class: "option", role: "option", id: `${id}-${i}`, "aria-selected": String(selected), "aria-disabled": full && "true", onclick: () => choose(option), onpointermove: () => state.active !== i && activate(i) },
      option.avatar?.(), el("span", { class: "option-text" }, option.text, option.description && el("small", {}, option.description)), selected && icon("check"));
  };
  const note = (words) => fill(list, el("div", { class: "option-none", role: "status" }, words));

  function open() {
    if (state.close) return;
    const sheet = small.matches && el("div", { class: "popup picker-sheet" }, sheetHead(), list);
    list.classList.toggle("popup", !sheet);
    state.close = popup(box, sheet || list, () => {
      state.close = undefined;
      typing.setAttribute("aria-expanded", "false");
      typing = input;
      rest();
    });
    typing.setAttribute("aria-expanded", "true");
    if (sheet) typing.focus();
  }
  const sheetHead = () => {
    typing = wire(combobox({ class: "field", placeholder: "Search" }));
    return el("div", { class: "sheet-head" }, typing, el("button", { type: "button", class: "btn", onclick: () => shut() }, multiple ? "Done" : "Cancel"));
  };

  async function show(query) {
    const turn = ++state.turn; // an answer that comes late is for an older query
    open();
    const found = search(query);
    if (found instanceof Promise) {
      state.shown = [];
      note(el("span", { class: "loading" }, "Loading…"));
    }
    const groups = await found;
    if (turn !== state.turn || !state.close) return;
    state.shown = typeof groups === "string" ? [] : groups.flatMap((g) => g.options);
    let i = 0;
    if (state.shown.length) fill(list, groups.map((g) => [g.label && el("div", { class: "option-group", role: "presentation" }, g.label), g.options.map((o) => row(o, i++))]));
    else note(typeof groups === "string" ? groups : "No results");
    const at = query ? 0 : state.shown.findIndex((o) => o.key === state.chosen[0]?.key);
    activate(Math.min(Math.max(at, small.matches ? -1 : 0), state.shown.length - 1));
  }
  const shut = () => {
    state.turn++;
    clearTimeout(state.timer);
    const sheet = typing !== input;
    state.close?.();
    if (sheet) input.focus();
  };

  // The keys of a combobox, on the box or on the sheet's field.
  function wire(field) {
    field.addEventListener("input", () => {
      clearTimeout(state.timer);
      state.turn++; // whatever is under way is for an older query
      if (wait) state.timer = setTimeout(() => show(field.value), wait);
      else show(field.value);
    });
    field.addEventListener("keydown", (e) => keys(e, field));
    return field;
  }
  const moves = (n) => ({ ArrowDown: (state.active + 1) % n, ArrowUp: (state.active + n - (state.active < 0 ? 0 : 1)) % n, PageDown: Math.min(n - 1, state.active + 8), PageUp: Math.max(0, state.active - 8) });
  function keys(e, field) {
    const n = state.shown.length;
    const to = moves(n)[e.key];
    if (to !== undefined) {
      e.preventDefault();
      if (!state.close) return show("");
      if (n) activate(to);
    } else if (e.key === "Enter") {
      e.preventDefault(); // never submits the form around it
      if (!state.close) return show("");
      if (state.shown[state.active]) choose(state.shown[state.active]);
    } else if (e.key === "Escape" && state.close) {
      e.preventDefault();
      e.stopPropagation();
      shut();
      rest();
    } else if (e.key === "Backspace" && multiple && !field.value && state.chosen.length) {
      set(state.chosen.slice(0, -1));
    }
    return undefined;
  }

  box.addEventListener("click", (e) => {
    if (state.close || e.target.closest("button")) return;
    input.focus();
    input.select();
    show("");
  });
  input.addEventListener("blur", () => {
    if (typing !== input) return; // the sheet has taken the focus
    shut();
    rest();
  });
  list.addEventListener("pointerdown", (e) => typing === input && e.preventDefault()); // keep the focus in the input
  list.addEventListener("mousedown", (e) => e.preventDefault());
  wire(input);
  rest();
  return box;
}
