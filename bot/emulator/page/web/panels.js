// Blocks that frame others: alert, card, carousel, container.

import { control } from "./controls.js";
import { el, icon } from "./dom.js";
import { picture } from "./media.js";
import { textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const levels = { info: "info", success: "success", warning: "alert", error: "error" };

/** A notice of one of five levels. */
export function alert(b) {
  const level = b.level in levels ? b.level : "default";
  return el("div", { class: `alert ${level}`, role: "note" }, icon(levels[level] ?? "info"), el("div", {}, textObject(b.text)));
}

/** A card: a picture, a heading with an icon, text, and buttons below. */
export function card(b, place) {
  const mark = b.icon ? picture(b.icon, "card-icon") : b.slack_icon && el("span", { class: "card-icon" }, icon(b.slack_icon.name ?? "info"));
  const line = (name, object) => object && el("div", { class: name }, textObject(object));
  return el("div", { class: "card" },
    b.hero_image && picture(b.hero_image, "card-hero"),
    (mark || b.title || b.subtitle) && el("div", { class: "card-head" }, mark, el("div", {}, line("card-title", b.title), line("card-subtitle", b.subtitle))),
    line("card-body", b.body),
    line("card-subtext", b.subtext),
    b.actions?.length > 0 && el("div", { class: "card-actions" }, b.actions.map((e) => control(place, b, e))));
}

/** Cards in a row that scrolls sideways. */
export function carousel(b, place) {
  const cards = (b.elements ?? []).map((c, i) => el("div", { class: "slide", role: "listitem" }, card({ block_id: `${b.block_id}-${i}`, ...c }, place)));
  const track = el("div", { class: "slides", role: "list", tabindex: "0", "aria-label": "Cards" }, cards);
  const turn = (by) => track.scrollBy({ left: by * ((cards[0]?.offsetWidth ?? 0) + 12), behavior: "smooth" });
  const arrow = (name, by) => el("button", { type: "button", class: `slide-arrow ${by < 0 ? "back" : "on"}`, "aria-label": name, onclick: () => turn(by) }, icon("back"));
  const arrows = [arrow("Previous card", -1), arrow("Next card", 1)];
  const draw = () => {
    arrows[0].hidden = track.scrollLeft < 4;
    arrows[1].hidden = track.scrollLeft + track.clientWidth > track.scrollWidth - 4;
  };
  track.addEventListener("scroll", draw);
  new ResizeObserver(draw).observe(track);
  return el("div", { class: "carousel" }, track, arrows);
}

const folded = new Map(); // block key → whether a person has folded it

/** A frame around other blocks, which may be folded; render draws them. */
export function container(b, place, render) {
  const key = `${place.key}/${b.block_id}`;
  const inside = el("div", { class: "container-body" }, render(b.child_blocks));
  const heading = el("div", { class: "container-title" }, b.rich_text_title ? richText(b.rich_text_title) : textObject(b.title));
  const words = el("div", { class: "container-words" }, heading, b.subtitle && el("div", { class: "container-subtitle" }, textObject(b.subtitle)));
  const frame = (head) => el("div", { class: `container ${b.width ?? "standard"}${b.has_header_divider ? " divided" : ""}` }, head, inside);
  const mark = b.icon && picture(b.icon, "container-icon");
  if (!b.is_collapsible) return frame(el("div", { class: "container-head" }, mark, words));
  const head = el("button", { type: "button", class: "container-head" }, mark, words, icon("caret"));
  const draw = () => {
    inside.hidden = folded.get(key) ?? Boolean(b.default_collapsed);
    head.setAttribute("aria-expanded", String(!inside.hidden));
  };
  head.addEventListener("click", () => {
    folded.set(key, !inside.hidden);
    draw();
  });
  draw();
  return frame(head);
}
