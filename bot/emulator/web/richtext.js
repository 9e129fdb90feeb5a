// rich_text blocks as DOM nodes. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelMention, groupMention, link, userMention } from "./mrkdwn.js";
import { tokenised } from "./time.js";

/** The nodes of a rich_text block. */
export function richText(block) {
  return (block.elements ?? []).map(part);
}

function part(element) {
  switch (element.type) {
    case "rich_text_list":
      return list(element);
    case "rich_text_quote":
      return el("blockquote", {}, leaves(element));
    case "rich_text_preformatted":
      return el("pre", { class: "code-block" }, leaves(element));
    default:
      return el("div", { class: "rich-section" }, leaves(element));
  }
}

function list(element) {
  const indent = element.indent ?? 0;
  const items = (element.elements ?? []).map((e) => el("li", {}, leaves(e)));
  const node = el(element.style === "ordered" ? "ol" : "ul", { class: `rich-list level-${indent % 3}` }, items);
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
    case "text":
      return e.text;
    case "link":
      return link(e.url, e.text) ?? e.text ?? e.url;
    case "user":
      return userMention(e.user_id);
    case "usergroup":
      return groupMention(e.usergroup_id);
    case "channel":
      return channelMention(e.channel_id);
    case "broadcast":
      return el("span", { class: "mention me" }, `@${e.range}`);
    case "emoji":
      return emoji(e.name) ?? `:${e.name}:`;
    case "date":
      return el("time", { class: "date" }, tokenised(e.timestamp, e.format ?? "", e.fallback ?? ""));
    case "color":
      return el("code", {}, e.value);
    default:
      return e.text ?? "";
  }
}

function styled(node, style) {
  let out = node;
  if (style.code) out = el("code", {}, out);
  if (style.bold) out = el("b", {}, out);
  if (style.italic) out = el("i", {}, out);
  if (style.strike) out = el("s", {}, out);
  if (style.underline) out = el("u", {}, out);
  return out;
}
