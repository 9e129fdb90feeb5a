// Block Kit's layout blocks. https://docs.slack.dev/reference/block-kit/blocks

import { control, picture } from "./controls.js";
import { el } from "./dom.js";
import { markdown } from "./markdown.js";
import { plain, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/**
 * Draws blocks. place is {key, where, view}: a name for what holds them, what
 * the API calls it, and whether it is a view; errors are words by block_id.
 */
export function renderBlocks(blocks, place, errors = {}) {
  return (blocks ?? []).map((block, i) => {
    const known = { block_id: `block-${i}`, ...block };
    const make = makers[block.type] ?? unsupported;
    return el("div", { class: `block block-${block.type}`, dataset: { block: known.block_id } }, make(known, place, errors));
  });
}

const makers = {
  header: (b) => el("div", { class: "header-text", role: "heading", "aria-level": 3 }, plain(b.text?.text)),
  section,
  context: (b) => (b.elements ?? []).map((e) => (e.type === "image" ? picture(e) : el("span", { class: "context-text" }, textObject(e)))),
  divider: () => el("hr"),
  actions: (b, place) => (b.elements ?? []).map((e) => control(place, b, e)),
  context_actions: (b, place) => (b.elements ?? []).map((e) => control(place, b, e)),
  image,
  input,
  rich_text: (b) => richText(b),
  markdown: (b) => markdown(b.text),
  table,
  video: (b) => [el("div", { class: "video-title" }, textObject(b.title)), b.description && textObject(b.description)],
  alert: (b) => el("div", { class: `alert ${b.level ?? "info"}`, role: "note" }, textObject(b.text)),
};

const unsupported = (b) => el("span", { class: "unsupported" }, `This local Slack cannot show a "${b.type}" block.`);

function section(b, place) {
  const fields = b.fields?.length && el("div", { class: "fields" }, b.fields.map((f) => el("div", { class: "field-text" }, textObject(f))));
  const body = el("div", { class: "section-body" }, b.text && el("div", { class: "section-text" }, textObject(b.text)), fields);
  if (!b.accessory) return body;
  const kind = b.accessory.type === "image" ? "accessory image" : "accessory";
  return [body, el("div", { class: kind }, control(place, b, b.accessory))];
}

function image(b) {
  const title = b.title && el("figcaption", {}, textObject(b.title));
  return el("figure", {}, title, picture(b, "block-image"));
}

function input(b, place, errors) {
  const label = b.label?.text ?? "";
  const words = errors[b.block_id];
  const node = b.element ? control(place, b, b.element, { label, act: Boolean(b.dispatch_action) || !place.view }) : "";
  const hint = b.hint && el("div", { class: "input-hint" }, textObject(b.hint));
  const error = words && el("div", { class: "input-error", role: "alert", id: `error-${b.block_id}` }, plain(words));
  const field = node && node.querySelector("input, textarea");
  if (error && field) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", `error-${b.block_id}`);
  }
  const optional = b.optional && el("span", { class: "optional" }, " (optional)");
  return [el("div", { class: "input-label" }, textObject(b.label), optional), node, error, hint];
}

function table(b) {
  const setting = (i) => b.column_settings?.[i] ?? {};
  const cell = (tag) => (c, i) => {
    const classes = [`align-${setting(i)?.align ?? "left"}`, setting(i)?.is_wrapped && "wrapped"].filter(Boolean).join(" ");
    return el(tag, { class: classes }, c.type === "rich_text" ? richText(c) : plain(c.text));
  };
  const [head = [], ...rows] = b.rows ?? [];
  return el("div", { class: "table-scroll" },
    el("table", {}, el("thead", {}, el("tr", {}, head.map(cell("th")))), el("tbody", {}, rows.map((r) => el("tr", {}, r.map(cell("td")))))));
}
