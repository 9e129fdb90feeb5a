// Modals: the stack of views that an app has opened for the person signed in.

import { closeView, submitView } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { el, fill, icon } from "./dom.js";
import { collect, forget, problems } from "./inputs.js";
import { plain } from "./mrkdwn.js";
import { ws } from "./workspace.js";

const place = (view) => ({ key: view.id, where: { view_id: view.id }, view: true, state: view.state?.values });

export class Modals {
  /** refresh() reads the open views again, after a submission. */
  constructor({ refresh }) {
    this.refresh = refresh;
    this.stack = [];
    this.errors = new Map(); // view id → {block_id: words}
    this.waiting = undefined; // the view id whose submission is on its way
    this.form = el("form", { novalidate: true, onsubmit: (e) => (e.preventDefault(), this.submit()) });
    this.dialog = el("dialog", { class: "modal", role: "dialog", "aria-modal": "true", "aria-labelledby": "modal-title" }, this.form);
    this.dialog.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || e.defaultPrevented) return;
      e.preventDefault();
      this.close();
    });
    // The browser closed it, as a phone's back gesture does.
    this.dialog.addEventListener("close", () => this.top && !this.dialog.open && this.close(true));
    document.body.append(this.dialog);
  }

  get top() {
    return this.stack.at(-1);
  }

  /** Shows exactly these views, the last on top. */
  sync(views) {
    const modals = views.filter((v) => (v.type ?? "modal") === "modal");
    for (const gone of this.stack.filter((v) => !modals.some((m) => m.id === v.id))) this.drop(gone);
    this.stack = modals;
    this.draw();
  }

  /** A view was opened or updated. */
  put(view) {
    if ((view.type ?? "modal") !== "modal") return;
    const at = this.stack.findIndex((v) => v.id === view.id);
    if (at < 0) this.stack.push(view);
    else this.stack[at] = view;
    this.errors.delete(view.id);
    this.draw();
  }

  /** A view was closed, by the app or elsewhere. */
  gone(id) {
    const view = this.stack.find((v) => v.id === id);
    if (!view) return;
    this.drop(view);
    this.stack = this.stack.filter((v) => v.id !== id);
    this.draw();
  }

  /** The app refused a submission: words by block_id. */
  refuse(id, errors) {
    this.errors.set(id, errors ?? {});
    if (this.waiting === id) this.waiting = undefined;
    if (this.top?.id !== id) return;
    this.draw();
    this.form.querySelector("[aria-invalid]")?.focus();
  }

  drop(view) {
    forget(place(view));
    this.errors.delete(view.id);
    this.shown = undefined;
  }

  async submit() {
    const view = this.top;
    if (!view || this.waiting) return;
    const found = problems(place(view), view.blocks ?? []);
    if (Object.keys(found).length) return this.refuse(view.id, found);
    this.errors.delete(view.id);
    this.waiting = view.id;
    this.draw();
    const answer = await submitView(ws.me, view.id, { values: collect(place(view), view.blocks ?? []) });
    this.waiting = undefined;
    if (answer.ok) {
      this.draw();
      return this.refresh();
    }
    this.refuse(view.id, answer.errors ?? { "": answer.error === "operation_timeout" ? "The app did not respond. Try again." : answer.error || "We had some trouble connecting. Try again?" });
  }

  /** Closes the view on top, or the whole stack. */
  async close(all = false) {
    const view = all ? this.stack[0] : this.top;
    if (!view) return;
    for (const gone of all ? [...this.stack] : [view]) this.gone(gone.id);
    await closeView(ws.me, view.id, all);
  }

  draw() {
    const view = this.top;
    if (!view) {
      this.shown = undefined;
      if (this.dialog.open) this.dialog.close();
      return;
    }
    const fresh = this.shown !== view.id;
    const look = JSON.stringify([view.id, view.title, view.blocks, view.submit, view.close, this.errors.get(view.id), this.waiting, this.stack.length]);
    if (look === this.look && this.dialog.open) return; // what was under the pointer stays there
    this.shown = view.id;
    this.look = look;
    const scroll = this.form.querySelector(".modal-body")?.scrollTop ?? 0;
    const focused = document.activeElement?.closest?.(".modal [data-control]")?.dataset.control;
    const caret = document.activeElement?.selectionStart;
    fill(this.form, this.header(view), this.body(view), this.footer(view));
    this.form.setAttribute("aria-busy", String(this.waiting === view.id));
    if (!this.dialog.open) this.dialog.showModal();
    if (fresh) this.focusFirst();
    else this.restore(scroll, focused, caret);
  }

  header(view) {
    const back = this.stack.length > 1 && el("button", { type: "button", class: "icon-button", "aria-label": "Back", onclick: () => this.close() }, icon("back"));
    return el("header", {}, back, el("h2", { id: "modal-title" }, plain(view.title?.text)),
      el("button", { type: "button", class: "icon-button", "aria-label": "Close modal", onclick: () => this.close(true) }, icon("close")));
  }

  body(view) {
    const errors = this.errors.get(view.id) ?? {};
    const known = new Set((view.blocks ?? []).map((b) => b.block_id));
    const general = Object.entries(errors).filter(([id]) => !known.has(id)).map(([, words]) => words);
    return el("div", { class: "modal-body", tabindex: "-1" },
      general.length > 0 && el("div", { class: "modal-error", role: "alert" }, icon("alert"), general.join(" ")),
      renderBlocks(view.blocks, place(view), errors));
  }

  footer(view) {
    if (!view.submit && !view.close) return undefined;
    const waiting = this.waiting === view.id;
    return el("footer", {},
      el("button", { type: "button", class: "btn", onclick: () => this.close() }, plain(view.close?.text ?? "Cancel")),
      view.submit && el("button", { type: "submit", class: waiting ? "btn primary busy" : "btn primary", "aria-busy": String(waiting), "aria-disabled": waiting && "true" }, el("span", { class: "btn-text" }, plain(view.submit.text))));
  }

  focusFirst() {
    const first = this.form.querySelector("[autofocus], .modal-body input, .modal-body textarea, .modal-body button") ?? this.form.querySelector("footer button");
    first?.focus({ preventScroll: true });
  }

  restore(scroll, focused, caret) {
    const body = this.form.querySelector(".modal-body");
    if (body) body.scrollTop = scroll;
    const again = focused && this.form.querySelector(`[data-control="${CSS.escape(focused)}"]`)?.querySelector("input, textarea, button");
    if (!again) return body?.focus({ preventScroll: true });
    again.focus({ preventScroll: true });
    if (typeof caret === "number" && again.setSelectionRange && /^(text|url)?$/.test(again.type === "textarea" ? "" : again.type)) again.setSelectionRange(caret, caret);
  }
}
