// Choosing an emoji: a search field over a grid.

import { el, fill } from "./dom.js";
import { emoji, names } from "./emoji.js";
import { popup } from "./popup.js";

const columns = 8;

/** Opens the picker at a button; onpick gets the emoji's name. */
export function pickEmoji(anchor, onpick, onclose) {
  let active = 0;
  let shown = [];
  const grid = el("div", { class: "emoji-grid", role: "listbox", id: "emoji-grid", "aria-label": "Emoji" });
  const name = el("div", { class: "emoji-name", "aria-hidden": "true" });
  const search = el("input", {
    type: "text", class: "field", placeholder: "Search all emoji", "aria-label": "Search all emoji", autocomplete: "off", spellcheck: "false",
    role: "combobox", "aria-expanded": "true", "aria-controls": "emoji-grid", "aria-autocomplete": "list",
    oninput: () => draw(), onkeydown: (e) => key(e),
  });
  const node = el("div", { class: "popup emoji-picker", role: "dialog", "aria-label": "Emoji" }, search, grid, name);

  const draw = () => {
    const query = search.value.trim().toLowerCase().replaceAll(":", "").replaceAll(" ", "_");
    shown = names().filter((n) => n.includes(query));
    fill(grid, shown.map((n, i) => el("button", { type: "button", role: "option", tabindex: "-1", id: `emoji-${i}`, "aria-label": n.replaceAll("_", " "), title: `:${n}:`, onpointerenter: () => activate(i), onclick: () => choose(n) }, emoji(n))));
    if (!shown.length) grid.append(el("p", { class: "option-none" }, "No emoji is called that."));
    activate(0);
  };
  const activate = (i) => {
    active = i;
    [...grid.children].forEach((n, at) => {
      n.classList.toggle("active", at === i);
      n.setAttribute("aria-selected", String(at === i));
    });
    search.setAttribute("aria-activedescendant", `emoji-${i}`);
    fill(name, shown[i] && [emoji(shown[i]), ` :${shown[i]}:`]);
  };
  const choose = (n) => {
    close();
    anchor.focus({ preventScroll: true });
    onpick(n);
  };
  const key = (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[e.key];
    if (step && shown.length) {
      activate(Math.max(0, Math.min(shown.length - 1, active + step)));
      grid.children[active].scrollIntoView({ block: "nearest" });
    } else if (e.key === "Enter" && shown[active]) choose(shown[active]);
    else if (e.key === "Escape" || e.key === "Tab") {
      close();
      anchor.focus({ preventScroll: true });
    } else return;
    e.preventDefault();
    e.stopPropagation();
  };

  anchor.setAttribute("aria-expanded", "true");
  const close = popup(anchor, node, () => {
    anchor.setAttribute("aria-expanded", "false");
    onclose?.();
  });
  draw();
  search.focus({ preventScroll: true });
  return close;
}
