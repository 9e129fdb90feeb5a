// Short notes in a corner: that one was mentioned elsewhere, or why something did not work.

import { el } from "./dom.js";

const life = 8000;

/** Shows a note for a while: {title?, text, avatar?, onclick?}. */
export function toast({ title, text, avatar, onclick }) {
  const gone = () => {
    clearTimeout(timer);
    node.remove();
  };
  const words = el("span", { class: "toast-words" }, title && el("b", {}, title), el("span", {}, text));
  const body = onclick ? el("button", { type: "button", class: "toast-body", onclick: () => (gone(), onclick()) }, avatar, words) : el("div", { class: "toast-body" }, avatar, words);
  const node = el("div", { class: "toast" }, body, el("button", { type: "button", class: "toast-close", "aria-label": "Dismiss", onclick: gone }, "×"));
  const stack = document.getElementById("toasts");
  stack.append(node);
  if (stack.childElementCount > 3) stack.firstElementChild.remove();
  const timer = setTimeout(gone, life);
}
