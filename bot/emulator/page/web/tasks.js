// The blocks with which agents show what they do: task_card and plan.

import { el, icon, linkURL } from "./dom.js";
import { richText } from "./richtext.js";

const states = { pending: "To do", in_progress: "In progress", complete: "Done", error: "Failed" };
const marks = { pending: "circle", in_progress: "ring", complete: "success", error: "error" };

/** One task: its state, and what was done and found, folded until asked for. */
export function taskCard(b) {
  return el("div", { class: "task-card" }, task(b));
}

/** A list of tasks under a heading. */
export function plan(b) {
  const list = el("ol", { class: "plan-tasks" }, (b.tasks ?? []).map((t) => el("li", {}, task(t))));
  const running = (b.tasks ?? []).some((t) => t.status === "in_progress" || t.status === "pending");
  return el("details", { class: "plan", open: running || (b.tasks ?? []).length <= 5 }, el("summary", {}, icon("caret"), el("span", { class: "plan-title" }, b.title ?? "")), list);
}

function task(t) {
  const state = t.status in states ? t.status : "pending";
  const head = [el("span", { class: `task-state ${state}`, role: "img", "aria-label": states[state] }, icon(marks[state])), el("span", { class: "task-title" }, t.title ?? "")];
  const sources = (t.sources ?? []).map((s) => el("a", { class: "task-source", href: linkURL(s.url) || undefined, target: "_blank", rel: "noopener noreferrer" }, s.text || s.url));
  const more = [
    t.details && el("div", { class: "task-details" }, richText(t.details)),
    t.output && el("div", { class: "task-output" }, richText(t.output)),
    sources.length > 0 && el("div", { class: "task-sources" }, sources),
  ].filter(Boolean);
  if (!more.length) return el("div", { class: "task" }, el("div", { class: "task-head" }, head));
  return el("details", { class: "task", open: state === "error" }, el("summary", { class: "task-head" }, head, icon("caret")), el("div", { class: "task-more" }, more));
}
