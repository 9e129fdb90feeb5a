// What the message box offers while one types: commands, people, emoji.

import { userAvatar } from "./avatar.js";
import { el, icon } from "./dom.js";
import { emoji, names } from "./emoji.js";
import { displayName, userName, ws } from "./workspace.js";

const limit = 8;

/**
 * The completions at the caret: {start, rows}, or undefined. A row is
 * {key, insert, node}; insert replaces the text from start to the caret.
 */
export function completions(text, caret) {
  const before = text.slice(0, caret);
  if (/^\/\S*$/.test(before)) return offer(0, commands(before));
  const m = before.match(/(?:^|\s)([@:])([\w+.-]*)$/);
  if (!m || (m[1] === ":" && m[2].length < 2)) return undefined;
  return offer(caret - m[2].length - 1, m[1] === "@" ? people(m[2]) : emojis(m[2]));
}

/** How to go on with the command being typed, if it is one: a node, or undefined. */
export function usage(text) {
  const command = ws.commands.find((c) => text.startsWith(`${c.command} `));
  if (!command?.usage_hint) return undefined;
  return el("span", {}, el("b", {}, command.command), ` ${command.usage_hint}`);
}

const offer = (start, rows) => (rows.length ? { start, rows: rows.slice(0, limit) } : undefined);

function commands(typed) {
  const fits = (c) => c.command.toLowerCase().startsWith(typed.toLowerCase());
  return ws.commands.filter(fits).map((c) => ({
    key: c.command,
    insert: `${c.command} `,
    node: el("span", { class: "command-row" }, el("b", {}, c.command), c.usage_hint && el("span", { class: "usage" }, ` ${c.usage_hint}`), c.description && el("small", {}, c.description)),
  }));
}

function people(query) {
  const q = query.toLowerCase();
  const fits = (u) => [u.name, displayName(u)].some((n) => n?.toLowerCase().split(/\s/).some((w) => w.startsWith(q)));
  const users = [...ws.users.values()].filter(fits).map((u) => ({
    key: u.id,
    insert: `@${u.name} `,
    node: el("span", { class: "person-row" }, userAvatar(u.id, "small"), el("b", {}, displayName(u)), el("small", {}, u.name)),
  }));
  const groups = [...ws.groups.values()].filter((g) => g.handle.startsWith(q)).map((g) => ({
    key: g.id,
    insert: `@${g.handle} `,
    node: el("span", { class: "person-row" }, icon("hash"), el("b", {}, `@${g.handle}`), el("small", {}, (g.members ?? []).map(userName).join(", "))),
  }));
  return [...users, ...groups];
}

function emojis(query) {
  return names().filter((n) => n.includes(query)).sort((a, b) => a.indexOf(query) - b.indexOf(query)).map((n) => ({
    key: n,
    insert: `:${n}: `,
    node: el("span", { class: "person-row" }, emoji(n), ` :${n}:`),
  }));
}
