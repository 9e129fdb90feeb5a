// Slack's date tokens, {date_short} and its like, in English as Slack's clients
// write them. https://docs.slack.dev/messaging/formatting-message-text#date-formatting

const months = "January February March April May June July August September October November December".split(" ");
const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const halfYear = 183 * 86_400_000;

const two = (n) => String(n).padStart(2, "0");

// A day of the month as it is said: 1st, 22nd, 13th.
function ordinal(n) {
  const teen = n % 100 > 10 && n % 100 < 14;
  return `${n}${(!teen && ["th", "st", "nd", "rd"][n % 10]) || "th"}`;
}

// What a clock on the wall shows at a moment, in a time zone or the reader's own.
function wall(ms, zone) {
  const d = new Date(ms);
  if (!zone) return { y: d.getFullYear(), m: d.getMonth(), d: d.getDate() };
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, year: "numeric", month: "numeric", day: "numeric" }).formatToParts(d);
  const part = (type) => Number(parts.find((p) => p.type === type).value);
  return { y: part("year"), m: part("month") - 1, d: part("day") };
}

const dayNumber = ({ y, m, d }) => Date.UTC(y, m, d) / 86_400_000;

function clock(ms, zone, options) {
  return new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", ...options, timeZone: zone }).format(ms);
}

const long = (at) => `${months[at.day.m]} ${ordinal(at.day.d)}`;
const withWeekday = (at, rest) => `${weekdays[new Date(Date.UTC(at.day.y, at.day.m, at.day.d)).getUTCDay()]}, ${rest}`;
const pretty = (other) => (at) => ["yesterday", "today", "tomorrow"][dayNumber(at.day) - dayNumber(wall(at.now, at.zone)) + 1] ?? other(at);

// The year goes without saying within half a year.
const date = (at) => (Math.abs(at.ms - at.now) < halfYear ? long(at) : `${long(at)}, ${at.day.y}`);
const short = (at) => `${months[at.day.m].slice(0, 3)} ${at.day.d}, ${at.day.y}`;
const full = (at) => withWeekday(at, `${long(at)}, ${at.day.y}`);

const tokens = {
  date_num: ({ day }) => `${day.y}-${two(day.m + 1)}-${two(day.d)}`,
  date_slash: ({ day }) => `${two(day.m + 1)}/${two(day.d)}/${day.y}`,
  date,
  date_short: short,
  date_long: full,
  date_long_full: ({ day }) => `${months[day.m]} ${day.d}, ${day.y}`,
  date_pretty: pretty(date),
  date_short_pretty: pretty(short),
  date_long_pretty: pretty(full),
  day_divider_pretty: pretty((at) => (at.day.y === wall(at.now, at.zone).y ? withWeekday(at, long(at)) : full(at))),
  time: (at) => clock(at.ms, at.zone),
  time_secs: (at) => clock(at.ms, at.zone, { second: "2-digit" }),
  ago: (at) => distance(at.ms, at.now),
};

// How far a moment is from now: "3 minutes ago", "in 2 hours". Both in milliseconds.
function distance(ms, now) {
  const s = Math.round(Math.abs(now - ms) / 1000);
  const [n, unit] = [[86_400, "day"], [3600, "hour"], [60, "minute"]].map(([size, name]) => [Math.floor(s / size), name]).find(([count]) => count) ?? [0, ""];
  if (!n) return "just now";
  const words = `${n} ${unit}${n === 1 ? "" : "s"}`;
  return ms > now ? `in ${words}` : `${words} ago`;
}

/**
 * Fills the tokens of a date format for a Unix time in seconds. The fallback
 * stands for what cannot be read. A first word such as "today" is capitalised.
 */
export function tokenised(ts, pattern, fallback, { zone, now = Date.now() } = {}) {
  const ms = /^-?\d+$/.test(String(ts)) ? Number(ts) * 1000 : NaN;
  if (Number.isNaN(new Date(ms).getTime())) return fallback;
  const at = { ms, now, zone, day: wall(ms, zone) };
  const text = pattern.replace(/\{(\w+)\}/g, (all, name) => tokens[name]?.(at) ?? all);
  return pattern.startsWith("{") && text ? text[0].toUpperCase() + text.slice(1) : text;
}

/** A moment in full, as a date shows when the pointer rests on it. */
export const inFull = (ts, zone) => tokenised(ts, "{date_long} at {time}", "", { zone });
