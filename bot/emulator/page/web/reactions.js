// The reactions under a message, and giving one.

import * as api from "./api.js";
import { el, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { pickEmoji } from "./emojipicker.js";
import { toast } from "./toast.js";
import { userName, ws } from "./workspace.js";

/** Gives a reaction, or takes one's own back. */
export async function react(channel, msg, name) {
  const mine = msg.reactions?.some((r) => r.name === name && r.users?.includes(ws.me));
  const answer = await api.react(ws.me, channel, msg.ts, name, !mine);
  if (!answer.ok) toast({ text: answer.error });
}

export function reactions(channel, msg) {
  if (!msg.reactions?.length) return undefined;
  const chip = (r) => {
    const mine = Boolean(r.users?.includes(ws.me));
    const names = (r.users ?? []).map((id) => (id === ws.me ? "You" : userName(id))).join(", ");
    return el("button", { type: "button", class: mine ? "reaction mine" : "reaction", "aria-pressed": String(mine), "aria-label": `${r.name.replaceAll("_", " ")}, ${names}`, title: `${names} reacted with :${r.name}:`, dataset: { control: `reaction-${r.name}` }, onclick: () => react(channel, msg, r.name) },
      emoji(r.name) ?? `:${r.name}:`, el("span", {}, String(r.count ?? r.users?.length ?? 1)));
  };
  const more = el("button", { type: "button", class: "reaction add", "aria-label": "Add reaction…", title: "Add reaction…", "aria-haspopup": "dialog", onclick: (e) => pickEmoji(e.currentTarget, (name) => react(channel, msg, name)) }, icon("react"));
  return el("div", { class: "reactions" }, msg.reactions.map(chip), more);
}
