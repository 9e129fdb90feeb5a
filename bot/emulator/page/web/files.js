// Files under a message: pictures as pictures, the rest as cards.

import { el, icon, imageURL, linkURL } from "./dom.js";
import { lightbox } from "./lightbox.js";

export function files(msg) {
  return (msg.files ?? []).map((f) => (/^image\//.test(f.mimetype ?? "") && imageURL(f.url_private ?? "") ? pictureFile(f) : fileCard(f)));
}

const nameOf = (f) => f.title || f.name || f.id;
const kindOf = (f) => String(f.pretty_type || f.filetype || f.mimetype || "file").toUpperCase();

function pictureFile(f) {
  const src = imageURL(f.url_private);
  const name = nameOf(f);
  const shown = el("img", { src, alt: f.alt_txt || name });
  const open = el("button", { type: "button", class: "thumbnail", "aria-label": `View ${name}`, onclick: () => lightbox({ src, name, note: [kindOf(f), size(f.size)].filter(Boolean).join(" · ") }) }, shown);
  const figure = el("figure", { class: "file-image" }, el("figcaption", {}, name), open);
  shown.addEventListener("error", () => figure.replaceWith(fileCard(f)));
  return figure;
}

// Colours by what a file is, as people know them.
const kinds = [
  [/^(csv|xlsx?|ods|tsv)$/i, "sheet"],
  [/^(pdf)$/i, "pdf"],
  [/^(json|ya?ml|js|go|py|sh|log|txt|md|xml|toml)$/i, "code"],
  [/^(zip|gz|tgz|tar|xz)$/i, "archive"],
];

function fileCard(f) {
  const href = linkURL(f.url_private ?? f.permalink ?? "");
  const kind = kinds.find(([p]) => p.test(f.filetype ?? ""))?.[1] ?? "other";
  return el("a", { class: "file", href: href || undefined, target: "_blank", rel: "noopener" },
    el("span", { class: `file-icon ${kind}` }, icon(kind === "code" ? "code" : "file")),
    el("span", { class: "file-words" }, el("b", {}, nameOf(f)), el("small", {}, [kindOf(f), size(f.size)].filter(Boolean).join(" · "))),
    href && el("span", { class: "file-open" }, icon("down")));
}

function size(bytes) {
  if (!bytes) return "";
  return bytes < 1024 ? `${bytes} B` : bytes < 1_048_576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
