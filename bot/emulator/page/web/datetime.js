// The date and time picker: both, as one Unix time in seconds.

import { dispatch, tracked } from "./actions.js";
import { dateField } from "./calendar.js";
import { timeField } from "./clock.js";
import { el } from "./dom.js";
import { read, write } from "./inputs.js";

const two = (n) => String(n).padStart(2, "0");

/** The datetimepicker element; in the reader's time zone. */
export function dateTime(place, block, element, { label, act, optional }) {
  const value = read(place, block, element);
  const d = value && new Date(value * 1000);
  const at = d ? { date: `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`, time: `${two(d.getHours())}:${two(d.getMinutes())}` } : { date: null, time: null };
  const changed = (part) => (next) => {
    at[part] = next;
    const whole = at.date && at.time ? Math.floor(new Date(`${at.date}T${at.time}`).getTime() / 1000) : null;
    if (whole === read(place, block, element)) return;
    write(place, block, element, whole);
    if (act) dispatch(place, block, element, { selected_date_time: whole });
  };
  const node = el("span", { class: "date-time" },
    dateField({ label: `${label}, date`, value: at.date, optional, autofocus: element.focus_on_load, onchange: changed("date") }),
    timeField({ label: `${label}, time`, value: at.time, optional, onchange: changed("time") }));
  return tracked(place, block, element, node);
}
