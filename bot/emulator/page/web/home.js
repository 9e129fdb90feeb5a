// The app's place: its Home tab, the messages with it, and what it is.

import { userAvatar } from "./avatar.js";
import { drawBlocks } from "./blocks.js";
import { el, fill } from "./dom.js";
import { ws } from "./workspace.js";

const place = (view) => ({ key: view.id, where: { view_id: view.id }, view: true, state: view.state?.values });
const names = ["Home", "Messages", "About"]; // an app may show no Home

export class Home {
  /**
   * tabs and panel are the nodes to fill; messages are what the Messages tab
   * shows; onopen(tab) is told when a tab is shown: "home", "messages", "about".
   */
  constructor(tabs, panel, messages, onopen) {
    Object.assign(this, { tabs, panel, messages, onopen });
    this.blocks = el("div", { class: "home-view" }); // kept, so that what is half typed survives the app's next view
    this.view = undefined;
    this.chosen = "messages";
    this.offered = false;
    this.buttons = names.map((name) => el("button", { type: "button", role: "tab", id: `tab-${name.toLowerCase()}`, "aria-controls": "home", onclick: () => this.choose(name.toLowerCase()) }, name));
    tabs.addEventListener("keydown", (e) => this.key(e));
    fill(tabs, this.buttons);
  }

  /** Says whether the open conversation is with the app, and which tab to show first. */
  offer(yes, tab) {
    const fresh = yes && !this.offered;
    this.offered = yes;
    if (fresh) this.choose(tab);
    else this.draw();
  }

  /** The app has published a view for the person, or none (undefined). */
  put(view) {
    this.view = view;
    this.draw();
  }

  choose(tab) {
    this.chosen = tab;
    this.draw();
    this.onopen(tab);
  }

  key(e) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const shown = this.buttons.filter((b) => !b.hidden);
    const at = shown.findIndex((b) => b.id === `tab-${this.chosen}`);
    const next = shown[(at + step + shown.length) % shown.length];
    next.click();
    next.focus();
  }

  draw() {
    const tab = this.offered ? this.chosen : "messages";
    this.tabs.hidden = !this.offered;
    for (const b of this.buttons) {
      const on = b.id === `tab-${tab}`;
      b.setAttribute("aria-selected", String(on));
      b.tabIndex = on ? 0 : -1;
      b.hidden = b.id === "tab-home" && !ws.app.home;
    }
    this.panel.hidden = tab === "messages";
    this.panel.setAttribute("aria-labelledby", `tab-${tab}`);
    for (const node of this.messages) node.classList.toggle("behind", tab !== "messages");
    if (tab === "home" && this.view) drawBlocks(this.blocks, this.view.blocks, place(this.view));
    const shown = tab === "about" ? about() : this.view ? this.blocks : nothing();
    if (this.panel.firstChild !== shown) fill(this.panel, shown);
  }
}

const nothing = () => el("div", { class: "home-nothing" }, userAvatar(ws.app.bot_user_id, "large"), el("h3", {}, `${ws.app.name} shows nothing here yet`), el("p", {}, "When it does, it appears by itself."));

function about() {
  const shortcuts = ws.app.shortcuts ?? [];
  const entry = (name, note, more) => el("li", {}, el("b", {}, name), more && el("span", { class: "usage" }, ` ${more}`), note && el("small", {}, note));
  const section = (heading, rows) => rows.length > 0 && el("section", {}, el("h3", {}, heading), el("ul", {}, rows));
  return el("div", { class: "home-view about" },
    el("header", {}, userAvatar(ws.app.bot_user_id, "large"), el("div", {}, el("h2", {}, ws.app.name, el("span", { class: "badge" }, "APP")), el("p", {}, `An app in ${ws.team.name}. App ID ${ws.app.id}.`))),
    section("Commands", ws.commands.filter((c) => !c.slack).map((c) => entry(c.command, c.description, c.usage_hint))),
    section("Shortcuts", shortcuts.map((s) => entry(s.name, s.description || (s.message ? "In the menu of every message." : "In the + menu of the message box.")))));
}
