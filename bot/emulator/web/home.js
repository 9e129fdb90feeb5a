// An app's Home tab, beside the messages with the app.

import { drawBlocks } from "./blocks.js";
import { el, fill } from "./dom.js";

const place = (view) => ({ key: view.id, where: { view_id: view.id }, view: true, state: view.state?.values });

export class Home {
  /** node holds the tabs, panel the view; messages are what the other tab shows. */
  constructor(tabs, panel, messages) {
    this.panel = panel;
    this.blocks = el("div", { class: "home-view" });
    fill(panel, this.blocks);
    this.messages = messages;
    this.view = undefined;
    this.chosen = false;
    this.offered = false;
    const tab = (name, home) => el("button", { type: "button", role: "tab", onclick: () => this.choose(home) }, name);
    this.tabs = tabs;
    this.buttons = [tab("Home", true), tab("Messages", false)];
    fill(tabs, this.buttons);
  }

  /** Whether the open conversation is with the app. */
  offer(yes) {
    if (this.offered !== yes) this.chosen = false;
    this.offered = yes;
    this.draw();
  }

  put(view) {
    this.view = view;
    this.draw();
  }

  choose(home) {
    this.chosen = home;
    this.draw();
  }

  draw() {
    const shown = this.offered && this.view;
    const home = Boolean(shown && this.chosen);
    this.tabs.hidden = !shown;
    this.buttons[0].setAttribute("aria-selected", String(home));
    this.buttons[1].setAttribute("aria-selected", String(!home));
    this.panel.hidden = !home;
    for (const node of this.messages) node.classList.toggle("behind", home);
    if (home) drawBlocks(this.blocks, this.view.blocks, place(this.view));
  }
}
