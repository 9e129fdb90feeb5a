// The date picker: a button with the date, and a month to choose from.

import { dispatch, tracked } from "./actions.js";
import { tokenised } from "./dates.js";
import { el, fill, icon } from "./dom.js";
import { read, write } from "./inputs.js";
import { decode } from "./mention.js";
import { popup } from "./popup.js";

const two = (n) => String(n).padStart(2, "0");
const iso = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
const dayOf = (text) => new Date(`${text}T12:00`); // noon, which every day has
const say = (d, pattern) => tokenised(Math.floor(d.getTime() / 1000), pattern, "");
const moved = (d, days) => new Date(d.getFullYear(), d.getMonth(), d.getDate() + days, 12);
const inMonth = (d, by) => {
  const last = new Date(d.getFullYear(), d.getMonth() + by + 1, 0).getDate();
  return new Date(d.getFullYear(), d.getMonth() + by, Math.min(d.getDate(), last), 12);
};

/** A field for a date; value and what onchange gets are YYYY-MM-DD or null. */
export function dateField({ label, value, placeholder = "Select a date", optional, autofocus, onchange }) {
  let chosen = value;
  let close;
  const words = el("span", { class: "date-words" });
  const button = el("button", { type: "button", class: "field date-field", "aria-haspopup": "dialog", "aria-expanded": "false", autofocus }, icon("calendar"), words);
  const draw = () => {
    const shown = chosen ? say(dayOf(chosen), "{date_long_full}") : placeholder;
    words.textContent = shown;
    words.classList.toggle("placeholder", !chosen);
    button.setAttribute("aria-label", `${label}: ${chosen ? shown : "no date"}`);
  };
  const leave = () => {
    close?.();
    button.focus();
  };
  const pick = (next) => {
    chosen = next;
    draw();
    leave();
    onchange(next);
  };
  button.addEventListener("click", () => {
    if (close) return close();
    if (button.getAttribute("aria-disabled")) return undefined;
    const month = calendar(chosen ? dayOf(chosen) : moved(new Date(), 0), chosen, { pick, leave, clear: optional && chosen });
    button.setAttribute("aria-expanded", "true");
    close = popup(button, month.node, () => {
      close = undefined;
      button.setAttribute("aria-expanded", "false");
    });
    month.focus();
    return undefined;
  });
  draw();
  return button;
}

// The month around a day; the arrow keys move through it.
function calendar(start, chosen, { pick, leave, clear }) {
  let at = start;
  const title = el("b", { "aria-live": "polite" });
  const days = el("div", { class: "calendar-days", role: "grid" });
  const turn = (name, by) => el("button", { type: "button", class: `icon-button ${by < 0 ? "" : "on"}`, "aria-label": name, onclick: () => go(inMonth(at, by), false) }, icon("back"));
  const today = iso(new Date());
  const foot = el("div", { class: "calendar-foot" }, el("button", { type: "button", class: "link-button", onclick: () => pick(today) }, "Today"), clear && el("button", { type: "button", class: "link-button", onclick: () => pick(null) }, "Clear"));
  const node = el("div", { class: "popup calendar", role: "dialog", "aria-label": "Choose a date" }, el("div", { class: "calendar-head" }, turn("Previous month", -1), title, turn("Next month", 1)), days, foot);
  const focus = () => days.querySelector("[tabindex='0']")?.focus();

  function go(to, take = true) {
    at = to;
    const first = new Date(at.getFullYear(), at.getMonth(), 1, 12);
    const grid = moved(first, -first.getDay());
    title.textContent = new Intl.DateTimeFormat("en", { month: "long", year: "numeric" }).format(at);
    const names = "Su Mo Tu We Th Fr Sa".split(" ").map((n) => el("span", { role: "columnheader" }, n));
    const weeks = Array.from({ length: 6 }, (_, w) => el("div", { role: "row" }, Array.from({ length: 7 }, (_x, d) => cell(moved(grid, w * 7 + d)))));
    fill(days, el("div", { role: "row", class: "calendar-names" }, names), weeks);
    if (take) focus();
  }
  function cell(d) {
    const text = iso(d);
    const kind = [d.getMonth() !== at.getMonth() && "other", text === today && "today"].filter(Boolean).join(" ");
    return el("button", { type: "button", role: "gridcell", class: kind, dataset: { date: text }, "aria-label": say(d, "{date_long}"), "aria-selected": String(text === chosen), tabindex: text === iso(at) ? "0" : "-1", onclick: () => pick(text) }, String(d.getDate()));
  }
  const moves = { ArrowLeft: (d) => moved(d, -1), ArrowRight: (d) => moved(d, 1), ArrowUp: (d) => moved(d, -7), ArrowDown: (d) => moved(d, 7), PageUp: (d) => inMonth(d, -1), PageDown: (d) => inMonth(d, 1), Home: (d) => moved(d, -d.getDay()), End: (d) => moved(d, 6 - d.getDay()) };
  node.addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
      e.preventDefault();
      e.stopPropagation();
      leave();
    } else if (moves[e.key] && days.contains(document.activeElement)) {
      e.preventDefault();
      go(moves[e.key](at));
    }
  });
  go(at, false);
  return { node, focus };
}

/** The datepicker element. */
export function datePicker(place, block, element, { label, act, optional }) {
  const node = dateField({
    label, optional, autofocus: element.focus_on_load, value: read(place, block, element), placeholder: element.placeholder && decode(element.placeholder.text),
    onchange(next) {
      write(place, block, element, next);
      if (act) dispatch(place, block, element, { selected_date: next });
    },
  });
  return tracked(place, block, element, node);
}
