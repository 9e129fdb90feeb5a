// The time picker: a list of half hours, or any time one types.

import { dispatch, tracked } from "./actions.js";
import { el } from "./dom.js";
import { read, write } from "./inputs.js";
import { decode } from "./mention.js";
import { picker } from "./picker.js";

const two = (n) => String(n).padStart(2, "0");
const halves = Array.from({ length: 48 }, (_, i) => `${two(Math.floor(i / 2))}:${i % 2 ? "30" : "00"}`);

const spoken = (time) => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }).format(new Date(`2024-01-01T${time}`));
const option = (time) => ({ key: time, text: spoken(time), data: time });

/** A time as people type it, "2:30 pm", "14.30", "9", as HH:MM; undefined if it is none. */
export function parseTime(typed) {
  const m = typed.trim().match(/^(\d{1,2})(?:[:.h]?(\d{2}))?\s*(?:([ap])\.?m?\.?)?$/i);
  if (!m) return undefined;
  const half = m[3]?.toLowerCase();
  const [h, min] = [Number(m[1]), Number(m[2] ?? 0)];
  if (min > 59 || h > 23 || (half && (h < 1 || h > 12))) return undefined;
  return `${two(half ? (h % 12) + (half === "p" ? 12 : 0) : h)}:${two(min)}`;
}

function search(query) {
  const exact = parseTime(query);
  const near = halves.filter((t) => spoken(t).toLowerCase().startsWith(query.trim().toLowerCase()) || t.startsWith(query.trim()));
  return [{ options: [...new Set(exact ? [exact, ...near] : near)].map(option) }];
}

/** A field for a time; value and what onchange gets are HH:MM or null. */
export function timeField({ value, placeholder = "Select time", onchange, ...settings }) {
  return picker({ ...settings, placeholder, sign: "clock", chosen: value ? [option(value)] : [], search, onchange: ([o]) => onchange(o?.data ?? null) });
}

/** The timepicker element; its time zone is said below it. */
export function timePicker(place, block, element, { label, act, optional }) {
  const node = timeField({
    label, optional, autofocus: element.focus_on_load, value: read(place, block, element), placeholder: element.placeholder && decode(element.placeholder.text),
    onchange(next) {
      write(place, block, element, next);
      if (act) dispatch(place, block, element, { selected_time: next });
    },
  });
  if (!element.timezone) return tracked(place, block, element, node);
  return tracked(place, block, element, el("span", { class: "with-zone" }, node, el("small", {}, zoneName(element.timezone))));
}

function zoneName(zone) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "long" }).formatToParts(new Date()).find((p) => p.type === "timeZoneName").value;
  } catch {
    return zone;
  }
}
