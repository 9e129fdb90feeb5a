// The confirm dialog that an app may put before any action.

import { el, icon } from "./dom.js";
import { textObject } from "./mrkdwn.js";

let dialogs = 0;

/** Asks, as a confirmation object says; resolves to whether it was confirmed. */
export function confirmDialog(object) {
  return new Promise((resolve) => {
    const id = `confirm-${++dialogs}`;
    const style = object.style === "danger" ? "danger" : "primary";
    const close = (answer) => dialog.close(answer);
    const dialog = el("dialog", { class: "modal confirm", role: "alertdialog", "aria-modal": "true", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-text` },
      el("header", {}, el("h2", { id: `${id}-title` }, textObject(object.title)), el("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => close("") }, icon("close"))),
      el("div", { class: "modal-body", id: `${id}-text` }, textObject(object.text)),
      el("footer", {},
        el("button", { type: "button", class: "btn", onclick: () => close("") }, el("span", { class: "btn-text" }, textObject(object.deny ?? { type: "plain_text", text: "Cancel" }))),
        el("button", { type: "button", class: `btn ${style}`, autofocus: true, onclick: () => close("yes") }, el("span", { class: "btn-text" }, textObject(object.confirm ?? { type: "plain_text", text: "Yes" })))));
    // Escape is for this dialog alone, not for the form under it.
    dialog.addEventListener("keydown", (e) => e.key === "Escape" && e.stopPropagation());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
