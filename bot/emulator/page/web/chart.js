// data_visualization: pie, bar, area and line charts, drawn as SVG.

import { el } from "./dom.js";
import { small } from "./popup.js";
import { svg } from "./svg.js";

const box = { left: 44, right: 8, top: 10, bottom: 26 };
const colour = (i) => `series-${i % 6}`;
const near = (n) => Number(n.toPrecision(10)).toLocaleString();

/** The chart of a block, with its title above and its legend below. */
export function chart(b) {
  const c = b.chart ?? {};
  const draw = c.type === "pie" ? pie : axes;
  const names = c.type === "pie" ? (c.segments ?? []).map((s) => s.label) : (c.series ?? []).map((s) => s.name);
  const legend = names.map((name, i) => el("span", { class: "legend" }, el("i", { class: colour(i) }), name));
  return el("figure", { class: "chart" }, el("figcaption", {}, b.title ?? ""), draw(c, b.title), (c.type === "pie" || names.length > 1) && el("div", { class: "legends" }, legend));
}

function pie(c, title) {
  const segments = c.segments ?? [];
  const sum = segments.reduce((n, s) => n + s.value, 0) || 1;
  let turn = 0;
  const point = (t, r = 90) => `${(100 + r * Math.sin(2 * Math.PI * t)).toFixed(2)} ${(100 - r * Math.cos(2 * Math.PI * t)).toFixed(2)}`;
  const slices = segments.map((s, i) => {
    const from = turn;
    const share = s.value / sum;
    turn += share;
    const tip = svg("title", {}, `${s.label}: ${near(s.value)} (${Math.round(share * 100)}%)`);
    if (share > 0.9999) return svg("circle", { cx: 100, cy: 100, r: 90, class: colour(i) }, tip);
    return svg("path", { class: colour(i), d: `M100 100 L${point(from)} A90 90 0 ${share > 0.5 ? 1 : 0} 1 ${point(turn)} Z` }, tip);
  });
  return svg("svg", { class: "pie", viewBox: "0 0 200 200", role: "img", "aria-label": title }, slices);
}

/** Round numbers from the least to the most of the values, zero among them; whole ones where the values are. */
export function ticks(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const rough = (high - low || 1) / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const whole = values.every(Number.isInteger);
  const step = [1, 2, 2.5, 5, 10].map((n) => n * unit).find((n) => n >= rough * 0.999 && (!whole || Number.isInteger(n)));
  const out = [];
  for (let n = Math.floor(low / step + 1e-9); n * step < high + step * 0.999; n++) out.push(Number((n * step).toPrecision(12)));
  return out.length > 1 ? out : [...out, step];
}

function axes(c, title) {
  const [W, H] = small.matches ? [300, 200] : [520, 240]; // so that the words have one size on both
  const names = c.axis_config?.categories ?? [];
  const series = (c.series ?? []).map((s) => ({ name: s.name, values: names.map((n) => s.data?.find((d) => d.label === n)?.value ?? 0) }));
  const marks = ticks(series.flatMap((s) => s.values));
  const [low, high] = [marks[0], marks.at(-1)];
  const y = (v) => box.top + ((high - v) / (high - low || 1)) * (H - box.top - box.bottom);
  const slot = (W - box.left - box.right) / Math.max(1, names.length);
  const x = (i) => box.left + slot * (i + 0.5);
  const every = Math.ceil(names.reduce((n, name) => Math.max(n, name.length), 1) * 6.2 / slot);
  const grid = marks.map((v) => [svg("line", { class: v === 0 ? "axis" : "grid", x1: box.left, x2: W - box.right, y1: y(v), y2: y(v) }), svg("text", { x: box.left - 8, y: y(v) + 4, "text-anchor": "end" }, near(v))]);
  const labels = names.map((n, i) => i % every === 0 && svg("text", { x: x(i), y: H - 8, "text-anchor": "middle" }, n));
  const at = { names, series, x, y, slot };
  const node = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": title }, grid, (shapes[c.type] ?? line)(at), labels);
  const { x_label: below, y_label: beside } = c.axis_config ?? {};
  return el("div", { class: "plot" }, beside && el("div", { class: "axis-label" }, beside), node, below && el("div", { class: "axis-label below" }, below));
}

const shapes = { bar, area, line };
const tip = (at, s, i) => svg("title", {}, `${at.names[i]}${s.name ? `, ${s.name}` : ""}: ${near(s.values[i])}`);

function bar(at) {
  const width = Math.min(48, (at.slot * 0.7) / at.series.length);
  return at.series.map((s, n) => s.values.map((v, i) => {
    const left = at.x(i) + (n - at.series.length / 2) * width;
    const [top, bottom] = [at.y(Math.max(v, 0)), at.y(Math.min(v, 0))];
    return svg("rect", { class: colour(n), x: left + 1, y: top, width: Math.max(1, width - 2), height: Math.max(1, bottom - top), rx: 2 }, tip(at, s, i));
  }));
}

const path = (at, s) => s.values.map((v, i) => `${i ? "L" : "M"}${at.x(i).toFixed(1)} ${at.y(v).toFixed(1)}`).join(" ");

function line(at) {
  return at.series.map((s, n) => [
    svg("path", { class: `${colour(n)} stroke`, d: path(at, s) }),
    s.values.map((v, i) => svg("circle", { class: colour(n), cx: at.x(i), cy: at.y(v), r: 3.5 }, tip(at, s, i))),
  ]);
}

function area(at) {
  return at.series.map((s, n) => [
    svg("path", { class: `${colour(n)} fill`, d: `${path(at, s)} L${at.x(s.values.length - 1)} ${at.y(0)} L${at.x(0)} ${at.y(0)} Z` }),
    svg("path", { class: `${colour(n)} stroke`, d: path(at, s) }),
  ]);
}
