// The keyboard among messages: arrows walk, letters act on the one with the focus.

import { isMine } from "./toolbar.js";

/** Handles a key pressed in a timeline's scroller. */
export function walk(e, timeline) {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input, textarea, select")) return;
  const all = [...timeline.list.querySelectorAll("article")];
  const at = all.indexOf(e.target.closest("article"));
  const msg = at >= 0 && timeline.messages.get(all[at].dataset.ts);
  if (e.key === "ArrowDown" || e.key === "ArrowUp") step(e, timeline, all, at);
  else if (!msg || msg.ephemeral) return;
  else if (e.key === "e" && isMine(msg)) timeline.edit(msg.ts);
  else if (e.key === "t" && timeline.onthread) timeline.onthread(msg.thread_ts ?? msg.ts);
  else if (e.key === "r") timeline.toolbar.node.querySelector("[aria-haspopup=dialog]")?.click();
  else return;
  e.preventDefault();
}

function step(e, timeline, all, at) {
  const down = e.key === "ArrowDown";
  const next = at < 0 ? entry(timeline.scroller, all, down) : all[at + (down ? 1 : -1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

// The first message in sight from where the arrow points.
function entry(scroller, all, down) {
  const box = scroller.getBoundingClientRect();
  const seen = all.filter((n) => {
    const r = n.getBoundingClientRect();
    return r.bottom > box.top && r.top < box.bottom;
  });
  return down ? seen[0] : seen.at(-1);
}
