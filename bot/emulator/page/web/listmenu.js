// A menu that opens at a button, for mouse and keyboard.

import { el, icon } from "./dom.js";
import { popup } from "./popup.js";

/**
 * Opens a menu and gives the function that closes it. items are
 * {label, note?, icon?, danger?, pick}, {heading} or "-" for a line; label names
 * the menu. The focus goes into the menu, and back to the anchor with Escape.
 */
export function menu(anchor, label, items, onclose) {
  const choose = (pick) => {
    close();
    anchor.focus({ preventScroll: true });
    pick();
  };
  const row = (item) => {
    if (item === "-") return el("hr", { role: "separator" });
    if (item.heading) return el("div", { class: "menu-heading", role: "presentation" }, item.heading);
    return el("button", { type: "button", role: "menuitem", tabindex: "-1", class: item.danger && "danger", onclick: () => choose(item.pick) },
      item.icon && (typeof item.icon === "string" ? icon(item.icon) : item.icon),
      el("span", { class: "menu-label" }, item.label), item.note && el("small", {}, item.note));
  };
  const node = el("div", { class: "popup menu list-menu", role: "menu", "aria-label": label, onkeydown: (e) => key(e) }, items.filter(Boolean).map(row));
  const rows = () => [...node.querySelectorAll("[role=menuitem]")];

  const move = (to) => {
    const all = rows();
    all[(to + all.length) % all.length]?.focus();
  };
  const key = (e) => {
    const at = rows().indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[e.key];
    if (to !== undefined) move(to);
    else if (e.key === "Escape" || e.key === "Tab") {
      close();
      anchor.focus({ preventScroll: true });
      if (e.key === "Tab") return;
    } else if (e.key === "Enter" || e.key === " ") document.activeElement.click();
    else if (/^\S$/u.test(e.key) && !e.ctrlKey && !e.metaKey && !e.altKey) first(e.key, at);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  // The next entry that begins with a letter.
  const first = (letter, at) => {
    const all = rows();
    const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    order.find((r) => r.textContent.toLowerCase().startsWith(letter.toLowerCase()))?.focus();
  };

  anchor.setAttribute("aria-expanded", "true");
  const close = popup(anchor, node, () => {
    anchor.setAttribute("aria-expanded", "false");
    onclose?.();
  });
  move(0);
  return close;
}
