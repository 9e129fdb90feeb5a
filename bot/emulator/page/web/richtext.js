// rich_text blocks as DOM nodes. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { broadcast, channelMention, dateNode, groupMention, link, userMention } from "./mention.js";
import { ws } from "./workspace.js";

/** The nodes of a rich_text block. */
export function richText(block) {
  return (block.elements ?? []).map(part);
}

function part(element) {
  const bar = element.border ? "bordered " : "";
  switch (element.type) {
    case "rich_text_list":
      return list(element, bar);
    case "rich_text_quote":
      return el("blockquote", { class: "rich-quote" }, leaves(element));
    case "rich_text_preformatted":
      return el("pre", { class: `${bar}code-block` }, leaves(element));
    default:
      return el("div", { class: "rich-section" }, leaves(element));
  }
}

function list(element, bar) {
  const indent = element.indent ?? 0;
  const items = (element.elements ?? []).map((e) => el("li", {}, leaves(e)));
  const node = el(element.style === "ordered" ? "ol" : "ul", { class: `${bar}rich-list level-${indent % 3}` }, items);
  if (element.offset) node.setAttribute("start", String(Number(element.offset) + 1));
  node.style.marginLeft = `${indent * 24}px`;
  return node;
}

const leaves = (element) => (element.elements ?? []).map(leaf);

function leaf(e) {
  return styled(bare(e), e.style ?? {});
}

function bare(e) {
  switch (e.type) {
    case "link":
      return link(e.url, e.text && [e.text]) ?? e.text ?? e.url;
    case "user":
      return userMention(e.user_id);
    case "usergroup":
      return groupMention(e.usergroup_id);
    case "channel":
      return channelMention(e.channel_id);
    case "team":
      return el("span", { class: "mention" }, `@${e.team_id === ws.team.id ? ws.team.name : e.team_id}`);
    case "broadcast":
      return broadcast(e.range);
    case "emoji":
      return emoji(e.name) ?? character(e.unicode) ?? `:${e.name}:`;
    case "date":
      return dateNode(e.timestamp, e.format ?? "", { fallback: e.fallback, url: e.url, zone: e.timezone });
    case "color":
      return color(e.value);
    default:
      return e.text ?? "";
  }
}

// The emoji of a code such as "1f468-200d-1f4bb".
function character(unicode) {
  return /^[\da-f]{2,6}(-[\da-f]{2,6})*$/i.test(unicode ?? "") ? el("span", { class: "emoji" }, String.fromCodePoint(...unicode.split("-").map((c) => parseInt(c, 16)))) : undefined;
}

function color(value) {
  const patch = el("span", { class: "color-patch", "aria-hidden": "true" });
  patch.style.backgroundColor = value;
  return el("span", {}, patch, value);
}

function styled(node, style) {
  let out = node;
  if (style.code) out = el("code", {}, out);
  if (style.bold) out = el("b", {}, out);
  if (style.italic) out = el("i", {}, out);
  if (style.strike) out = el("s", {}, out);
  if (style.underline) out = el("u", {}, out);
  if (style.highlight || style.client_highlight) out = el("mark", {}, out);
  return out;
}
