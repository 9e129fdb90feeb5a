// What one can do with a message: the bar that shows at the one under the
// pointer, or that has the focus, and its menu of more.

import { userAvatar } from "./avatar.js";
import { askDelete } from "./deletion.js";
import { el, fill, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { pickEmoji } from "./emojipicker.js";
import { menu } from "./listmenu.js";
import { addressOf } from "./permalink.js";
import { react } from "./reactions.js";
import { runShortcut } from "./shortcuts.js";
import { toast } from "./toast.js";
import { ws } from "./workspace.js";

const quick = [["white_check_mark", "Completed"], ["eyes", "Taking a look…"], ["raised_hands", "Nicely done"]];

/** Whether a person may change this message. */
export const isMine = (msg) => msg.user === ws.me && !msg.bot_id && !msg.ephemeral && (!msg.subtype || msg.subtype === "thread_broadcast");

export class Toolbar {
  /** timeline is where the messages stand; it says which there are and edits them. */
  constructor(timeline) {
    this.timeline = timeline;
    this.node = el("div", { class: "message-tools", role: "toolbar", "aria-label": "Message actions", onkeydown: (e) => this.key(e) });
    const list = timeline.list;
    const article = (e) => e.target.closest?.("article");
    list.addEventListener("pointerover", (e) => e.pointerType !== "touch" && this.show(article(e)));
    list.addEventListener("pointerleave", () => this.show(this.focused()));
    list.addEventListener("focusin", (e) => this.show(article(e)));
    list.addEventListener("focusout", (e) => list.contains(e.relatedTarget) || this.show(undefined));
    list.addEventListener("click", (e) => matchMedia("(hover: none)").matches && !e.target.closest("button, a, input, textarea") && this.show(article(e)));
  }

  focused() {
    const at = document.activeElement?.closest?.("article");
    return at && this.timeline.list.contains(at) ? at : undefined;
  }

  // Whether one of its menus is open.
  get busy() {
    return Boolean(this.node.querySelector("[aria-expanded=true]"));
  }

  show(article) {
    if (this.busy && this.node.isConnected) return;
    const msg = article && this.timeline.messages.get(article.dataset.ts);
    if (!msg || msg.subtype === "tombstone" || this.timeline.editing === msg.ts) return this.hide();
    if (article === this.node.parentElement && this.msg === msg) return;
    this.msg = msg;
    fill(this.node, this.buttons(msg));
    article.append(this.node);
  }

  // A focus that is within leaves as the bar does, and asks to hide it once more.
  hide() {
    if (this.hiding) return;
    this.hiding = true;
    this.node.remove();
    this.hiding = false;
  }

  /** Messages were drawn again: their nodes may be new ones. */
  refresh() {
    const ts = this.msg?.ts;
    if (this.node.isConnected || !ts) return;
    const again = [...this.timeline.list.querySelectorAll("article")].find((n) => n.dataset.ts === ts);
    if (again && (again.matches(":hover") || again.contains(document.activeElement))) this.show(again);
  }

  buttons(msg) {
    const tool = (label, content, onclick, more) => el("button", { type: "button", "aria-label": label, title: label, tabindex: "-1", onclick, ...more }, content);
    const { channel, onthread } = this.timeline;
    const all = msg.ephemeral ? [] : [
      ...quick.map(([name, label]) => tool(label, emoji(name), () => react(channel, msg, name))),
      tool("Add reaction…", icon("react"), (e) => this.pick(e.currentTarget, msg), { "aria-haspopup": "dialog" }),
      onthread && tool("Reply in thread", icon("thread"), () => onthread(msg.ts)),
    ];
    all.push(tool("More actions", icon("dots-v"), (e) => this.more(e.currentTarget, msg), { "aria-haspopup": "menu" }));
    const shown = all.filter(Boolean);
    shown[0].tabIndex = 0;
    return shown;
  }

  pick(anchor, msg) {
    pickEmoji(anchor, (name) => react(this.timeline.channel, msg, name), () => this.show(this.focused()));
  }

  // Arrows walk along the bar, as in any toolbar; up and down go on to the next message.
  key(e) {
    const all = [...this.node.children];
    const at = all.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step || at < 0) return;
    e.preventDefault();
    all[(at + step + all.length) % all.length].focus();
  }

  more(anchor, msg) {
    const { channel } = this.timeline;
    const shortcuts = msg.ephemeral ? [] : (ws.app.shortcuts ?? []).filter((s) => s.message);
    const mine = isMine(msg);
    menu(anchor, "More actions", [
      mine && { label: "Edit message", note: "E", icon: "pencil", pick: () => this.timeline.edit(msg.ts) },
      !msg.ephemeral && { label: "Copy link", icon: "link", pick: () => copy(addressOf(channel, msg), "The link is copied.") },
      { label: "Copy text", icon: "copy", pick: () => copy(textOf(this.timeline.list, msg), "The text is copied.") },
      msg.ephemeral && { label: "Dismiss message", icon: "close", pick: () => this.timeline.remove(msg.ts) },
      shortcuts.length > 0 && "-",
      ...shortcuts.map((s) => ({ label: s.name, note: ws.app.name, icon: userAvatar(ws.app.bot_user_id, "small"), pick: () => runShortcut(s, { channel, message_ts: msg.ts }) })),
      mine && "-",
      mine && { label: "Delete message…", icon: "trash", danger: true, pick: () => askDelete(channel, msg) },
    ]);
  }
}

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: done });
  } catch {
    toast({ text: "The browser does not let this page copy." });
  }
}

const textOf = (list, msg) => list.querySelector(`article[data-ts="${CSS.escape(msg.ts)}"] .message-content`)?.innerText ?? msg.text ?? "";
