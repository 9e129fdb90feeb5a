// Pictures, videos and remote files.

import { el, icon, imageURL, linkURL } from "./dom.js";
import { lightbox } from "./lightbox.js";
import { plain, textObject } from "./mrkdwn.js";

/** An image element; its alternative text where it cannot be loaded. */
export function picture(e, className = "") {
  const file = e.slack_file;
  const src = imageURL(e.image_url ?? file?.url ?? (file?.id ? `/files/${encodeURIComponent(file.id)}/picture` : ""));
  const missing = () => el("span", { class: "image-missing", title: e.alt_text }, icon("image"), e.alt_text || "image");
  if (!src) return missing();
  const img = el("img", { src, alt: e.alt_text ?? "", title: e.alt_text, class: className, loading: "lazy" });
  img.addEventListener("error", () => img.replaceWith(missing()));
  return img;
}

/** An image block: its title folds the picture away, as in Slack. */
export function imageBlock(b) {
  const shown = el("div", { class: "image-shown" }, enlarging(b));
  if (!b.title) return el("figure", {}, shown);
  const fold = el("button", { type: "button", class: "fold", "aria-expanded": "true", "aria-label": "Toggle image" }, icon("caret"));
  fold.addEventListener("click", () => {
    shown.hidden = !shown.hidden;
    fold.setAttribute("aria-expanded", String(!shown.hidden));
  });
  return el("figure", {}, el("figcaption", {}, textObject(b.title), fold), shown);
}

// A picture one can see in full.
function enlarging(b) {
  const node = picture(b, "block-image");
  if (!node.src) return node;
  const name = b.alt_text || "Picture";
  return el("button", { type: "button", class: "enlarge", "aria-label": `View ${name}`, onclick: () => node.isConnected && lightbox({ src: node.src, name }) }, node);
}

/** A video block: its thumbnail leads to the video, which this page does not play. */
export function video(b) {
  const href = linkURL(b.title_url ?? b.video_url ?? "");
  const follow = (props, ...children) => (href ? el("a", { href, target: "_blank", rel: "noopener noreferrer", ...props }, children) : el("span", props, children));
  const by = [b.author_name, b.provider_name].filter(Boolean).join(" · ");
  return el("div", { class: "video" },
    by && el("div", { class: "video-by" }, b.provider_icon_url && picture({ image_url: b.provider_icon_url, alt_text: "" }, "video-icon"), by),
    el("div", { class: "video-title" }, follow({}, textObject(b.title))),
    b.description && el("div", { class: "video-text" }, textObject(b.description)),
    follow({ class: "video-still", "aria-label": `Play: ${b.alt_text}` }, picture({ image_url: b.thumbnail_url, alt_text: b.alt_text }), el("span", { class: "video-play" }, icon("play"))));
}

/** A remote file, which an app has told Slack of. */
export function remoteFile(b) {
  return el("span", { class: "file" }, icon("file"), el("span", {}, el("b", {}, plain(b.file?.title ?? b.external_id)), el("small", {}, "Remote file")));
}
