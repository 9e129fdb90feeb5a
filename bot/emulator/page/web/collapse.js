// "See more": Slack folds a message's long sections. What counts is their
// height as drawn, so that a narrow window folds more.

import { el } from "./dom.js";

const opened = new Set(); // keys of what a person has unfolded

/** Puts a fold on a node that is much higher than the fold leaves visible. */
export function folding(node, key) {
  const button = el("button", { type: "button", class: "see-more", hidden: true });
  const draw = () => {
    const open = opened.has(key);
    node.classList.toggle("folded", !open);
    node.classList.toggle("cut", !open);
    button.textContent = open ? "See less" : "See more";
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => {
    if (!opened.delete(key)) opened.add(key);
    draw();
  });
  // Two lines of grace: a fold that hides one line helps nobody.
  const measure = () => {
    const line = parseFloat(getComputedStyle(node).lineHeight) || 22;
    const long = node.scrollHeight > 10 * line;
    button.hidden = !long;
    if (long) draw();
    else node.classList.remove("folded", "cut");
  };
  node.classList.toggle("folded", !opened.has(key)); // so that a long one is never seen whole for a moment
  new ResizeObserver(measure).observe(node);
  return [node, button];
}
