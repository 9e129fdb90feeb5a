// A scrolling list of messages: a channel's, or a thread's.

import { el, fill, icon, reconcile } from "./dom.js";
import { editor } from "./editor.js";
import { messageNode } from "./message.js";
import { ago, day, dayKey } from "./time.js";
import { isMine, Toolbar } from "./toolbar.js";
import { walk } from "./walk.js";
import { author, ws } from "./workspace.js";

const groupSpan = 300; // seconds in which messages by one author share a heading

export class Timeline {
  /**
   * intro() makes what stands above the first message; onthread(ts) opens a
   * thread; onread() is called when the newest message comes into sight; ondone()
   * when an edit has ended; replies says that all but the first message answer it.
   */
  constructor({ label, intro, onthread, onread, ondone, replies = false }) {
    Object.assign(this, { intro, onthread, onread, ondone, replies });
    this.messages = new Map();
    this.late = new Map(); // what came in since the messages were asked for
    this.unreadFrom = undefined; // ts of the first message that was new on arrival
    this.below = 0; // messages that came in while scrolled up
    this.editing = undefined; // ts of the message that is edited
    this.list = el("div", { class: "messages", role: "log", "aria-label": label });
    this.pill = el("button", { type: "button", class: "new-pill", hidden: true, onclick: () => this.toBottom() });
    this.scroller = el("div", { class: "scroller", tabindex: "0", role: "group", "aria-label": label, onkeydown: (e) => walk(e, this) }, this.list);
    this.node = el("div", { class: "timeline" }, this.scroller, this.pill);
    this.toolbar = new Toolbar(this);
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
    this.editing = undefined;
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
    this.editing = undefined;
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
    if (mine && !known) this.unreadFrom = undefined; // who answers has read what is above
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
      const unread = msg.ts === this.unreadFrom;
      if (newDay && !this.replies) items.push({ key: `day-${dayKey(msg.ts)}`, sig: `${day(msg.ts)}${unread}`, make: () => divider(day(msg.ts), unread) });
      if (unread && (!newDay || this.replies)) items.push({ key: "new", sig: "new", make: newLine });
      if (this.replies && previous === first && previous) items.push({ key: "replies", sig: String(ordered.length), make: () => replyCount(ordered.length - 1) });
      items.push(this.item(msg, !newDay && !unread && previous !== (this.replies && first) && together(previous, msg)));
      previous = msg;
    }
    reconcile(this.list, items);
    this.toolbar.refresh();
    if (this.stuck) this.pin();
    this.drawPill();
  }

  item(msg, grouped) {
    const last = msg.reply_count ? ago(msg.latest_reply) : "";
    const edited = this.editing === msg.ts;
    const make = () => messageNode(this.channel, msg, { grouped, onthread: this.onthread, editor: edited && editor(this.channel, msg, () => this.edit(undefined)) });
    // While one edits a message, nothing that happens to it takes the words away.
    return { key: msg.ts, sig: edited ? "editing" : `${grouped}${last}${ws.fresh.get(`${this.channel}/${msg.ts}`) ?? ""}${JSON.stringify(msg)}`, make };
  }

  /** Begins to edit a message, or ends it when there is none. */
  edit(ts) {
    const before = this.editing;
    this.editing = ts;
    this.toolbar.hide();
    this.draw();
    if (ts) this.list.querySelector(".editing textarea")?.focus();
    else if (before) this.ondone?.();
  }

  /** Begins to edit the newest message of the person signed in; false when there is none. */
  editLast() {
    const last = this.ordered().findLast(isMine);
    if (last) this.edit(last.ts);
    return Boolean(last);
  }

  /** Brings a message into sight and lights it up for a moment. */
  show(ts) {
    const node = this.list.querySelector(`article[data-ts="${CSS.escape(ts)}"]`);
    if (!node) return;
    this.stuck = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("shown");
    node.addEventListener("animationend", () => node.classList.remove("shown"), { once: true });
    node.focus({ preventScroll: true });
    this.scrolled();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const was = this.stuck;
    // The browser moves what is in sight when a picture above it comes in, which is not the reader's doing.
    if (was && this.height !== scrollHeight) return this.pin();
    const left = scrollHeight - scrollTop - clientHeight;
    this.stuck = left < 60;
    this.far = left > clientHeight;
    if (this.stuck) this.below = 0;
    this.drawPill();
    if (this.stuck && !was) this.onread?.();
    return undefined;
  }

  drawPill() {
    const words = this.below ? `${this.below} new message${this.below === 1 ? "" : "s"}` : this.far && !this.stuck ? "Jump to latest" : "";
    this.pill.hidden = !words;
    this.pill.classList.toggle("quiet", !this.below);
    if (words && this.pill.textContent !== words) fill(this.pill, icon("down"), words);
  }

  pin() {
    this.height = this.scroller.scrollHeight;
    this.scroller.scrollTop = this.height;
  }

  toBottom() {
    this.stuck = true;
    this.far = false;
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
const divider = (words, unread) => el("div", { class: unread ? "day unread" : "day", role: "separator", "aria-label": unread ? `${words}, new messages` : words }, el("span", {}, words), unread && el("span", { class: "new" }, "New"));
const newLine = () => el("div", { class: "new-line", role: "separator", "aria-label": "New messages" }, el("span", {}, "New"));
