// Slack's timestamps ("1700000000.000100", seconds) as people read them, in
// the reader's own time zone.

export const date = (ts) => new Date(Number(ts) * 1000);

const format = (options) => (d) => new Intl.DateTimeFormat(undefined, options).format(d);
const clock = format({ hour: "numeric", minute: "2-digit" });
const seconds = format({ hour: "numeric", minute: "2-digit", second: "2-digit" });
const long = format({ weekday: "long", year: "numeric", month: "long", day: "numeric" });

export const time = (ts) => clock(date(ts));
export const full = (ts) => `${long(date(ts))} at ${seconds(date(ts))}`;
export const dayKey = (ts) => date(ts).toDateString();

function dayOffset(d) {
  const start = (x) => new Date(x.getFullYear(), x.getMonth(), x.getDate());
  return Math.round((start(d) - start(new Date())) / 86_400_000);
}

// "today", "yesterday", "tomorrow", or what other says.
function pretty(d, other) {
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[dayOffset(d)] ?? other(d);
}

const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** The words of a day divider: "Today", "Friday, March 1". */
export const day = (ts) => capital(pretty(date(ts), format({ weekday: "long", month: "long", day: "numeric" })));

/** How long ago, as under a thread: "2 minutes ago". */
export function ago(ts, now = Date.now()) {
  const s = Math.max(0, Math.round(now / 1000 - Number(ts)));
  const [n, unit] = s < 3600 ? [Math.floor(s / 60), "minute"] : s < 86_400 ? [Math.floor(s / 3600), "hour"] : [Math.floor(s / 86_400), "day"];
  if (n === 0) return "just now";
  return `${n} ${unit}${n === 1 ? "" : "s"} ago`;
}
