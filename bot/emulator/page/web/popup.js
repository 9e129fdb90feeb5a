// Lists that open at a control: menus, calendars, the options of selects. They
// live in the nearest dialog, so that a modal does not make them inert. On a
// phone they come up from the bottom as sheets.

import { el } from "./dom.js";

/** Whether the window is a phone's. */
export const small = matchMedia("(max-width: 760px)");

/** Shows a node at an anchor until closed; returns the function that closes it. */
export function popup(anchor, node, onclose) {
  const scrim = small.matches && el("div", { class: "sheet-scrim" });
  const place = () => {
    if (!anchor.isConnected) return close();
    return scrim ? undefined : beside(anchor.getBoundingClientRect(), node);
  };
  const outside = (e) => {
    if (node.contains(e.target) || (!scrim && anchor.contains(e.target))) return;
    close();
  };
  const close = () => {
    if (!node.isConnected) return;
    node.remove();
    if (scrim) scrim.remove();
    removeEventListener("pointerdown", outside, true);
    removeEventListener("scroll", place, true);
    removeEventListener("resize", place);
    onclose?.();
  };
  const host = anchor.closest("dialog") ?? document.body;
  if (scrim) host.append(scrim);
  node.classList.toggle("sheet", Boolean(scrim));
  host.append(node);
  place();
  addEventListener("pointerdown", outside, true);
  addEventListener("scroll", place, true);
  addEventListener("resize", place);
  return close;
}

// Below the anchor, or above it where there is more room.
function beside(at, node) {
  node.style.minWidth = `${at.width}px`;
  node.style.maxHeight = "";
  const wanted = Math.min(node.scrollHeight, 340);
  const below = innerHeight - at.bottom - 12;
  const above = below < wanted && at.top > below;
  node.style.maxHeight = `${Math.min(340, above ? at.top - 12 : below)}px`;
  node.style.left = `${Math.max(8, Math.min(at.left, innerWidth - node.offsetWidth - 8))}px`;
  node.style.top = above ? "" : `${at.bottom + 4}px`;
  node.style.bottom = above ? `${innerHeight - at.top + 4}px` : "";
}
