// The sidebar: the workspace, who one is, and where one can go.

import { userAvatar } from "./avatar.js";
import { el, fill, icon } from "./dom.js";
import { people, displayName, peer, title, ws } from "./workspace.js";

/** Draws the sidebar. current is the open channel's id; mentioned are ids of channels with a mention. */
export function drawSidebar(node, { current, mentioned, onswitch, onopen, onapp }) {
  const focused = node.contains(document.activeElement) ? document.activeElement.dataset.key ?? document.activeElement.id : "";
  const all = [...ws.channels.values()];
  const shown = all.filter((c) => !c.archived || c.id === current);
  const channels = shown.filter((c) => !c.is_im).sort((a, b) => a.name.localeCompare(b.name));
  const direct = shown.filter((c) => c.is_im);
  const row = (c) => link(c, { current, mentioned, onopen });
  const apps = direct.filter((c) => peer(c)?.is_bot);
  const bot = ws.users.get(ws.app.bot_user_id);
  const appLink = bot && !apps.some((c) => peer(c) === bot) && el("li", {}, appRow(bot, onapp));
  const section = (name, list, more) => (list.length > 0 || more) && el("section", {}, el("h2", {}, name), el("ul", {}, list.map((c) => el("li", {}, row(c))), more));
  fill(
    node,
    el("header", {}, el("span", { class: "team-icon", "aria-hidden": "true" }, [...(ws.team.name || "S")][0].toUpperCase()), el("h1", {}, ws.team.name)),
    userSwitch(onswitch),
    el("nav", { "aria-label": "Conversations" },
      section("Channels", channels.filter((c) => c.is_member !== false)),
      section("Other channels", channels.filter((c) => c.is_member === false)),
      section("Direct messages", direct.filter((c) => !peer(c)?.is_bot)),
      section("Apps", apps, appLink)),
  );
  if (focused) (node.querySelector(`[data-key="${CSS.escape(focused)}"]`) ?? node.querySelector(`#${CSS.escape(focused)}`))?.focus();
}

function userSwitch(onswitch) {
  const options = people().map((u) => el("option", { value: u.id, selected: u.id === ws.me }, displayName(u)));
  const select = el("select", { id: "user-switch", "aria-label": "Signed in as", onchange: (e) => onswitch(e.target.value) }, options);
  select.value = ws.me;
  return el("label", { class: "user-switch" }, userAvatar(ws.me), el("span", { class: "user-switch-text" }, el("small", {}, "Signed in as"), select), icon("updown"));
}

// The app, before anybody has written to it.
function appRow(bot, onapp) {
  const open = (e) => {
    e.preventDefault();
    onapp();
  };
  return el("a", { href: `?user=${encodeURIComponent(ws.me)}`, dataset: { key: bot.id }, onclick: open }, userAvatar(bot.id, "small"), el("span", { class: "name" }, displayName(bot)));
}

function link(c, { current, mentioned, onopen }) {
  const other = peer(c);
  const unread = c.id === current ? 0 : Number(c.unread) || 0;
  const badge = unread > 0 && (c.is_im || mentioned.has(c.id)) ? el("span", { class: "count" }, unread > 99 ? "99+" : unread) : unread > 0 && el("span", { class: "dot" });
  return el(
    "a",
    {
      href: `?user=${encodeURIComponent(ws.me)}&channel=${encodeURIComponent(c.id)}`,
      class: unread ? "unread" : c.is_member === false ? "outside" : "",
      "aria-current": c.id === current && "page",
      "aria-label": unread ? `${title(c)}, ${unread} unread` : undefined,
      dataset: { key: c.id },
      onclick: (e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey) return; // the browser's own: a second window
        e.preventDefault();
        onopen(c.id);
      },
    },
    c.is_im ? userAvatar(other?.id ?? c.name, "small") : icon("hash"),
    el("span", { class: "name" }, c.is_im ? title(c) : c.name, other?.id === ws.me && el("small", {}, " you")),
    badge,
  );
}
