// Block Kit's layout blocks. https://docs.slack.dev/reference/block-kit/blocks

import { chart } from "./chart.js";
import { folding } from "./collapse.js";
import { control } from "./controls.js";
import { el, reconcile } from "./dom.js";
import { markdown } from "./markdown.js";
import { imageBlock, picture, remoteFile, video } from "./media.js";
import { plain, textObject } from "./mrkdwn.js";
import { alert, card, carousel, container } from "./panels.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";
import { plan, taskCard } from "./tasks.js";

/**
 * Draws blocks. place is {key, where, view}: a name for what holds them, what
 * the API calls it, and whether it is a view; errors are words by block_id.
 */
export function renderBlocks(blocks, place, errors = {}) {
  return drawers(blocks, place, errors).map(({ make }) => make());
}

/** Draws blocks into a node; one that is the same as before keeps its place, its focus and what is half typed. */
export function drawBlocks(node, blocks, place, errors = {}) {
  reconcile(node, drawers(blocks, place, errors));
}

function drawers(blocks, place, errors) {
  const here = { ...place, blocks: place.blocks ?? blocks ?? [] }; // all of them, for those inside a container too
  return (blocks ?? []).map((block, i) => {
    const known = { block_id: `block-${i}`, ...block };
    return { key: `${place.key}/${known.block_id}`, sig: JSON.stringify([known, errors[known.block_id]]), make: () => draw(known, here, errors) };
  });
}

function draw(block, place, errors) {
  const make = makers[block.type] ?? unsupported;
  return el("div", { class: `block block-${block.type}`, dataset: { block: block.block_id } }, make(block, place, errors));
}

const elements = (b, place) => (b.elements ?? []).map((e) => control(place, b, e));

const makers = {
  header: (b) => el("div", { class: `header-text level-${b.level ?? 1}`, role: "heading", "aria-level": (b.level ?? 1) + 2 }, textObject(b.text)),
  section,
  context: (b) => (b.elements ?? []).map((e) => (e.type === "image" ? picture(e) : el("span", { class: "context-text" }, textObject(e)))),
  divider: () => el("hr"),
  actions: elements,
  context_actions: elements,
  image: imageBlock,
  input,
  rich_text: (b) => richText(b),
  markdown: (b) => markdown(b.text),
  table: (b) => table(b),
  data_table: dataTable,
  data_visualization: (b) => chart(b),
  video: (b) => video(b),
  file: (b) => remoteFile(b),
  alert: (b) => alert(b),
  card,
  carousel,
  container: (b, place, errors) => container(b, place, (blocks) => renderBlocks(blocks, place, errors)),
  task_card: taskCard,
  plan,
};

const unsupported = (b) => el("span", { class: "unsupported" }, `This local Slack cannot show a "${b.type}" block.`);

function section(b, place) {
  const text = b.text && el("div", { class: "section-text" }, textObject(b.text));
  const fields = b.fields?.length > 0 && el("div", { class: "fields" }, b.fields.map((f) => el("div", { class: "field-text" }, textObject(f))));
  const folds = text && !place.view && !b.expand;
  const body = el("div", { class: "section-body" }, folds ? folding(text, `${place.key}/${b.block_id}`) : text, fields);
  if (!b.accessory) return body;
  const kind = b.accessory.type === "image" ? "accessory image" : "accessory";
  return [body, el("div", { class: kind }, control(place, b, b.accessory))];
}

function input(b, place, errors) {
  const words = errors[b.block_id];
  const label = b.label?.text ?? "";
  const node = b.element ? control(place, b, b.element, { label, act: Boolean(b.dispatch_action), optional: Boolean(b.optional) }) : "";
  const id = encodeURIComponent(`${place.key}/${b.block_id}`); // no spaces, which would part two ids
  const error = words && el("div", { class: "input-error", role: "alert", id: `error-${id}` }, plain(words));
  const hint = b.hint && el("div", { class: "input-hint", id: `hint-${id}` }, textObject(b.hint));
  const field = node && node.querySelector("input, textarea, [contenteditable], button");
  if (field) {
    field.id = `field-${id}`;
    describe(field, b, error, hint);
  }
  const optional = b.optional && el("span", { class: "optional" }, " (optional)");
  return [el("label", { class: "input-label", for: `field-${id}` }, textObject(b.label), optional), node, error, hint];
}

function describe(field, b, error, hint) {
  const ids = [error, hint].filter(Boolean).map((n) => n.id);
  if (ids.length) field.setAttribute("aria-describedby", ids.join(" "));
  if (error) field.setAttribute("aria-invalid", "true");
  if (!b.optional && field.matches("input:not([type=checkbox], [type=radio]), textarea")) field.setAttribute("aria-required", "true");
}
