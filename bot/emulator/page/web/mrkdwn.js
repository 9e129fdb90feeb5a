// Slack's mrkdwn as DOM nodes. https://docs.slack.dev/messaging/formatting-message-text

import { el } from "./dom.js";
import { emoji, emojiAt } from "./emoji.js";
import { decode, link, reference } from "./mention.js";
import { ws } from "./workspace.js";

/** A Block Kit text object, {type, text}, as nodes. */
export function textObject(object) {
  if (!object) return [];
  if (object.type === "plain_text") return plain(object.text, object.emoji !== false);
  return mrkdwn(object.text, { urls: object.verbatim !== true, channels: object.verbatim !== true });
}

/** plain_text: only emoji mean anything, and line breaks. */
export function plain(text, withEmoji = true) {
  const words = String(text ?? "");
  const parts = withEmoji ? words.split(/(:[\w+'-]+:)(?::skin-tone-\d:)?/) : [words];
  return parts.flatMap((p) => (withEmoji && /^:.+:$/.test(p) && emoji(p.slice(1, -1))) || breaks(decode(p)));
}

/** How text is read: urls makes links of bare addresses, channels of #names; lists makes lists, as of what people type. */
const usual = { urls: true, channels: false, lists: false };

/** mrkdwn text as nodes: code blocks, quotes, lists, and lines of inline text. */
export function mrkdwn(text, options) {
  const how = { ...usual, ...options };
  return String(text ?? "")
    .split(/```([\s\S]+?)```/)
    .flatMap((part, i, all) => {
      if (i % 2) return el("pre", { class: "code-block" }, literal(part.replace(/^\n|\n$/g, "")));
      // A code block stands on lines of its own.
      const before = i ? part.replace(/^ *\n/, "") : part;
      return paragraphs(i < all.length - 1 ? before.replace(/\n *$/, "") : before, how);
    });
}

const quoteMark = /^(?:>|&gt;)(?!(?:>|&gt;)) ?/;
const bullet = /^\s*[•-] +/;
const number = /^\s*\d+\. +/;

function paragraphs(text, how) {
  const lines = text.split("\n");
  const out = [];
  const take = (mark) => {
    const taken = [];
    while (lines.length && mark.test(lines[0])) taken.push(lines.shift().replace(mark, ""));
    return taken;
  };
  let broken = true; // whether a new line starts here anyway
  while (lines.length) {
    if (/^(?:>|&gt;){3}/.test(lines[0])) {
      lines[0] = lines[0].replace(/^(?:>|&gt;){3} ?/, "");
      out.push(el("blockquote", {}, inline(lines.splice(0).join("\n"), how)));
    } else if (quoteMark.test(lines[0])) {
      out.push(el("blockquote", {}, inline(take(quoteMark).join("\n"), how)));
      broken = true;
    } else if (how.lists && bullet.test(lines[0])) {
      out.push(el("ul", {}, take(bullet).map((l) => el("li", {}, inline(l, how)))));
      broken = true;
    } else if (how.lists && number.test(lines[0])) {
      const start = lines[0].trim().match(/^\d+/)[0];
      out.push(el("ol", { start }, take(number).map((l) => el("li", {}, inline(l, how)))));
      broken = true;
    } else {
      if (!broken) out.push(el("br"));
      out.push(...inline(lines.shift(), how));
      broken = false;
    }
  }
  return out;
}

const styles = { "*": "b", _: "i", "~": "s" };
const word = /[\p{L}\p{N}]/u;
const emojiName = /:([\w+'-]+)(?:::skin-tone-\d)?:/y;
const channelName = /#([\p{L}\p{N}_-]+)/uy;
const bareURL = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"*_~`]/y;

/** One run of text as nodes: styles, code, mentions, links, emoji. */
export function inline(src, how = usual) {
  const out = [];
  let text = "";
  const flush = () => {
    if (text) out.push(...breaks(decode(text)));
    text = "";
  };
  for (let i = 0; i < src.length; ) {
    const [node, next] = special(src, i, how) ?? [];
    if (node) {
      flush();
      out.push(node);
      i = next;
    } else text += src[i++];
  }
  flush();
  return out;
}

const breaks = (text) => text.split("\n").flatMap((line, i) => (i ? [el("br"), line] : [line]));

// What starts at src[i] and is not plain text: [node, index after], if anything.
function special(src, i, how) {
  const c = src[i];
  if (c === "`") return code(src, i);
  if (c === "<") return angle(src, i);
  if (c === ":") return sticky(emojiName, src, i, (m) => emoji(m[1]));
  if (styles[c]) return styled(src, i, how);
  if (c > "\u2000") return emojiAt(src, i);
  if (word.test(src[i - 1] ?? "")) return undefined;
  if (c === "h" && how.urls) return sticky(bareURL, src, i, (m) => link(m[0]));
  if (c === "#" && how.channels) return sticky(channelName, src, i, (m) => channelNamed(m[1]));
  return undefined;
}

function sticky(pattern, src, i, make) {
  pattern.lastIndex = i;
  const m = pattern.exec(src);
  const node = m && make(m);
  return node ? [node, i + m[0].length] : undefined;
}

function channelNamed(name) {
  const channel = [...ws.channels.values()].find((c) => !c.is_im && c.name === name);
  return channel && reference(`#${channel.id}`, name);
}

function code(src, i) {
  const end = src.indexOf("`", i + 1);
  if (end <= i + 1 || src.slice(i, end).includes("\n")) return undefined;
  return [el("code", {}, literal(src.slice(i + 1, end))), end + 1];
}

// Code keeps its characters; links and mentions in it lose their brackets.
function literal(text) {
  return decode(text.replace(/<([^<>\n]+)>/g, (all, inner) => angle(all, 0)?.[0].textContent ?? `&lt;${inner}&gt;`));
}

// *bold*, _italic_, ~strike~: the marks stand outside words, their inside has no outer spaces.
function styled(src, i, how) {
  const mark = src[i];
  const next = src[i + 1] ?? " ";
  if (word.test(src[i - 1] ?? "") || next === mark || /\s/.test(next)) return undefined;
  for (let j = i + 1; j < src.length && src[j] !== "\n"; j++) {
    const skip = src[j] === "`" ? code(src, j) : src[j] === "<" ? angle(src, j) : undefined;
    if (skip) j = skip[1] - 1;
    else if (src[j] === mark && j > i + 1 && !/\s/.test(src[j - 1]) && !word.test(src[j + 1] ?? "")) {
      return [el(styles[mark], {}, inline(src.slice(i + 1, j), how)), j + 1];
    }
  }
  return undefined;
}

// <@U…>, <#C…>, <!…>, <url|label>; anything else in angle brackets is just text.
function angle(src, i) {
  const end = src.indexOf(">", i);
  if (end < 0) return undefined;
  const inner = src.slice(i + 1, end);
  const bar = inner.indexOf("|");
  const [target, label] = bar < 0 ? [inner, ""] : [inner.slice(0, bar), inner.slice(bar + 1)];
  const node = reference(target, label, label && inline(label, { urls: false }));
  return node && [node, end + 1];
}
