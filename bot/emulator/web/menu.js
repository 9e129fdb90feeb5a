// The overflow menu, and menus in general.

import { dispatch, tracked } from "./actions.js";
import { el, icon, linkURL } from "./dom.js";
import { decode } from "./mention.js";
import { textObject } from "./mrkdwn.js";
import { popup } from "./popup.js";

/** The "…" button with its options, some of which may be links. */
export function overflow(place, block, element, { label }) {
  const choose = (option) => {
    const url = option.url && linkURL(decode(option.url));
    if (url) window.open(url, "_blank", "noopener");
    dispatch(place, block, element, { selected_option: option });
  };
  const rows = (element.options ?? []).map((o) => ({
    words: [textObject(o.text), o.description && el("small", {}, textObject(o.description))],
    choose: () => choose(o),
  }));
  const name = label && label !== element.action_id ? label : "More actions";
  const node = el("button", { type: "button", class: "btn overflow", "aria-label": name, "aria-haspopup": "menu", "aria-expanded": "false" }, icon("dots"));
  opensMenu(node, name, () => rows);
  return tracked(place, block, element, node);
}

/** Makes a button open a menu of rows, [{words, choose}]. */
export function opensMenu(button, name, rows) {
  let close;
  const open = () => {
    if (close) return close();
    if (button.getAttribute("aria-disabled")) return undefined;
    const item = (row) => el("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => pick(row) }, row.words);
    const menu = el("div", { class: "popup menu", role: "menu", "aria-label": name }, rows().map(item));
    menu.addEventListener("keydown", (e) => keys(e, menu, () => leave()));
    button.setAttribute("aria-expanded", "true");
    close = popup(button, menu, () => {
      close = undefined;
      button.setAttribute("aria-expanded", "false");
    });
    menu.querySelector("button")?.focus();
    return undefined;
  };
  const leave = () => {
    close?.();
    button.focus();
  };
  const pick = (row) => {
    leave();
    row.choose();
  };
  button.addEventListener("click", open);
  button.addEventListener("keydown", (e) => {
    if (e.key !== "ArrowDown" || close) return;
    e.preventDefault();
    open();
  });
}

function keys(e, menu, leave) {
  const items = [...menu.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  const moves = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 };
  if (e.key === "Escape" || e.key === "Tab") {
    e.preventDefault();
    e.stopPropagation();
    leave();
  } else if (e.key in moves) {
    e.preventDefault();
    items[moves[e.key]]?.focus();
  } else if (e.key.length === 1 && /\S/.test(e.key)) {
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    after.find((n) => n.textContent.trim().toLowerCase().startsWith(e.key.toLowerCase()))?.focus();
  }
}
