// One message.

import { avatar, userAvatar } from "./avatar.js";
import { renderBlocks } from "./blocks.js";
import { picture } from "./media.js";
import { el, icon, imageURL, linkURL } from "./dom.js";
import { emoji } from "./emoji.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { ago, full, time } from "./time.js";
import { author, userName, ws } from "./workspace.js";

/**
 * Draws a message. grouped: the one above is by the same author, so no name;
 * onthread opens its thread, absent where it is open already.
 */
export function messageNode(channel, msg, { grouped, onthread }) {
  const who = author(msg);
  const classes = ["message", grouped && "grouped", msg.ephemeral && "ephemeral"];
  return el(
    "article",
    { class: classes.filter(Boolean).join(" "), dataset: { ts: msg.ts }, "aria-label": `${who.name}, ${time(msg.ts)}`, tabindex: "-1" },
    msg.ephemeral && el("div", { class: "ephemeral-note" }, icon("eye"), "Only visible to you"),
    el("div", { class: "message-gutter" }, grouped ? el("time", { class: "hover-time" }, time(msg.ts).replace(/\s?[AP]M$/i, "")) : avatar(who)),
    el(
      "div",
      { class: "message-body" },
      !grouped && heading(who, msg),
      el("div", { class: "message-content" }, content(channel, msg)),
      attachments(channel, msg),
      files(msg),
      reactions(msg),
      onthread && msg.reply_count > 0 && threadSummary(msg, onthread),
    ),
    onthread && !msg.ephemeral && el("div", { class: "message-tools" }, el("button", { type: "button", "aria-label": "Reply in thread", title: "Reply in thread", onclick: onthread }, icon("thread"))),
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
  if (msg.blocks?.length) return [...renderBlocks(msg.blocks, place(channel, msg)), edited].filter(Boolean);
  if (!msg.text) return edited ? [edited] : [];
  const system = msg.subtype && /_(join|leave|topic|purpose|name|archive)$|^tombstone$/.test(msg.subtype);
  const text = msg.mrkdwn === false ? plain(msg.text) : mrkdwn(msg.text, { lists: !msg.bot_id });
  const jumbo = text.length <= 3 && text.every((n) => n instanceof Element && n.classList.contains("emoji"));
  const kind = system ? " system" : jumbo ? " jumbo" : "";
  return [el("div", { class: `text${kind}` }, text, edited && [" ", edited])];
}

function attachments(channel, msg) {
  return (msg.attachments ?? []).map((a, i) => {
    const where = place(channel, msg);
    const title = a.title_link && linkURL(a.title_link) ? el("a", { href: linkURL(a.title_link), target: "_blank", rel: "noopener noreferrer" }, plain(a.title)) : plain(a.title);
    const fields = a.fields?.length && el("div", { class: "fields" }, a.fields.map((f) => el("div", { class: f.short ? "" : "wide" }, el("b", {}, plain(f.title)), el("div", {}, mrkdwn(f.value)))));
    const node = el("div", { class: "attachment" },
      a.pretext && el("div", { class: "pretext" }, mrkdwn(a.pretext)),
      el("div", { class: "attachment-body" },
        a.author_name && el("div", { class: "attachment-author" }, plain(a.author_name)),
        a.title && el("div", { class: "attachment-title" }, title),
        a.blocks ? renderBlocks(a.blocks, { ...where, key: `${where.key}/${i}` }) : el("div", { class: "text" }, mrkdwn(a.text || (a.title || fields ? "" : a.fallback))),
        fields,
        a.image_url && picture({ image_url: a.image_url, alt_text: a.fallback }, "block-image"),
        a.footer && el("div", { class: "attachment-footer" }, plain(a.footer), a.ts && ` | ${full(a.ts)}`)));
    const named = { good: "#2EB67D", warning: "#ECB22E", danger: "#E01E5A" }[a.color] ?? a.color;
    if (/^#?[0-9a-f]{6}$/i.test(named ?? "")) node.style.setProperty("--bar", `#${named.replace("#", "")}`);
    return node;
  });
}

function files(msg) {
  return (msg.files ?? []).map((f) => {
    const href = linkURL(f.url_private ?? f.permalink ?? "");
    const name = f.title || f.name || f.id;
    if (/^image\//.test(f.mimetype ?? "") && imageURL(f.url_private ?? "")) {
      return el("figure", { class: "file-image" }, el("figcaption", {}, name), el("a", { href, target: "_blank", rel: "noopener" }, picture({ image_url: f.url_private, alt_text: f.alt_txt || name }, "block-image")));
    }
    const kind = (f.pretty_type || f.filetype || f.mimetype || "File").toString();
    return el("a", { class: "file", href: href || undefined, target: "_blank", rel: "noopener" }, icon("file"), el("span", {}, el("b", {}, name), el("small", {}, [kind.toUpperCase(), size(f.size)].filter(Boolean).join(" · "))));
  });
}

function size(bytes) {
  if (!bytes) return "";
  return bytes < 1024 ? `${bytes} B` : bytes < 1_048_576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

function reactions(msg) {
  if (!msg.reactions?.length) return undefined;
  return el("div", { class: "reactions" }, msg.reactions.map((r) => {
    const names = (r.users ?? []).map(userName).join(", ");
    return el("span", { class: r.users?.includes(ws.me) ? "reaction mine" : "reaction", title: `${names} reacted with :${r.name}:` }, emoji(r.name) ?? `:${r.name}:`, String(r.count ?? r.users?.length ?? 1));
  }));
}

function threadSummary(msg, onthread) {
  const n = msg.reply_count;
  return el("button", { type: "button", class: "thread-summary", onclick: onthread },
    (msg.reply_users ?? []).slice(0, 4).map((id) => userAvatar(id, "tiny")),
    el("b", {}, `${n} ${n === 1 ? "reply" : "replies"}`),
    msg.latest_reply && el("span", { class: "last-reply" }, `Last reply ${ago(msg.latest_reply)}`),
    icon("chevron"));
}
