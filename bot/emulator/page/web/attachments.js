// The attachments of old under a message: a coloured bar, and what stands beside it.

import { renderBlocks } from "./blocks.js";
import { el, linkURL } from "./dom.js";
import { picture } from "./media.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { full } from "./time.js";

/** place says where the message stands, for the elements in its blocks. */
export function attachments(place, msg) {
  return (msg.attachments ?? []).map((a, i) => {
    const title = a.title_link && linkURL(a.title_link) ? el("a", { href: linkURL(a.title_link), target: "_blank", rel: "noopener noreferrer" }, plain(a.title)) : plain(a.title);
    const fields = a.fields?.length && el("div", { class: "fields" }, a.fields.map((f) => el("div", { class: f.short ? "" : "wide" }, el("b", {}, plain(f.title)), el("div", {}, mrkdwn(f.value)))));
    const node = el("div", { class: "attachment" },
      a.pretext && el("div", { class: "pretext" }, mrkdwn(a.pretext)),
      el("div", { class: "attachment-body" },
        a.author_name && el("div", { class: "attachment-author" }, plain(a.author_name)),
        a.title && el("div", { class: "attachment-title" }, title),
        a.blocks ? renderBlocks(a.blocks, { ...place, key: `${place.key}/${i}` }) : el("div", { class: "text" }, mrkdwn(a.text || (a.title || fields ? "" : a.fallback))),
        fields,
        a.image_url && picture({ image_url: a.image_url, alt_text: a.fallback }, "block-image"),
        a.footer && el("div", { class: "attachment-footer" }, plain(a.footer), a.ts && ` | ${full(a.ts)}`)));
    const named = { good: "#2EB67D", warning: "#ECB22E", danger: "#E01E5A" }[a.color] ?? a.color;
    if (/^#?[0-9a-f]{6}$/i.test(named ?? "")) node.style.setProperty("--bar", `#${named.replace("#", "")}`);
    return node;
  });
}
