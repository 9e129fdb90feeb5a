// What Slack writes in angle brackets: people, groups, channels, dates, links.
// https://docs.slack.dev/messaging/formatting-message-text#advanced

import { inFull, tokenised } from "./dates.js";
import { el, linkURL } from "./dom.js";
import { isMe, userName, ws } from "./workspace.js";

/** Text with &amp;, &lt; and &gt; as the characters they stand for. */
export const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** The node of "@U…", "#C…", "!here", "!date^…" or a URL, if it is one of them. label is nodes for a link's words. */
export function reference(target, label, words) {
  if (/^@[UWB]\w*$/.test(target)) return userMention(target.slice(1), label);
  if (/^#[CDG]\w*$/.test(target)) return channelMention(target.slice(1), label);
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9), label);
  if (target.startsWith("!date^")) return dated(target, label);
  if (/^!(here|channel|everyone)\b/.test(target)) return broadcast(target.slice(1).split("^")[0]);
  return link(target, words);
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

/** @here, @channel or @everyone, which mean everybody who reads it. */
export const broadcast = (range) => el("span", { class: "mention me" }, `@${range}`);

/** A channel's name as a link that opens it (app.js follows data-channel). */
export function channelMention(id, label) {
  const name = ws.channels.get(id)?.name ?? label;
  if (!name) return el("span", { class: "mention" }, "#private-channel");
  return el("a", { class: "mention channel", href: `?user=${ws.me}&channel=${id}`, dataset: { channel: id } }, `#${decode(name)}`);
}

function dated(target, fallback) {
  const [, ts, pattern = "", ...url] = target.split("^");
  return dateNode(ts, pattern, { fallback: decode(fallback), url: url.join("^") });
}

/** A date in the reader's time zone; with a URL it is a link. */
export function dateNode(ts, pattern, { fallback = "", url, zone } = {}) {
  const words = tokenised(ts, pattern, fallback, { zone });
  return (url && link(url, words)) || el("time", { class: "date", title: inFull(ts, zone) || fallback }, words);
}

/** A link, if its scheme is one that may be followed; without words it shows the address. */
export function link(url, words) {
  const raw = decode(url);
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(raw)) return undefined;
  const href = linkURL(raw);
  if (!href) return undefined;
  const shown = words?.length ? words : raw.replace(/^(mailto|tel):/i, "");
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, shown);
}
