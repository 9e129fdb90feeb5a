// Slack's mrkdwn as DOM nodes. https://docs.slack.dev/messaging/formatting-message-text

import { el, linkURL } from "./dom.js";
import { emoji, emojiAt } from "./emoji.js";
import { tokenised } from "./time.js";
import { isMe, userName, ws } from "./workspace.js";

/** Text with &amp;, &lt; and &gt; as the characters they stand for. */
export const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** A Block Kit text object, {type, text}, as nodes. */
export function textObject(object) {
  if (!object) return [];
  return object.type === "plain_text" ? plain(object.text, object.emoji !== false) : mrkdwn(object.text);
}

/** plain_text: only emoji mean anything. */
export function plain(text, withEmoji = true) {
  const words = String(text ?? "");
  if (!withEmoji) return [decode(words)];
  return words.split(/(:[\w+'-]+:)/).map((p) => (/^:.+:$/.test(p) && emoji(p.slice(1, -1))) || decode(p));
}

/** mrkdwn text as nodes: code blocks, quotes, lists, and lines of inline text. */
export function mrkdwn(text) {
  return String(text ?? "")
    .split(/```([\s\S]+?)```/)
    .flatMap((part, i, all) => {
      if (i % 2) return el("pre", { class: "code-block" }, literal(part.replace(/^\n|\n$/g, "")));
      // A code block stands on lines of its own.
      const before = i ? part.replace(/^\n/, "") : part;
      return paragraphs(i < all.length - 1 ? before.replace(/\n$/, "") : before);
    });
}

const quoteMark = /^(?:>|&gt;)(?!(?:>|&gt;)) ?/;
const bullet = /^\s*[•-] +/;
const number = /^\s*\d+\. +/;

function paragraphs(text) {
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
      out.push(el("blockquote", {}, inline(lines.splice(0).join("\n"))));
    } else if (quoteMark.test(lines[0])) {
      out.push(el("blockquote", {}, inline(take(quoteMark).join("\n"))));
      broken = true;
    } else if (bullet.test(lines[0])) {
      out.push(el("ul", {}, take(bullet).map((l) => el("li", {}, inline(l)))));
      broken = true;
    } else if (number.test(lines[0])) {
      const start = lines[0].trim().match(/^\d+/)[0];
      out.push(el("ol", { start }, take(number).map((l) => el("li", {}, inline(l)))));
      broken = true;
    } else {
      if (!broken) out.push(el("br"));
      out.push(...inline(lines.shift()));
      broken = false;
    }
  }
  return out;
}

const styles = { "*": "b", _: "i", "~": "s" };
const word = /[\p{L}\p{N}]/u;
const emojiName = /:([\w+'-]+)(?::skin-tone-\d)?:/y;
const bareURL = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"*_~`]/y;

/** One run of text as nodes: styles, code, mentions, links, emoji. */
export function inline(src) {
  const out = [];
  let text = "";
  const flush = () => {
    if (text) out.push(...breaks(decode(text)));
    text = "";
  };
  for (let i = 0; i < src.length; ) {
    const [node, next] = special(src, i) ?? [];
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
function special(src, i) {
  const c = src[i];
  if (c === "`") return code(src, i);
  if (c === "<") return angle(src, i);
  if (c === ":") return sticky(emojiName, src, i, (m) => emoji(m[1]));
  if (c === "h" && !word.test(src[i - 1] ?? "")) return sticky(bareURL, src, i, (m) => link(m[0]));
  if (styles[c]) return styled(src, i);
  if (c > "\u2000") return emojiAt(src, i);
  return undefined;
}

function sticky(pattern, src, i, make) {
  pattern.lastIndex = i;
  const m = pattern.exec(src);
  const node = m && make(m);
  return node ? [node, i + m[0].length] : undefined;
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
function styled(src, i) {
  const mark = src[i];
  const next = src[i + 1] ?? " ";
  if (word.test(src[i - 1] ?? "") || next === mark || /\s/.test(next)) return undefined;
  for (let j = i + 1; j < src.length && src[j] !== "\n"; j++) {
    const skip = src[j] === "`" ? code(src, j) : src[j] === "<" ? angle(src, j) : undefined;
    if (skip) j = skip[1] - 1;
    else if (src[j] === mark && j > i + 1 && !/\s/.test(src[j - 1]) && !word.test(src[j + 1] ?? "")) {
      return [el(styles[mark], {}, inline(src.slice(i + 1, j))), j + 1];
    }
  }
  return undefined;
}

// <@U…>, <#C…>, <!…>, <url|label>; anything else in angle brackets is just text.
function angle(src, i) {
  const end = src.indexOf(">", i);
  if (end < 0) return undefined;
  const [target, label] = split(src.slice(i + 1, end));
  const node = mention(target, label) ?? link(target, label);
  return node && [node, end + 1];
}

function split(inner) {
  const bar = inner.indexOf("|");
  return bar < 0 ? [inner, ""] : [inner.slice(0, bar), inner.slice(bar + 1)];
}

function mention(target, label) {
  if (/^@[UWB]\w*$/.test(target)) return userMention(target.slice(1), label);
  if (/^#[CDG]\w*$/.test(target)) return channelMention(target.slice(1), label);
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9), label);
  if (target.startsWith("!date^")) return dated(target, label);
  if (/^!(here|channel|everyone)\b/.test(target)) return el("span", { class: "mention me" }, `@${target.slice(1).split("^")[0]}`);
  return undefined;
}

/** A person's name as a mention; the reader's own stands out. */
export function userMention(id, label) {
  const name = ws.users.has(id) ? userName(id) : label || id;
  return el("span", { class: isMe(id) ? "mention me" : "mention", dataset: { user: id } }, `@${decode(name)}`);
}

export function groupMention(id, label) {
  const handle = (ws.groups.get(id)?.handle ?? label) || id;
  return el("span", { class: isMe(id) ? "mention me" : "mention" }, `@${handle.replace(/^@/, "")}`);
}

/** A channel's name as a link that opens it (app.js follows data-channel). */
export function channelMention(id, label) {
  const name = ws.channels.get(id)?.name ?? label;
  if (!name) return el("span", { class: "mention" }, "#private-channel");
  return el("a", { class: "mention channel", href: `?user=${ws.me}&channel=${id}`, dataset: { channel: id } }, `#${decode(name)}`);
}

function dated(target, fallback) {
  const [, ts, pattern = "", url] = target.split("^");
  const words = tokenised(ts, pattern, decode(fallback));
  return url ? link(url, words) : el("time", { class: "date", title: decode(fallback) }, words);
}

/** A link, if its scheme is one that may be followed. */
export function link(url, label) {
  const raw = decode(url);
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(raw)) return undefined;
  const href = linkURL(raw);
  if (!href) return undefined;
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, label ? plain(label) : raw.replace(/^(mailto|tel):/i, ""));
}
