// Modals: the stack of views that an app has opened for the person signed in.

import { closeView, submitView } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { el, fill, icon } from "./dom.js";
import { collect, forget } from "./inputs.js";
import { plain, textObject } from "./mrkdwn.js";
import { problems } from "./validate.js";
import { ws } from "./workspace.js";

// What Slack says of an app that did not answer, or with something it cannot read.
const trouble = "We had some trouble connecting. Try again?";

const place = (view) => ({ key: view.id, where: { view_id: view.id }, view: true, state: view.state?.values });

export class Modals {
  /** refresh() reads the open views again, after a submission. */
  constructor({ refresh }) {
    this.refresh = refresh;
    this.stack = [];
    this.errors = new Map(); // view id → {block_id: words}
    this.waiting = undefined; // the view id whose submission is on its way
    this.head = el("header");
    this.said = el("div", { class: "modal-said" });
    this.blocks = el("div", { class: "modal-blocks" });
    this.body = el("div", { class: "modal-body", tabindex: "-1" }, this.said, this.blocks);
    this.foot = el("footer");
    this.form = el("form", { novalidate: true, onsubmit: (e) => (e.preventDefault(), this.submit()) }, this.head, this.body, this.foot);
    this.dialog = el("dialog", { class: "modal", role: "dialog", "aria-modal": "true", "aria-labelledby": "modal-title" }, this.form);
    this.dialog.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || e.defaultPrevented) return;
      e.preventDefault();
      this.close();
    });
    // The browser closed it, as a phone's back gesture does.
    this.dialog.addEventListener("close", () => this.top && !this.dialog.open && this.close(true));
    this.body.addEventListener("scroll", () => this.edges());
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
    const wrong = this.form.querySelector("[aria-invalid]");
    wrong?.focus();
    if (!wrong) this.body.scrollTop = 0;
  }

  drop(view) {
    forget(place(view));
    this.errors.delete(view.id);
    if (this.shown === view.id) this.shown = undefined;
  }

  async submit() {
    const view = this.top;
    if (!view?.submit || this.waiting) return;
    const found = problems(place(view), view.blocks ?? []);
    if (Object.keys(found).length) {
      this.refuse(view.id, found);
      return;
    }
    this.errors.delete(view.id);
    this.waiting = view.id;
    this.draw();
    const answer = await submitView(ws.me, view.id, { values: collect(place(view), view.blocks ?? []) });
    this.waiting = undefined;
    if (answer.ok) {
      this.draw();
      await this.refresh();
      return;
    }
    const silent = ["operation_timeout", "dispatch_failed"].includes(answer.error);
    this.refuse(view.id, answer.errors ?? { "": silent ? trouble : answer.error || trouble });
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
    if (fresh) fill(this.blocks); // a view comes with nothing of another's
    this.shown = view.id;
    this.drawHead(view);
    const errors = this.errors.get(view.id) ?? {};
    this.drawGeneral(view, errors);
    drawBlocks(this.blocks, view.blocks, place(view), errors);
    this.drawFoot(view);
    this.form.setAttribute("aria-busy", String(this.waiting === view.id));
    if (!this.dialog.open) this.dialog.showModal();
    if (fresh) {
      this.body.scrollTop = 0;
      this.focusFirst();
    }
    this.edges();
  }

  // What was under the pointer stays there while nothing of it changes.
  redraw(node, look, make) {
    const sig = JSON.stringify(look);
    if (node.sig === sig) return;
    node.sig = sig;
    fill(node, make());
  }

  drawHead(view) {
    const deep = this.stack.length > 1;
    this.redraw(this.head, [view.id, view.title, deep], () => [
      deep && el("button", { type: "button", class: "icon-button", "aria-label": "Back", onclick: () => this.close() }, icon("back")),
      el("h2", { id: "modal-title" }, textObject(view.title)),
      el("button", { type: "button", class: "icon-button", "aria-label": "Close modal", onclick: () => this.close(true) }, icon("close")),
    ]);
  }

  // Errors of no block, or of one that shows none.
  drawGeneral(view, errors) {
    const inputs = new Set((view.blocks ?? []).flatMap((b) => [b, ...(b.child_blocks ?? [])]).filter((b) => b.type === "input").map((b) => b.block_id));
    const words = Object.entries(errors).filter(([id]) => !inputs.has(id)).map(([, said]) => said);
    this.redraw(this.said, words, () => words.length > 0 && el("div", { class: "modal-error", role: "alert" }, icon("alert"), plain(words.join(" "))));
  }

  drawFoot(view) {
    this.foot.hidden = !view.submit && !view.close;
    const waiting = this.waiting === view.id;
    const submit = () => el("button", { type: "submit", class: waiting ? "btn primary busy" : "btn primary", "aria-busy": String(waiting), "aria-disabled": waiting && "true" }, el("span", { class: "btn-text" }, textObject(view.submit)));
    this.redraw(this.foot, [view.id, view.close, view.submit, waiting], () => [
      el("button", { type: "button", class: "btn", onclick: () => this.close() }, el("span", { class: "btn-text" }, textObject(view.close ?? { type: "plain_text", text: view.submit ? "Cancel" : "Close" }))),
      view.submit && submit(),
    ]);
  }

  // Lines above and below the blocks, where some are out of sight.
  edges() {
    const { scrollTop, clientHeight, scrollHeight } = this.body;
    this.form.classList.toggle("more-above", scrollTop > 1);
    this.form.classList.toggle("more-below", scrollTop + clientHeight < scrollHeight - 1);
  }

  // What is to be filled in comes before buttons beside the text.
  focusFirst() {
    const first = (within) => this.form.querySelector(`${within} :is(input:not([type=file]), textarea, [contenteditable], button)`);
    const node = this.form.querySelector("[autofocus]") ?? first(".modal-body .block-input") ?? first(".modal-body") ?? first("footer");
    node?.focus({ preventScroll: true });
  }
}
