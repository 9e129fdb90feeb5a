// The emoji of everyday work, by Slack's short names. Those that carry a
// meaning on a card are drawn (emoji.svg), so that they look alike on every
// machine, also where no emoji font is installed; the rest are characters
// (emojitable.js), and a workspace may have pictures of its own.

import { el, imageURL, sprite } from "./dom.js";
import { table } from "./emojitable.js";
import { ws } from "./workspace.js";

const drawn = new Set(
  `white_check_mark heavy_check_mark x warning no_entry octagonal_sign rocket rotating_light hourglass_flowing_sand
  hourglass lock unlock red_circle large_green_circle large_yellow_circle large_orange_circle large_blue_circle
  large_purple_circle white_circle black_circle information_source arrows_counterclockwise rewind double_vertical_bar
  bell eyes +1 -1 tada wrench package`.split(/\s+/),
);

const aliases = new Map([
  ["thumbsup", "+1"],
  ["thumbsdown", "-1"],
  ["stop_sign", "octagonal_sign"],
  ["large_red_circle", "red_circle"],
  ["pause_button", "double_vertical_bar"],
  ["red_car", "car"],
  ["simple_smile", "slightly_smiling_face"],
  ["hugs", "hugging_face"],
  ["poop", "hankey"],
  ["raised_hand", "hand"],
  ["punch", "facepunch"],
  ["facepalm", "face_palm"],
]);

const chars = new Map([...table.matchAll(/(\S+) (\S+)/g)].map(([, name, char]) => [name, char]));

const pictures = [...chars].filter(([name]) => drawn.has(name));

/** The emoji that a text has as a character at i, if it is one that is drawn: [picture, index after]. */
export function emojiAt(text, i) {
  const [name, char] = pictures.find(([, char]) => text.startsWith(char, i)) ?? [];
  return name && [emoji(name), i + char.length];
}

/** All names, those of the workspace's own emoji at the end. */
export const names = () => [...chars.keys(), ...Object.keys(ws.emoji)];

/** The picture of an emoji, or undefined if the name means nothing here. */
export function emoji(name) {
  const known = aliases.get(name) ?? name;
  if (!chars.has(known)) return own(name);
  const props = { class: "emoji", role: "img", "aria-label": `${known.replaceAll("_", " ")} emoji`, title: `:${name}:` };
  return el("span", props, drawn.has(known) ? sprite("emoji.svg", known, "emoji-art") : chars.get(known));
}

// The workspace's own: a picture, or another name for an emoji.
function own(name, byAlias = false) {
  const [, alias] = /^alias:(.+)$/.exec(ws.emoji[name] ?? "") ?? [];
  if (alias) return chars.has(alias) ? emoji(alias) : byAlias ? undefined : own(alias, true);
  const src = ws.emoji[name] && imageURL(ws.emoji[name]);
  return src ? el("img", { class: "emoji", src, alt: `${name.replaceAll("_", " ")} emoji`, title: `:${name}:` }) : undefined;
}
