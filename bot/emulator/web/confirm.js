// The confirm dialog that an app may put before any action.

import { el } from "./dom.js";
import { textObject } from "./mrkdwn.js";

/** Asks, as a confirmation object says; resolves to whether it was confirmed. */
export function confirmDialog(object) {
  return new Promise((resolve) => {
    const style = object.style === "danger" ? "danger" : "primary";
    const dialog = el(
      "dialog",
      { class: "modal confirm", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
      el("header", {}, el("h2", { id: "confirm-title" }, textObject(object.title))),
      el("div", { class: "modal-body", id: "confirm-text" }, textObject(object.text)),
      el(
        "footer",
        {},
        el("button", { type: "button", class: "btn", onclick: () => dialog.close() }, textObject(object.deny ?? { text: "Cancel" })),
        el("button", { type: "button", class: `btn ${style}`, autofocus: true, onclick: () => dialog.close("yes") }, textObject(object.confirm ?? { text: "Yes" })),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
