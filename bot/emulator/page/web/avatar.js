import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { color, displayName, ws } from "./workspace.js";

/** Initials on a colour, in the given size class ("" is 36 px, "small" 20 px). */
export function avatar({ name, color: background, emoji: iconName, image }, size = "") {
  const picture = image ? el("img", { src: image, alt: "" }) : iconName && emoji(iconName.replaceAll(":", ""));
  const node = el("span", { class: `avatar ${size}`, "aria-hidden": "true" }, picture || initials(name));
  node.style.backgroundColor = background;
  return node;
}

export function userAvatar(id, size) {
  const user = ws.users.get(id);
  return avatar({ name: displayName(user) || id || "?", color: color(user, id) }, size);
}

function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  return words.slice(0, 2).map((w) => [...w][0].toUpperCase()).join("");
}
