// One message.

import { attachments } from "./attachments.js";
import { avatar, userAvatar } from "./avatar.js";
import { renderBlocks } from "./blocks.js";
import { el, icon } from "./dom.js";
import { files } from "./files.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { reactions } from "./reactions.js";
import { ago, full, time } from "./time.js";
import { author, ws } from "./workspace.js";

/**
 * Draws a message. grouped: the one above is by the same author, so no name;
 * onthread opens its thread, absent where it is open already; editor stands
 * instead of its text while it is edited.
 */
export function messageNode(channel, msg, { grouped, onthread, editor }) {
  const who = author(msg);
  const broadcast = msg.subtype === "thread_broadcast" && onthread;
  const classes = ["message", grouped && !broadcast && "grouped", msg.ephemeral && "ephemeral", editor && "editing"];
  return el(
    "article",
    { class: classes.filter(Boolean).join(" "), dataset: { ts: msg.ts }, "aria-label": `${who.name}, ${time(msg.ts)}`, tabindex: "-1" },
    msg.ephemeral && el("div", { class: "ephemeral-note" }, icon("eye"), "Only visible to you"),
    el("div", { class: "message-gutter" }, grouped && !broadcast ? el("time", { class: "hover-time" }, time(msg.ts).replace(/\s?[AP]M$/i, "")) : avatar(who)),
    el(
      "div",
      { class: "message-body" },
      (!grouped || broadcast) && heading(who, msg),
      broadcast && el("button", { type: "button", class: "broadcast-note", onclick: () => onthread(msg.thread_ts) }, "replied to a thread"),
      editor || el("div", { class: "message-content" }, content(channel, msg)),
      attachments(place(channel, msg), msg),
      files(msg),
      reactions(channel, msg),
      onthread && msg.reply_count > 0 && threadSummary(msg, ws.fresh.get(`${channel}/${msg.ts}`), () => onthread(msg.ts)),
    ),
  );
}

function heading(who, msg) {
  return el("div", { class: "message-heading" },
    el("span", { class: "sender" }, who.name),
    who.bot && el("span", { class: "badge" }, "APP"),
    el("time", { title: full(msg.ts) }, time(msg.ts)));
}

const place = (channel, msg) => ({ key: `${channel}/${msg.ts}`, where: { channel, message_ts: msg.ts } });

// Blocks stand instead of the text, which is then only for notifications.
function content(channel, msg) {
  const edited = msg.edited && el("span", { class: "edited", title: msg.edited.ts && full(msg.edited.ts) }, "(edited)");
  const typed = msg.blocks?.[0]?.type === "rich_text" && !msg.bot_id; // by a person: the text says the same
  if (msg.blocks?.length && !typed) return [...renderBlocks(msg.blocks, place(channel, msg)), edited].filter(Boolean);
  if (!msg.text) return edited ? [edited] : [];
  const system = msg.subtype && /_(join|leave|topic|purpose|name|archive)$|^tombstone$/.test(msg.subtype);
  const text = msg.mrkdwn === false ? plain(msg.text) : mrkdwn(msg.text, { lists: !msg.bot_id });
  const jumbo = text.length <= 3 && text.every((n) => n instanceof Element && n.classList.contains("emoji"));
  const kind = system ? " system" : msg.subtype === "me_message" ? " me" : jumbo ? " jumbo" : "";
  return [el("div", { class: `text${kind}` }, text, edited && [" ", edited])];
}

function threadSummary(msg, fresh, onthread) {
  const n = msg.reply_count;
  return el("button", { type: "button", class: "thread-summary", onclick: onthread },
    (msg.reply_users ?? []).slice(0, 4).map((id) => userAvatar(id, "tiny")),
    el("b", {}, `${n} ${n === 1 ? "reply" : "replies"}`),
    fresh && el("span", { class: "fresh" }, `${fresh} new`),
    msg.latest_reply && el("span", { class: "last-reply" }, `Last reply ${ago(msg.latest_reply)}`),
    icon("chevron"));
}
