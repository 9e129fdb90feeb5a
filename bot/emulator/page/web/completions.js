// The list of completions over a message box.

import { completions } from "./complete.js";
import { el, fill } from "./dom.js";

let ids = 0;

export class Completions {
  /** box is the textarea; ontake(start, text) puts a completion where it belongs. */
  constructor(box, ontake) {
    this.box = box;
    this.ontake = ontake;
    this.id = `completions-${++ids}`;
    this.offered = undefined;
    this.active = 0;
    this.node = el("div", { class: "completions", role: "listbox", id: this.id, "aria-label": "Completions", hidden: true, onmousedown: (e) => e.preventDefault() });
    box.setAttribute("aria-controls", this.id);
  }

  /** Offers what fits at the caret. An edit takes no commands. */
  suggest(editing) {
    const offered = completions(this.box.value, this.box.selectionStart);
    this.offer(editing && this.box.value.startsWith("/") ? undefined : offered);
  }

  close() {
    this.offer(undefined);
  }

  offer(offered) {
    this.offered = offered;
    this.node.hidden = !offered;
    this.box.removeAttribute("aria-activedescendant");
    if (!offered) return;
    const row = (r, i) => el("div", { class: "option", role: "option", id: `${this.id}-${i}`, onclick: () => this.take(i), onpointermove: () => this.active !== i && this.activate(i) }, r.node);
    fill(this.node, offered.title && el("div", { class: "completions-title", role: "presentation" }, offered.title), offered.rows.map(row));
    this.activate(0);
  }

  activate(i) {
    this.active = i;
    [...this.node.querySelectorAll("[role=option]")].forEach((n, at) => {
      n.classList.toggle("active", at === i);
      n.setAttribute("aria-selected", String(at === i));
      if (at === i) n.scrollIntoView({ block: "nearest" });
    });
    this.box.setAttribute("aria-activedescendant", `${this.id}-${i}`);
  }

  take(i) {
    const { start, rows } = this.offered;
    this.close();
    this.ontake(start, rows[i].insert);
    this.close();
  }

  /** Whether a key was for the list. */
  key(e) {
    if (!this.offered) return false;
    const n = this.offered.rows.length;
    switch (e.key) {
      case "ArrowDown":
      case "ArrowUp":
        this.activate((this.active + (e.key === "ArrowDown" ? 1 : n - 1)) % n);
        return true;
      case "Tab":
        if (e.shiftKey) return false;
        this.take(this.active);
        return true;
      case "Enter": {
        // A command typed in full is sent, not completed once more.
        const row = this.offered.rows[this.active];
        if (e.shiftKey || e.isComposing || row.key === this.box.value) return false;
        this.take(this.active);
        return true;
      }
      case "Escape":
        this.close();
        return true;
      default:
        return false;
    }
  }
}
