// Checkboxes and radio buttons.

import { dispatch, tracked } from "./actions.js";
import { el } from "./dom.js";
import { fieldOf, read, write } from "./inputs.js";
import { textObject } from "./mrkdwn.js";

let groups = 0;

/** Checkboxes: any of the options. */
export function checkboxes(place, block, element, settings) {
  const set = new Set(read(place, block, element).map((o) => o.value));
  const change = (option, checked) => {
    if (checked) set.add(option.value);
    else set.delete(option.value);
    return element.options.filter((o) => set.has(o.value));
  };
  return group("checkbox", (o) => set.has(o.value), change, place, block, element, settings);
}

/** Radio buttons: one of the options. */
export function radioButtons(place, block, element, settings) {
  const chosen = read(place, block, element)?.value;
  return group("radio", (o) => o.value === chosen, (option) => option, place, block, element, settings);
}

function group(kind, isSet, change, place, block, element, { label, act }) {
  // A name of its own: a message may be drawn twice, in the channel and in its thread.
  const name = `choices-${++groups}`;
  const changed = (option, checked) => {
    const next = change(option, checked);
    write(place, block, element, next);
    if (act) dispatch(place, block, element, { [fieldOf(element)]: next });
  };
  const rows = (element.options ?? []).map((o, i) =>
    el("label", { class: "choice" },
      el("input", { type: kind, name, checked: isSet(o), autofocus: element.focus_on_load && i === 0, onchange: (e) => changed(o, e.target.checked) }),
      el("span", { class: "choice-text" }, textObject(o.text), o.description && el("small", {}, textObject(o.description)))));
  return tracked(place, block, element, el("span", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", "aria-label": label }, rows));
}
