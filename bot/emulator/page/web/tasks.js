// The blocks with which agents show what they do: task_card and plan.

import { el, icon, linkURL } from "./dom.js";
import { richText } from "./richtext.js";

const states = { pending: "To do", in_progress: "In progress", complete: "Done", error: "Failed" };
const marks = { pending: "circle", in_progress: "ring", complete: "success", error: "error" };

const opened = new Map(); // what a person has opened or closed, by the block's key

/** A fold that stays as a person has left it, for as long as its block keeps its block_id, as in Slack. */
function fold(key, attributes, ...inside) {
  const node = el("details", { ...attributes, open: opened.get(key) ?? false }, inside);
  node.addEventListener("toggle", () => opened.set(key, node.open));
  return node;
}

/** One task: its state, and what was done and found, folded until asked for. */
export function taskCard(b, place) {
  return el("div", { class: "task-card" }, task(b, `${place.key}/${b.block_id}`));
}

/** A list of tasks under a heading, which is all that is seen until somebody opens it. */
export function plan(b, place) {
  const key = `${place.key}/${b.block_id}`;
  const list = el("ol", { class: "plan-tasks" }, (b.tasks ?? []).map((t) => el("li", {}, task(t, `${key}/${t.task_id}`))));
  return fold(key, { class: "plan" }, el("summary", {}, icon("caret"), el("span", { class: "plan-title" }, b.title ?? "")), list);
}

function task(t, key) {
  const state = t.status in states ? t.status : "pending";
  const head = [el("span", { class: `task-state ${state}`, role: "img", "aria-label": states[state] }, icon(marks[state])), !t.hide_title && el("span", { class: "task-title" }, t.title ?? "")].filter(Boolean);
  const sources = (t.sources ?? []).map((s) => el("a", { class: "task-source", href: linkURL(s.url) || undefined, target: "_blank", rel: "noopener noreferrer" }, s.text || s.url));
  const more = [
    t.details && el("div", { class: "task-details" }, richText(t.details)),
    t.output && el("div", { class: "task-output" }, richText(t.output)),
    sources.length > 0 && el("div", { class: "task-sources" }, sources),
  ].filter(Boolean);
  if (!more.length) return el("div", { class: "task" }, el("div", { class: "task-head" }, head));
  return fold(key, { class: "task" }, el("summary", { class: "task-head" }, head, icon("caret")), el("div", { class: "task-more" }, more));
}
