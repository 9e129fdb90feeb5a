// What the message box offers while one types: commands, people, channels, emoji.

import { userAvatar } from "./avatar.js";
import { el, icon } from "./dom.js";
import { emoji, names } from "./emoji.js";
import { channelIcon, displayName, userName, ws } from "./workspace.js";

const limit = 8;

/**
 * The completions at the caret: {start, rows, title}, or undefined. A row is
 * {key, insert, node}; insert replaces the text from start to the caret.
 */
export function completions(text, caret) {
  const before = text.slice(0, caret);
  if (/^\/\S*$/.test(before)) return offer(0, commands(before), "Commands");
  const m = before.match(/(?:^|[\s(])([@#:])([\w+.-]*)$/);
  if (!m || (m[1] === ":" && m[2].length < 2)) return undefined;
  const [title, find] = kinds[m[1]];
  return offer(caret - m[2].length - 1, find(m[2].toLowerCase()), title);
}

/** How to go on with the command being typed, if it is one: a node, or undefined. */
export function usage(text) {
  const command = ws.commands.find((c) => text.startsWith(`${c.command} `));
  if (!command?.usage_hint) return undefined;
  return el("span", {}, el("b", {}, command.command), ` ${command.usage_hint}`);
}

const kinds = { "@": ["People", people], "#": ["Channels", channels], ":": ["Emoji", emojis] };

const offer = (start, rows, title) => (rows.length ? { start, rows: rows.slice(0, limit), title } : undefined);

function commands(typed) {
  const fits = (c) => c.command.toLowerCase().startsWith(typed.toLowerCase());
  return ws.commands.filter(fits).map((c) => ({
    key: c.command,
    insert: `${c.command} `,
    node: el("span", { class: "command-row" }, c.slack ? el("span", { class: "avatar slack", "aria-hidden": "true" }, icon("slash")) : userAvatar(ws.app.bot_user_id), el("span", { class: "command-words" }, el("b", {}, c.command), c.usage_hint && el("span", { class: "usage" }, ` ${c.usage_hint}`), c.description && el("small", {}, c.description)), el("span", { class: "command-app" }, c.slack ? "Slack" : ws.app.name)),
  }));
}

function people(q) {
  const fits = (u) => [u.name, displayName(u)].some((n) => n?.toLowerCase().split(/\s/).some((w) => w.startsWith(q)));
  const users = [...ws.users.values()].filter(fits).map((u) => ({
    key: u.id,
    insert: `@${u.name} `,
    node: el("span", { class: "person-row" }, userAvatar(u.id, "small"), el("b", {}, displayName(u)), u.is_bot && el("span", { class: "badge" }, "APP"), el("small", {}, u.id === ws.me ? "(you)" : u.name)),
  }));
  const groups = [...ws.groups.values()].filter((g) => !g.disabled && g.handle.startsWith(q)).map((g) => ({
    key: g.id,
    insert: `@${g.handle} `,
    node: el("span", { class: "person-row" }, icon("people"), el("b", {}, `@${g.handle}`), el("small", {}, (g.members ?? []).map(userName).join(", "))),
  }));
  const all = broadcasts.filter(([name]) => q && name.startsWith(q)).map(([name, note]) => ({
    key: name,
    insert: `@${name} `,
    node: el("span", { class: "person-row" }, icon("bell"), el("b", {}, `@${name}`), el("small", {}, note)),
  }));
  return [...users, ...groups, ...all];
}

const broadcasts = [["channel", "Notify everyone in this channel"], ["here", "Notify every online member of this channel"]];

function channels(q) {
  return [...ws.channels.values()].filter((c) => !c.is_im && c.name.includes(q)).sort((a, b) => a.name.indexOf(q) - b.name.indexOf(q)).map((c) => ({
    key: c.id,
    insert: `#${c.name} `,
    node: el("span", { class: "person-row" }, icon(channelIcon(c)), el("b", {}, c.name), c.archived && el("small", {}, "archived")),
  }));
}

function emojis(query) {
  return names().filter((n) => n.includes(query)).sort((a, b) => a.indexOf(query) - b.indexOf(query)).map((n) => ({
    key: n,
    insert: `:${n}: `,
    node: el("span", { class: "person-row" }, emoji(n), ` :${n}:`),
  }));
}
