// The sidebar: the workspace, and where one can go.

import { userAvatar } from "./avatar.js";
import { el, icon, reconcile } from "./dom.js";
import { channelIcon, displayName, isDirect, peer, THREADS, title, ws } from "./workspace.js";

const folded = new Set(["Archived"]); // names of sections that are closed

/**
 * Draws the sidebar. current is the open channel's id; read says that its
 * newest message is in sight; onopen gets the id of where to go, of a channel
 * or a person, and onnew begins a new conversation. What has not changed stays,
 * and so does the focus.
 */
export function drawSidebar(node, { current, read, onopen, onnew }) {
  const focused = node.contains(document.activeElement) && document.activeElement.dataset.key;
  const rows = [...ws.channels.values()].map((channel) => {
    const open = channel.id === current;
    const unread = open && read ? 0 : Number(channel.unread) || 0;
    const count = unread && (isDirect(channel) ? unread : Math.min(Number(channel.mentions) || 0, unread));
    return { channel, unread, count, open };
  });
  const again = () => drawSidebar(node, { current, read, onopen, onnew });
  const names = [...ws.users.values()].map((u) => [u.id, displayName(u)]);
  reconcile(node, [
    { key: "team", sig: ws.team.name, make: header },
    { key: "nav", sig: JSON.stringify([ws.me, ws.app, names, rows, current === THREADS, ws.fresh.size, [...folded]]), make: () => nav(rows, { onopen, onnew, again, inThreads: current === THREADS }) },
  ]);
  if (focused) node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function header() {
  const letter = [...(ws.team.name || "S")][0].toUpperCase();
  return el("header", {}, el("span", { class: "team-icon", "aria-hidden": "true" }, letter), el("h1", {}, ws.team.name));
}

/** Goes to the conversation above (-1) or below (1) the open one. */
export function nextIn(node, by) {
  const all = [...node.querySelectorAll("a[data-key]")];
  const at = all.findIndex((a) => a.hasAttribute("aria-current"));
  all[(at + by + all.length) % all.length]?.click();
}

function nav(rows, { onopen, onnew, again, inThreads }) {
  const channels = rows.filter((r) => !isDirect(r.channel)).sort((a, b) => a.channel.name.localeCompare(b.channel.name));
  const live = channels.filter((r) => !r.channel.archived);
  const direct = rows.filter((r) => isDirect(r.channel));
  const apps = direct.filter((r) => peer(r.channel)?.is_bot);
  const bot = ws.users.get(ws.app.bot_user_id);
  const newApp = bot && !apps.some((r) => peer(r.channel) === bot) && appRow(bot, onopen);
  const section = (name, list, more, add) => {
    const links = [...list.map((r) => [r, row(r, onopen)]), more && [{}, more]].filter(Boolean);
    if (!links.length && !add) return undefined;
    const closed = folded.has(name);
    const fold = () => {
      if (closed) folded.delete(name);
      else folded.add(name);
      again();
    };
    // A closed section still shows what is open and what is unread, as in Slack.
    const shown = links.filter(([r]) => !closed || r.open || r.unread).map(([, link]) => el("li", {}, link));
    return el("section", {}, el("h2", {}, el("button", { type: "button", class: "section-fold", "aria-expanded": String(!closed), dataset: { key: `fold-${name}` }, onclick: fold }, icon("caret"), name), add), el("ul", {}, shown));
  };
  const add = el("button", { type: "button", class: "section-add", "aria-label": "New message", title: "New message", dataset: { key: "new" }, onclick: onnew }, icon("plus"));
  return el("nav", { "aria-label": "Conversations" },
    el("ul", { class: "views" }, el("li", {}, threadsRow(inThreads, onopen))),
    section("Channels", live.filter((r) => r.channel.is_member !== false)),
    section("Channels to join", live.filter((r) => r.channel.is_member === false)),
    section("Direct messages", direct.filter((r) => !peer(r.channel)?.is_bot), undefined, add),
    section("Apps", apps, newApp),
    section("Archived", channels.filter((r) => r.channel.archived)));
}

function threadsRow(current, onopen) {
  const fresh = [...ws.fresh.values()].reduce((n, c) => n + c, 0);
  const open = (e) => {
    if (e.metaKey || e.ctrlKey || e.shiftKey) return;
    e.preventDefault();
    onopen(THREADS);
  };
  return el("a", { href: `?${new URLSearchParams({ user: ws.me, channel: THREADS })}`, class: fresh ? "unread" : undefined, "aria-current": current && "page", "aria-label": fresh ? `Threads, ${fresh} new` : "Threads", dataset: { key: THREADS }, onclick: open },
    icon("thread"), el("span", { class: "name" }, "Threads"), fresh > 0 && el("span", { class: "count" }, String(fresh)));
}

// The app, before anybody has written to it.
function appRow(bot, onopen) {
  const open = (e) => {
    e.preventDefault();
    onopen(bot.id);
  };
  return el("a", { href: `?user=${encodeURIComponent(ws.me)}`, dataset: { key: bot.id }, onclick: open }, userAvatar(bot.id, "small"), el("span", { class: "name" }, displayName(bot)));
}

function row({ channel, unread, count, open }, onopen) {
  const other = peer(channel);
  const follow = (e) => {
    if (e.metaKey || e.ctrlKey || e.shiftKey) return; // the browser's own: a second window
    e.preventDefault();
    onopen(channel.id);
  };
  const words = [title(channel), unread && `${unread} unread`, count && !channel.is_im && `${count} mention${count === 1 ? "" : "s"}`, channel.archived && "archived"];
  const classes = [(unread || count) && "unread", (channel.is_member === false || channel.archived) && "outside"];
  return el(
    "a",
    {
      href: `?user=${encodeURIComponent(ws.me)}&channel=${encodeURIComponent(channel.id)}`,
      class: classes.filter(Boolean).join(" "),
      "aria-current": open && "page",
      "aria-label": words.filter(Boolean).join(", "),
      dataset: { key: channel.id },
      onclick: follow,
    },
    channel.is_im ? userAvatar(other?.id ?? channel.name, "small") : icon(channel.is_group ? "people" : channelIcon(channel)),
    el("span", { class: "name" }, isDirect(channel) ? title(channel) : channel.name),
    count > 0 && el("span", { class: "count" }, count > 99 ? "99+" : String(count)),
  );
}
