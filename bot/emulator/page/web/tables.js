// Tables: the plain one, and the data table that sorts, filters and turns pages.

import { control } from "./controls.js";
import { el, fill, icon } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** What a cell shows; it scrolls within itself, never the page. */
function cell(place, b, c) {
  if (c.type === "rich_text") return richText(c);
  if (c.type === "action_cell") return c.element ? control(place, b, c.element) : cell(place, b, c.fallback ?? {});
  return plain(c.text ?? (c.value === undefined ? "" : String(c.value)));
}

/** A table block: its first row is the heading. */
export function table(b) {
  const make = (tag) => (c, i) => {
    const set = b.column_settings?.[i] ?? {};
    return el(tag, { class: `align-${set.align ?? "left"}${set.is_wrapped ? " wrapped" : ""}`, scope: tag === "th" && "col" }, cell({}, b, c));
  };
  const [head = [], ...rows] = b.rows ?? [];
  return scrolling(el("table", {}, el("thead", {}, el("tr", {}, head.map(make("th")))), el("tbody", {}, rows.map((r) => el("tr", {}, r.map(make("td")))))), "Table");
}

const scrolling = (node, label) => el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, node);

const shown = new Map(); // block key → {page, sort, down, query}

/** A data table; what a person sorted, searched and turned to survives a redraw. */
export function dataTable(b, place) {
  const [head = [], ...rows] = b.rows ?? [];
  const key = `${place.key}/${b.block_id}`;
  const at = shown.get(key) ?? { page: 0, sort: -1, down: false, query: "" };
  shown.set(key, at);
  const size = b.page_size ?? 5;
  const numeric = head.map((_h, i) => rows.length > 0 && rows.every((r) => r[i]?.type === "raw_number"));
  const body = el("tbody");
  const count = el("span", { class: "page-count", role: "status" });
  const turn = (name, by) => el("button", { type: "button", class: `icon-button ${by < 0 ? "" : "on"}`, "aria-label": name, onclick: () => ((at.page += by), draw()) }, icon("back"));
  const [back, on] = [turn("Previous page", -1), turn("Next page", 1)];
  const heads = head.map((h, i) => {
    const by = () => ((at.down = at.sort === i && !at.down), (at.sort = i), (at.page = 0), draw());
    return el("th", { scope: "col", class: numeric[i] ? "align-right" : "" }, el("button", { type: "button", class: "sort", onclick: by }, cell(place, b, h), icon("caret")));
  });

  function draw() {
    const found = rows.filter((r) => r.some((c) => words(c).toLowerCase().includes(at.query.toLowerCase())));
    if (at.sort >= 0) found.sort((x, y) => compare(x[at.sort], y[at.sort], numeric[at.sort]) * (at.down ? -1 : 1));
    at.page = Math.max(0, Math.min(at.page, Math.ceil(found.length / size) - 1));
    const from = at.page * size;
    const some = found.slice(from, from + size);
    const first = b.row_header_column_index ?? 0;
    fill(body, some.map((r) => el("tr", {}, r.map((c, i) => el(i === first ? "th" : "td", { scope: i === first && "row", class: numeric[i] ? "align-right" : "" }, cell(place, b, c))))));
    if (!some.length) fill(body, el("tr", {}, el("td", { class: "no-rows", colspan: head.length }, "No results")));
    heads.forEach((h, i) => h.setAttribute("aria-sort", at.sort !== i ? "none" : at.down ? "descending" : "ascending"));
    count.textContent = found.length ? `${from + 1}–${from + some.length} of ${found.length}` : "";
    back.disabled = !from;
    on.disabled = from + size >= found.length;
  }

  const search = el("input", { type: "search", class: "field", placeholder: "Search", "aria-label": `Search ${b.caption ?? "the table"}`, value: at.query });
  search.addEventListener("input", () => ((at.query = search.value), (at.page = 0), draw()));
  draw();
  return el("div", { class: "data-table" },
    el("div", { class: "data-table-top" }, el("b", {}, b.caption ?? ""), rows.length > size && search),
    scrolling(el("table", { "aria-label": b.caption }, el("thead", {}, el("tr", {}, heads)), body), b.caption ?? "Table"),
    rows.length > size && el("div", { class: "data-table-foot" }, count, back, on));
}

const words = (c = {}) => String(c.text ?? c.value ?? c.element?.text?.text ?? (c.elements ? el("span", {}, richText(c)).textContent : ""));

function compare(x = {}, y = {}, numeric) {
  return numeric ? x.value - y.value : words(x).localeCompare(words(y), undefined, { numeric: true });
}
