// The markdown block: standard Markdown, as far as Slack renders it.
// https://docs.slack.dev/reference/block-kit/blocks/markdown-block

import { el } from "./dom.js";
import { inline as slackInline, link } from "./mrkdwn.js";

const rules = [
  { start: /^\s*(```|~~~)/, parse: fence },
  { start: /^#{1,6}\s+/, parse: heading },
  { start: /^\s*([-*_])(\s*\1){2,}\s*$/, parse: (lines) => (lines.shift(), el("hr")) },
  { start: /^\s*>/, parse: quote },
  { start: /^\s*(?:[-*+]|\d+[.)])\s+/, parse: list },
];

/** Markdown text as nodes. */
export function markdown(text) {
  const lines = String(text ?? "").split("\n");
  const out = [];
  while (lines.length) {
    if (!lines[0].trim()) lines.shift();
    else if (isTable(lines)) out.push(table(lines));
    else {
      const rule = rules.find((r) => r.start.test(lines[0]));
      out.push(rule ? rule.parse(lines) : paragraph(lines));
    }
  }
  return out;
}

function paragraph(lines) {
  const taken = [lines.shift()];
  while (lines.length && lines[0].trim() && !rules.some((r) => r.start.test(lines[0]))) taken.push(lines.shift());
  return el("p", {}, taken.flatMap((l, i) => (i ? [el("br"), ...inline(l)] : inline(l))));
}

function fence(lines) {
  const mark = lines.shift().trim().slice(0, 3);
  const body = [];
  while (lines.length && !lines[0].trim().startsWith(mark)) body.push(lines.shift());
  lines.shift();
  return el("pre", { class: "code-block" }, body.join("\n"));
}

function heading(lines) {
  const [, marks, words] = lines.shift().match(/^(#+)\s+(.*?)\s*#*$/);
  return el("div", { class: `md-heading h${marks.length}`, role: "heading", "aria-level": marks.length + 2 }, inline(words));
}

function quote(lines) {
  const body = [];
  while (lines.length && /^\s*>/.test(lines[0])) body.push(lines.shift().replace(/^\s*> ?/, ""));
  return el("blockquote", {}, markdown(body.join("\n")));
}

const item = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;

function list(lines) {
  const [, indent, mark] = lines[0].match(item);
  const node = el(/\d/.test(mark) ? "ol" : "ul");
  while (lines.length) {
    const m = lines[0].match(item);
    if (!m || m[1].length < indent.length) break;
    if (m[1].length > indent.length) (node.lastChild ?? node).append(list(lines));
    else {
      lines.shift();
      node.append(el("li", {}, task(m[3])));
    }
  }
  return node;
}

function task(text) {
  const m = text.match(/^\[([ xX])\]\s+(.*)$/);
  if (!m) return inline(text);
  return [el("span", { class: "md-task", "aria-label": m[1] === " " ? "open" : "done" }, m[1] === " " ? "☐ " : "☑ "), inline(m[2])];
}

const isTable = (lines) => lines[0].includes("|") && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[1] ?? "") && lines[1].includes("-");
const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((c) => c.trim());

function table(lines) {
  const head = cells(lines.shift());
  lines.shift();
  const rows = [];
  while (lines.length && lines[0].includes("|")) rows.push(cells(lines.shift()));
  const row = (tag) => (r) => el("tr", {}, r.map((c) => el(tag, {}, inline(c))));
  return el("div", { class: "table-scroll" }, el("table", {}, el("thead", {}, row("th")(head)), el("tbody", {}, rows.map(row("td")))));
}

const marks = [
  [/`([^`]+)`/, (m) => el("code", {}, m[1])],
  [/!\[([^\]]*)\]\(([^)\s]+)\)/, (m) => link(m[2], m[1] || m[2]) ?? m[0]],
  [/\[([^\]]+)\]\(([^)\s]+)\)/, (m) => link(m[2], m[1]) ?? m[0]],
  [/\*\*(.+?)\*\*/, (m) => el("b", {}, inline(m[1]))],
  [/__(.+?)__/, (m) => el("b", {}, inline(m[1]))],
  [/~~(.+?)~~/, (m) => el("s", {}, inline(m[1]))],
  [/\*([^*\s][^*]*)\*/, (m) => el("i", {}, inline(m[1]))],
  [/(?<![\w])_([^_\s][^_]*)_(?![\w])/, (m) => el("i", {}, inline(m[1]))],
];

function inline(text) {
  let first;
  for (const [pattern, make] of marks) {
    const m = text.match(pattern);
    if (m && (!first || m.index < first.m.index)) first = { m, make };
  }
  if (!first) return slackInline(text);
  const { m, make } = first;
  return [...inline(text.slice(0, m.index)), make(m), ...inline(text.slice(m.index + m[0].length))];
}
