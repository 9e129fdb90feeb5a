// The Threads view: the threads in which one has a part, the newest first.

import * as api from "./api.js";
import { el, fill, icon, reconcile } from "./dom.js";
import { messageNode } from "./message.js";
import { channelIcon, isDirect, title, userName, ws } from "./workspace.js";

export class Threads {
  /** node is what to fill; onopen(channel, ts) opens a thread where it is. */
  constructor(node, onopen) {
    this.node = node;
    this.onopen = onopen;
    this.list = el("div", { class: "threads-list" });
    this.turn = 0;
    fill(node, this.list);
  }

  /** Shows the threads, or puts them away. */
  async show(yes) {
    this.node.hidden = !yes;
    if (yes) await this.read();
  }

  /** Reads them anew, where they are shown. */
  async read() {
    if (this.node.hidden) return;
    const mine = ++this.turn;
    const threads = await api.getThreads(ws.me);
    if (mine === this.turn) this.draw(threads);
  }

  draw(threads) {
    const item = (t) => {
      const key = `${t.channel}/${t.messages[0].ts}`;
      const fresh = ws.fresh.get(key) ?? 0;
      return { key, sig: JSON.stringify([t, fresh]), make: () => this.thread(t, fresh) };
    };
    reconcile(this.list, threads.length ? threads.map(item) : [{ key: "nothing", sig: "nothing", make: nothing }]);
  }

  thread({ channel: id, messages, replies }, fresh) {
    const channel = ws.channels.get(id);
    const [first, ...last] = messages;
    const open = () => this.onopen(id, first.ts);
    const more = replies - last.length;
    const draw = (m) => messageNode(id, m, { grouped: false });
    return el("section", { class: "threads-one", "aria-label": `Thread in ${title(channel)}` },
      el("header", {}, el("button", { type: "button", class: "threads-where", onclick: open }, !isDirect(channel) && icon(channelIcon(channel)), isDirect(channel) ? title(channel) : channel?.name),
        fresh > 0 && el("span", { class: "fresh" }, `${fresh} new`), el("small", {}, who(messages))),
      el("div", { class: "threads-box" }, draw(first),
        more > 0 && el("button", { type: "button", class: "threads-more", onclick: open }, `Show ${more} more ${more === 1 ? "reply" : "replies"}`),
        last.map(draw),
        el("button", { type: "button", class: "threads-reply", onclick: open }, "Reply…")));
  }
}

// Who has a part in it, as far as it is seen: "Ana, Bob and you".
function who(messages) {
  const ids = [...new Set(messages.map((m) => m.user).filter(Boolean))];
  const names = ids.filter((id) => id !== ws.me).map(userName);
  if (ids.includes(ws.me)) names.push("you");
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");
}

const nothing = () => el("div", { class: "home-nothing" }, icon("thread"), el("h3", {}, "No threads yet"), el("p", {}, "Those that you begin, answer, or are mentioned in come together here."));
