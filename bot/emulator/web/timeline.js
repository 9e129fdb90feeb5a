// A scrolling list of messages: a channel's, or a thread's.

import { el, fill, icon, reconcile } from "./dom.js";
import { messageNode } from "./message.js";
import { ago, day, dayKey } from "./time.js";
import { author, ws } from "./workspace.js";

const groupSpan = 300; // seconds in which messages by one author share a heading

export class Timeline {
  /**
   * intro() makes what stands above the first message; onthread(ts) opens a
   * thread; onread() is called when the newest message comes into sight; replies
   * says that all but the first message answer it.
   */
  constructor({ label, intro, onthread, onread, replies = false }) {
    this.replies = replies;
    this.intro = intro;
    this.onthread = onthread;
    this.onread = onread;
    this.messages = new Map();
    this.late = new Map(); // what came in since the messages were asked for
    this.unreadFrom = undefined; // ts of the first message that was new on arrival
    this.below = 0; // messages that came in while scrolled up
    this.list = el("div", { class: "messages", role: "log", "aria-label": label });
    this.pill = el("button", { type: "button", class: "new-pill", hidden: true, onclick: () => this.toBottom() });
    this.scroller = el("div", { class: "scroller", tabindex: "0", role: "group", "aria-label": label }, this.list);
    this.node = el("div", { class: "timeline" }, this.scroller, this.pill);
    this.stuck = true;
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.stuck && this.pin()).observe(this.list);
    new ResizeObserver(() => this.stuck && this.pin()).observe(this.scroller);
  }

  /**
   * Says that a channel's messages are being read: what comes in meanwhile is
   * kept and laid over them, since their snapshot may be older.
   */
  begin(channel) {
    this.late = new Map();
    if (this.channel === channel) return;
    this.channel = channel;
    this.messages = new Map();
  }

  take(messages) {
    this.messages = new Map(messages.map((m) => [m.ts, m]));
    for (const [ts, msg] of this.late) {
      if (msg) this.messages.set(ts, msg);
      else this.messages.delete(ts);
    }
  }

  /** Shows these messages of a channel; unread is how many of the last are new. */
  reset(channel, messages, unread = 0) {
    this.channel = channel;
    this.take(messages);
    // What Slack counts as unread: neither one's own words nor whispers.
    const counted = this.ordered().filter((m) => !m.ephemeral && m.user !== ws.me);
    this.unreadFrom = unread > 0 ? counted[Math.max(0, counted.length - unread)]?.ts : undefined;
    this.below = 0;
    this.stuck = true;
    this.draw();
    this.pin();
  }

  /** Takes in messages read again after a gap, without moving the reader. */
  refresh(messages) {
    this.take(messages);
    this.draw();
  }

  /** A new or changed message. mine: the reader wrote it, so show it. */
  put(msg, { mine = false } = {}) {
    const known = this.messages.has(msg.ts);
    this.late.set(msg.ts, msg);
    this.messages.set(msg.ts, msg);
    if (mine) this.stuck = true;
    if (!known && !this.stuck) this.below++;
    this.draw();
    if (!known && this.stuck) this.onread?.();
  }

  remove(ts) {
    this.late.set(ts, undefined);
    if (this.messages.delete(ts)) this.draw();
  }

  ordered() {
    return [...this.messages.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  }

  draw() {
    const items = [{ key: "intro", sig: this.channel, make: this.intro }];
    const ordered = this.ordered();
    const first = ordered[0];
    let previous;
    for (const msg of ordered) {
      const newDay = !previous || dayKey(previous.ts) !== dayKey(msg.ts);
      if (newDay && !this.replies) items.push({ key: `day-${dayKey(msg.ts)}`, sig: day(msg.ts), make: () => divider(day(msg.ts)) });
      if (msg.ts === this.unreadFrom) items.push({ key: "new", sig: "new", make: newLine });
      if (this.replies && previous === first) items.push({ key: "replies", sig: String(ordered.length), make: () => replyCount(ordered.length - 1) });
      items.push(this.item(msg, !newDay && msg.ts !== this.unreadFrom && previous !== (this.replies && first) && together(previous, msg)));
      previous = msg;
    }
    reconcile(this.list, items);
    if (this.stuck) this.pin();
    this.drawPill();
  }

  item(msg, grouped) {
    const last = msg.reply_count ? ago(msg.latest_reply) : "";
    const onthread = this.onthread && (() => this.onthread(msg.ts));
    return { key: msg.ts, sig: `${grouped}${last}${JSON.stringify(msg)}`, make: () => messageNode(this.channel, msg, { grouped, onthread }) };
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const was = this.stuck;
    this.stuck = scrollHeight - scrollTop - clientHeight < 60;
    if (!this.stuck || was) return;
    this.below = 0;
    this.drawPill();
    this.onread?.();
  }

  drawPill() {
    this.pill.hidden = this.below === 0;
    if (this.below) fill(this.pill, icon("down"), `${this.below} new message${this.below === 1 ? "" : "s"}`);
  }

  pin() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  toBottom() {
    this.stuck = true;
    this.below = 0;
    this.pin();
    this.drawPill();
    this.onread?.();
  }
}

function together(a, b) {
  if (!a || a.ephemeral || b.ephemeral || a.subtype !== b.subtype) return false;
  const [x, y] = [author(a), author(b)];
  return x.id === y.id && x.name === y.name && Number(b.ts) - Number(a.ts) < groupSpan;
}

const replyCount = (n) => el("div", { class: "replies" }, `${n} ${n === 1 ? "reply" : "replies"}`);
const divider = (words) => el("div", { class: "day", role: "separator" }, el("span", {}, words));
const newLine = () => el("div", { class: "new-line", role: "separator", "aria-label": "New messages" }, el("span", {}, "New"));
