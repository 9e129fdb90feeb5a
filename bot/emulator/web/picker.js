// A select one can type in: an ARIA combobox with a list, for one or several.

import { el, fill, icon } from "./dom.js";
import { popup } from "./popup.js";

let ids = 0;

/**
 * Makes a picker. search(query) returns, or promises, groups
 * [{label?, options: [{key, text, description?, avatar?, data}]}]; chosen are
 * the options set; onchange gets the new list of them.
 */
export function picker({ label, placeholder, multiple, max, chosen, search, onchange }) {
  const id = `picker-${++ids}`;
  const state = { chosen: [...chosen], shown: [], active: -1, close: undefined, turn: 0 };
  const input = el("input", {
    type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-label": label,
    "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", placeholder,
  });
  const chips = el("span", { class: "chips" });
  const list = el("div", { class: "popup options", role: "listbox", id, "aria-label": label, "aria-multiselectable": multiple && "true" });
  const box = el("span", { class: multiple ? "picker multiple" : "picker" }, chips, input, icon("chevron"));

  const rest = () => {
    input.value = multiple ? "" : state.chosen[0]?.text ?? "";
    input.placeholder = multiple && state.chosen.length ? "" : placeholder;
    if (multiple) fill(chips, state.chosen.map(chip));
  };

  const chip = (option) =>
    el("span", { class: "chip" }, option.text,
      el("button", { type: "button", "aria-label": `Remove ${option.text}`, onclick: () => set(state.chosen.filter((c) => c.key !== option.key)) }, "×"));

  const set = (options) => {
    state.chosen = options;
    rest();
    onchange(options);
  };

  const choose = (option) => {
    const has = state.chosen.some((c) => c.key === option.key);
    if (!multiple) {
      close();
      if (!has) set([option]);
      else rest();
      return;
    }
    if (!has && max && state.chosen.length >= max) return;
    set(has ? state.chosen.filter((c) => c.key !== option.key) : [...state.chosen, option]);
    show("");
  };

  const activate = (i) => {
    state.active = i;
    [...list.querySelectorAll("[role=option]")].forEach((n, at) => {
      n.classList.toggle("active", at === i);
      if (at === i) n.scrollIntoView({ block: "nearest" });
    });
    if (i < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${id}-${i}`);
  };

  const row = (option, i) => {
    const selected = state.chosen.some((c) => c.key === option.key);
    return el("div", { class: "option", role: "option", id: `${id}-${i}`, "aria-selected": String(selected), onclick: () => choose(option), onpointermove: () => state.active !== i && activate(i) },
      option.avatar?.(), el("span", { class: "option-text" }, option.text, option.description && el("small", {}, option.description)), selected && icon("check"));
  };

  async function show(query) {
    const turn = ++state.turn; // an answer that comes late is for an older query
    const groups = await search(query);
    if (turn !== state.turn || document.activeElement !== input) return;
    state.shown = groups.flatMap((g) => g.options);
    let i = 0;
    fill(list, groups.map((g) => [g.label && el("div", { class: "option-group", role: "presentation" }, g.label), g.options.map((o) => row(o, i++))]));
    if (!state.shown.length) list.append(el("div", { class: "option-none" }, "No matches"));
    if (!state.close) {
      state.close = popup(box, list, () => {
        state.close = undefined;
        input.setAttribute("aria-expanded", "false");
      });
      input.setAttribute("aria-expanded", "true");
    }
    const at = query ? 0 : state.shown.findIndex((o) => o.key === state.chosen[0]?.key);
    activate(Math.min(at, state.shown.length - 1));
  }

  const close = () => {
    state.turn++;
    state.close?.();
  };

  input.addEventListener("click", () => {
    if (state.close) return;
    input.select();
    show("");
  });
  input.addEventListener("input", () => show(input.value));
  input.addEventListener("blur", () => {
    close();
    rest();
  });
  list.addEventListener("pointerdown", (e) => e.preventDefault()); // keep the focus in the input
  list.addEventListener("mousedown", (e) => e.preventDefault());
  input.addEventListener("keydown", (e) => {
    const open = Boolean(state.close);
    const n = state.shown.length;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (!open) return show("");
      if (n) activate((state.active + (e.key === "ArrowDown" ? 1 : state.active < 0 ? 0 : -1) + n) % n);
    } else if (e.key === "Enter") {
      e.preventDefault(); // never submits the form around it
      if (open && state.shown[state.active]) choose(state.shown[state.active]);
      else if (!open) show("");
    } else if (e.key === "Escape" && open) {
      e.preventDefault();
      e.stopPropagation();
      close();
      rest();
    } else if (e.key === "Backspace" && multiple && !input.value && state.chosen.length) {
      set(state.chosen.slice(0, -1));
    }
  });
  rest();
  return box;
}
