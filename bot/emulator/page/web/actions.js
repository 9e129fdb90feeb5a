// Sending block_actions and showing how they fare: a control is busy until the
// app acknowledges, and carries a warning sign if it does not.

import { act } from "./api.js";
import { confirmDialog } from "./confirm.js";
import { el, icon } from "./dom.js";
import { collect, controlKey } from "./inputs.js";
import { ws } from "./workspace.js";

const busy = new Set(); // control keys that wait for an answer
const failed = new Map(); // control key → words

/**
 * Sends an element's action, after its confirm dialog if it has one, with what
 * stands in the other fields of its place. False when the person thought
 * better of it, an answer is still awaited, or the app did not take it.
 */
export async function dispatch(place, block, element, payload) {
  const key = controlKey(place, block, element);
  if (busy.has(key)) return false;
  busy.add(key); // before the confirm dialog, so that a double click asks once
  if (element.confirm && !(await confirmDialog(element.confirm))) {
    busy.delete(key);
    return false;
  }
  failed.delete(key);
  paintAll(key);
  const state = collect(place, place.blocks);
  const answer = await act(ws.me, place.where, { block_id: block.block_id, action_id: element.action_id, state_values: state, ...payload });
  busy.delete(key);
  if (!answer.ok) failed.set(key, explain(answer.error));
  paintAll(key);
  return answer.ok;
}

const timers = new Map(); // control key → timer

/** Sends what is typed after a pause and after the last answer, so that the app hears of words and not of every key. */
export function soon(key, send) {
  clearTimeout(timers.get(key));
  timers.set(key, setTimeout(() => (busy.has(key) ? soon(key, send) : send()), 300));
}

function explain(error) {
  if (error === "operation_timeout") return "The app did not respond. Try again.";
  if (error === "dispatch_failed") return "The app is not connected. Try again when it runs.";
  return error || "This did not work. Try again.";
}

/** Wraps a control so that its busy state and warning have a place to show. */
export function tracked(place, block, element, control) {
  const key = controlKey(place, block, element);
  const wrap = el("span", { class: `control ${element.type}`, dataset: { control: key } }, control);
  paint(wrap, key);
  return wrap;
}

function paintAll(key) {
  for (const wrap of document.querySelectorAll(`[data-control="${CSS.escape(key)}"]`)) paint(wrap, key);
}

function paint(wrap, key) {
  const waiting = busy.has(key);
  wrap.classList.toggle("busy", waiting);
  for (const b of wrap.querySelectorAll("button")) {
    // Not `disabled`, which would throw the keyboard's focus away.
    if (waiting) b.setAttribute("aria-disabled", "true");
    else b.removeAttribute("aria-disabled");
    b.setAttribute("aria-busy", String(waiting));
  }
  wrap.querySelector(":scope > .control-warning")?.remove();
  const words = failed.get(key);
  if (words) wrap.append(el("span", { class: "control-warning", role: "alert", title: words }, icon("alert"), el("span", { class: "sr-only" }, words)));
}
