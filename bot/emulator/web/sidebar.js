// The sidebar: the workspace, who one is, and where one can go.

import { userAvatar } from "./avatar.js";
import { el, icon, reconcile } from "./dom.js";
import { people, displayName, peer, title, ws } from "./workspace.js";

/**
 * Draws the sidebar. current is the open channel's id; read says that its
 * newest message is in sight; mentioned are ids of channels with a mention.
 * What has not changed stays, so that an open list of people stays open.
 */
export function drawSidebar(node, { current, read, mentioned, onswitch, onopen, onapp }) {
  const focused = node.querySelector("nav")?.contains(document.activeElement) && document.activeElement.dataset.key;
  const rows = [...ws.channels.values()].filter((c) => !c.archived || c.id === current).map((channel) => {
    const seen = channel.id === current && read;
    const unread = seen ? 0 : Number(channel.unread) || 0;
    return { channel, unread, counted: unread > 0 && (channel.is_im || mentioned.has(channel.id)), open: channel.id === current };
  });
  const names = people().map((u) => [u.id, displayName(u)]);
  reconcile(node, [
    { key: "team", sig: ws.team.name, make: header },
    { key: "me", sig: JSON.stringify([ws.me, names]), make: () => userSwitch(onswitch) },
    { key: "nav", sig: JSON.stringify([ws.me, ws.app, names, rows]), make: () => nav(rows, onopen, onapp) },
  ]);
  if (focused) node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function header() {
  const letter = [...(ws.team.name || "S")][0].toUpperCase();
  return el("header", {}, el("span", { class: "team-icon", "aria-hidden": "true" }, letter), el("h1", {}, ws.team.name));
}

function userSwitch(onswitch) {
  const options = people().map((u) => el("option", { value: u.id, selected: u.id === ws.me }, displayName(u)));
  const select = el("select", { id: "user-switch", "aria-label": "Signed in as", onchange: (e) => onswitch(e.target.value) }, options);
  return el("label", { class: "user-switch" }, userAvatar(ws.me), el("span", { class: "user-switch-text" }, el("small", {}, "Signed in as"), select), icon("updown"));
}

function nav(rows, onopen, onapp) {
  const channels = rows.filter((r) => !r.channel.is_im).sort((a, b) => a.channel.name.localeCompare(b.channel.name));
  const direct = rows.filter((r) => r.channel.is_im);
  const apps = direct.filter((r) => peer(r.channel)?.is_bot);
  const bot = ws.users.get(ws.app.bot_user_id);
  const newApp = bot && !apps.some((r) => peer(r.channel) === bot) && appRow(bot, onapp);
  const section = (name, list, more) => {
    const links = [...list.map((r) => row(r, onopen)), more].filter(Boolean);
    return links.length > 0 && el("section", {}, el("h2", {}, name), el("ul", {}, links.map((l) => el("li", {}, l))));
  };
  return el("nav", { "aria-label": "Conversations" },
    section("Channels", channels.filter((r) => r.channel.is_member !== false)),
    section("Other channels", channels.filter((r) => r.channel.is_member === false)),
    section("Direct messages", direct.filter((r) => !peer(r.channel)?.is_bot)),
    section("Apps", apps, newApp));
}

// The app, before anybody has written to it.
function appRow(bot, onapp) {
  const open = (e) => {
    e.preventDefault();
    onapp();
  };
  return el("a", { href: `?user=${encodeURIComponent(ws.me)}`, dataset: { key: bot.id }, onclick: open }, userAvatar(bot.id, "small"), el("span", { class: "name" }, displayName(bot)));
}

function row({ channel, unread, counted, open }, onopen) {
  const other = peer(channel);
  const follow = (e) => {
    if (e.metaKey || e.ctrlKey || e.shiftKey) return; // the browser's own: a second window
    e.preventDefault();
    onopen(channel.id);
  };
  const badge = counted ? el("span", { class: "count" }, unread > 99 ? "99+" : String(unread)) : unread > 0 && el("span", { class: "dot" });
  return el(
    "a",
    {
      href: `?user=${encodeURIComponent(ws.me)}&channel=${encodeURIComponent(channel.id)}`,
      class: unread ? "unread" : channel.is_member === false ? "outside" : "",
      "aria-current": open && "page",
      "aria-label": unread ? `${title(channel)}, ${unread} unread` : undefined,
      dataset: { key: channel.id },
      onclick: follow,
    },
    channel.is_im ? userAvatar(other?.id ?? channel.name, "small") : icon("hash"),
    el("span", { class: "name" }, channel.is_im ? title(channel) : channel.name),
    badge,
  );
}
