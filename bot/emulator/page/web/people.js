// Who one is, and becoming somebody else with one click.

import { userAvatar } from "./avatar.js";
import { el, fill, icon } from "./dom.js";
import { menu } from "./listmenu.js";
import { displayName, people, ws } from "./workspace.js";

const room = 6; // people who stand side by side; the rest are in a menu

/** Draws the people into a node; onswitch gets the id of whom to become. */
export function drawPeople(node, onswitch) {
  const all = people();
  const look = JSON.stringify([ws.me, all.map((u) => [u.id, displayName(u)])]);
  if (node.look === look) return;
  const focused = node.contains(document.activeElement) && document.activeElement.dataset.user;
  node.look = look;
  const shown = all.slice(0, room);
  const me = all.find((u) => u.id === ws.me);
  if (me && !shown.includes(me)) shown[room - 1] = me;
  const rest = all.filter((u) => !shown.includes(u));
  const more = rest.length > 0 && el("button", { type: "button", class: "person more", "aria-haspopup": "menu", "aria-label": "More people", onclick: (e) => menu(e.currentTarget, "More people", rest.map((u) => ({ label: displayName(u), icon: userAvatar(u.id, "small"), pick: () => onswitch(u.id) }))) }, `+${rest.length}`);
  fill(node, el("span", { class: "people-label", "aria-hidden": "true" }, "You are"), shown.map((u) => person(u, onswitch)), more);
  if (focused) node.querySelector(`[data-user="${CSS.escape(focused)}"]`)?.focus();
}

function person(u, onswitch) {
  const me = u.id === ws.me;
  const name = displayName(u);
  return el("button", { type: "button", class: me ? "person me" : "person", "aria-pressed": String(me), "aria-label": me ? `${name} (you)` : `Switch to ${name}`, title: me ? `You are ${name}` : `Become ${name}`, dataset: { user: u.id }, onclick: () => !me && onswitch(u.id) },
    userAvatar(u.id, "small"), el("span", { class: "person-name" }, name), me && icon("check"));
}
