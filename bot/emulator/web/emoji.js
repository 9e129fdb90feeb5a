// The emoji of everyday work, by Slack's short names. Those that carry a
// meaning on a card are drawn (emoji.svg), so that they look alike on every
// machine, also where no emoji font is installed; the rest are characters.

import { el, sprite } from "./dom.js";

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
]);

const table = `white_check_mark ✅ heavy_check_mark ✔️ x ❌ warning ⚠️ no_entry ⛔ octagonal_sign 🛑 rocket 🚀
  rotating_light 🚨 hourglass_flowing_sand ⏳ hourglass ⌛ lock 🔒 unlock 🔓 red_circle 🔴 large_green_circle 🟢
  large_yellow_circle 🟡 large_orange_circle 🟠 large_blue_circle 🔵 large_purple_circle 🟣 white_circle ⚪
  black_circle ⚫ information_source ℹ️ arrows_counterclockwise 🔄 rewind ⏪ double_vertical_bar ⏸️ bell 🔔 eyes 👀
  +1 👍 -1 👎 tada 🎉 wrench 🔧 package 📦 ballot_box_with_check ☑️ heavy_multiplication_x ✖️
  negative_squared_cross_mark ❎ no_entry_sign 🚫 question ❓ exclamation ❗ bangbang ‼️ arrow_right ➡️ arrow_left ⬅️
  arrow_up ⬆️ arrow_down ⬇️ fast_forward ⏩ arrow_forward ▶️ black_square_for_stop ⏹️ repeat 🔁 clock1 🕐 clock3 🕒
  alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ calendar 📆 date 📅 spiral_calendar_pad 🗓️ memo 📝 clipboard 📋
  page_facing_up 📄 link 🔗 pushpin 📌 mag 🔍 key 🔑 gear ⚙️ hammer_and_wrench 🛠️ hammer 🔨 bug 🐛 fire 🔥 boom 💥
  zap ⚡ construction 🚧 ship 🚢 train 🚆 train2 🚆 station 🚉 vertical_traffic_light 🚦 traffic_light 🚥
  chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 bulb 💡 no_bell 🔕 mega 📣 loudspeaker 📢
  email 📧 phone ☎️ speech_balloon 💬 robot_face 🤖 wave 👋 pray 🙏 clap 👏 raised_hands 🙌 muscle 💪 ok_hand 👌
  point_right 👉 point_up ☝️ handshake 🤝 thinking_face 🤔 smile 😄 slightly_smiling_face 🙂 grinning 😀 joy 😂
  sweat_smile 😅 wink 😉 sob 😭 scream 😱 cry 😢 disappointed 😞 sunglasses 😎 heart ❤️ green_heart 💚 blue_heart 💙
  star ⭐ sparkles ✨ 100 💯 tangerine 🍊 coffee ☕ beer 🍺 cake 🎂 gift 🎁 car 🚗 earth_americas 🌎
  globe_with_meridians 🌐 sunny ☀️ cloud ☁️ snowflake ❄️ turtle 🐢 whale 🐳 checkered_flag 🏁
  triangular_flag_on_post 🚩 white_large_square ⬜ black_large_square ⬛ large_green_square 🟩 large_red_square 🟥
  large_yellow_square 🟨 large_blue_square 🟦 new 🆕 ok 🆗 sos 🆘 one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣`;

const chars = new Map([...table.matchAll(/(\S+) (\S+)/g)].map(([, name, char]) => [name, char]));

const pictures = [...chars].filter(([name]) => drawn.has(name));

/** The emoji that a text has as a character at i, if it is one that is drawn: [picture, index after]. */
export function emojiAt(text, i) {
  const [name, char] = pictures.find(([, char]) => text.startsWith(char, i)) ?? [];
  return name && [emoji(name), i + char.length];
}

export const names = () => [...chars.keys()];

/** The picture of an emoji, or undefined if the name means nothing here. */
export function emoji(name) {
  const known = aliases.get(name) ?? name;
  if (!chars.has(known)) return undefined;
  const props = { class: "emoji", role: "img", "aria-label": `${known.replaceAll("_", " ")} emoji`, title: `:${name}:` };
  return el("span", props, drawn.has(known) ? sprite("emoji.svg", known, "emoji-art") : chars.get(known));
}
