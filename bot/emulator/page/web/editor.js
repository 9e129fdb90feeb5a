// Editing a message where it stands.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { decode } from "./mention.js";
import { askDelete } from "./deletion.js";
import { ws } from "./workspace.js";

/** The box that stands instead of a message's text; done() ends it. */
export function editor(channel, msg, done) {
  const before = source(msg.text ?? "");
  const box = new Composer({
    label: "Edit message",
    oncancel: done,
    onsend: async (text) => {
      if (text === before) return done(), { ok: true };
      const answer = await api.edit(ws.me, channel, msg.ts, text);
      if (answer.ok) done();
      return answer;
    },
    onempty: () => (done(), askDelete(channel, msg)),
  });
  box.turn(`edit/${channel}/${msg.ts}`, "Edit message");
  box.set(before);
  box.completions.close();
  return box.node;
}

/** What a person would type to get this text. */
export function source(text) {
  return decode(text.replace(/<([^<>\n]+)>/g, (all, inner) => {
    const [target, label = ""] = inner.split("|");
    if (/^@[UW]/.test(target)) return `@${ws.users.get(target.slice(1))?.name ?? label}`;
    if (/^#C/.test(target)) return `#${ws.channels.get(target.slice(1))?.name ?? label}`;
    if (target.startsWith("!subteam^")) return `@${ws.groups.get(target.slice(9))?.handle ?? label.replace(/^@/, "")}`;
    if (/^!(here|channel|everyone)$/.test(target)) return `@${target.slice(1)}`;
    if (target.startsWith("mailto:")) return label || target.slice(7);
    return target.startsWith("!") ? all : target;
  }));
}
