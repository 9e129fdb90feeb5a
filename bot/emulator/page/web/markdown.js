// The markdown block: standard Markdown, as far as Slack renders it.
// https://docs.slack.dev/reference/block-kit/blocks/markdown-block

import { el, icon } from "./dom.js";
import { decode, link, reference } from "./mention.js";
import { plain } from "./mrkdwn.js";

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
  const first = lines.shift();
  const mark = first.trim().slice(0, 3);
  const indent = new RegExp(`^ {0,${first.search(/\S/)}}`);
  const body = [];
  while (lines.length && !lines[0].trim().startsWith(mark)) body.push(lines.shift().replace(indent, ""));
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
  const ordered = /\d/.test(mark);
  const node = ordered ? el("ol", { start: parseInt(mark, 10) }) : el("ul");
  while (lines.length) {
    const m = lines[0].match(item);
    if (!m) {
      // A line further in goes on with the item above it.
      if (!/^\s+\S/.test(lines[0]) || !node.lastChild) break;
      node.lastChild.append(" ", ...inline(lines.shift().trim()));
      continue;
    }
    if (m[1].length < indent.length) break;
    if (m[1].length > indent.length + 1) node.lastChild.append(list(lines));
    else if (/\d/.test(m[2]) !== ordered) break;
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
  const done = m[1] !== " ";
  return [el("span", { class: done ? "md-task done" : "md-task", role: "img", "aria-label": done ? "done" : "open" }, done && icon("check")), inline(m[2])];
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

const url = String.raw`<?([^)\s<>]+(?:\([^)\s]*\)[^)\s<>]*)?)>?(?:\s+"[^"]*")?`;
const marks = [
  [/\\([\\`*_{}[\]()#+.!|~>-])/, (m) => m[1]],
  [/(`+)(.+?)\1(?!`)/, (m) => el("code", {}, decode(m[2].trim() || m[2]))],
  // Slack shows a picture as a link with its words.
  [new RegExp(String.raw`!\[([^\]]*)\]\(${url}\)`), (m) => link(m[2], [m[1] || m[2]]) ?? m[0]],
  [new RegExp(String.raw`\[((?:[^[\]]|\[[^\]]*\])+)\]\(${url}\)`), (m) => link(m[2], inline(m[1])) ?? m[0]],
  [/<([^<>|\s]+)(?:\|([^<>]*))?>/, (m) => reference(m[1], m[2] ?? "", m[2] && plain(m[2])) ?? m[0]],
  [/\bhttps?:\/\/[^\s<>)]*[^\s<>).,;:!?'"*_~`]/, (m) => link(m[0]) ?? m[0]],
  [/\*\*\*(?=\S)(.+?)(?<=\S)\*\*\*/, (m) => el("b", {}, el("i", {}, inline(m[1])))],
  [/\*\*(?=\S)(.+?)(?<=\S)\*\*/, (m) => el("b", {}, inline(m[1]))],
  [/(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)/, (m) => el("b", {}, inline(m[1]))],
  [/~~(?=\S)(.+?)(?<=\S)~~/, (m) => el("s", {}, inline(m[1]))],
  [/\*(?=[^\s*])([^*]*?)(?<=\S)\*/, (m) => el("i", {}, inline(m[1]))],
  [/(?<!\w)_(?=[^\s_])([^_]*?)(?<=\S)_(?!\w)/, (m) => el("i", {}, inline(m[1]))],
];

// Of what matches, the leftmost wins; of two at one place, the upper in the table.
function inline(text) {
  let first;
  for (const [pattern, make] of marks) {
    const m = text.match(pattern);
    if (m && (!first || m.index < first.m.index)) first = { m, make };
  }
  if (!first) return plain(text);
  const { m, make } = first;
  return [...inline(text.slice(0, m.index)), make(m), ...inline(text.slice(m.index + m[0].length))];
}
