// A picture in full.

import { el, icon } from "./dom.js";

/** Shows a picture over the page: {src, name, note}. Escape and a click beside it close it. */
export function lightbox({ src, name, note }) {
  const close = el("button", { type: "button", class: "icon-button", "aria-label": "Close", autofocus: true, onclick: () => dialog.close() }, icon("close"));
  const open = el("a", { class: "icon-button", href: src, target: "_blank", rel: "noopener", "aria-label": "Open in a new tab", title: "Open in a new tab" }, icon("open"));
  const dialog = el("dialog", { class: "lightbox", "aria-label": name, onclick: (e) => (e.target === dialog || e.target.classList.contains("lightbox-picture")) && dialog.close() },
    el("header", {}, el("span", { class: "lightbox-name" }, el("b", {}, name), note && el("small", {}, note)), open, close),
    el("div", { class: "lightbox-picture" }, el("img", { src, alt: name })));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
