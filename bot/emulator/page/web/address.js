// The address keeps who is signed in and what is open, so that two windows can be two people.

import { ws } from "./workspace.js";

/** What the address says: {user, channel, thread, message}, each perhaps empty. */
export function address() {
  const q = new URLSearchParams(location.search);
  return { user: q.get("user") ?? "", channel: q.get("channel") ?? "", thread: q.get("thread") ?? "", message: q.get("message") ?? "" };
}

/** Notes what is open; push makes it a step that the browser's Back undoes. */
export function remember({ channel, thread }, push) {
  const q = new URLSearchParams({ user: ws.me, channel, ...(thread && { thread }) });
  const url = `${location.pathname}?${q}`;
  if (push && url !== location.pathname + location.search) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

/** The channel that is open where the address names none. */
export function firstChannel() {
  const all = [...ws.channels.values()].filter((c) => !c.archived);
  const mine = all.filter((c) => !c.is_im && c.is_member !== false);
  return (mine[0] ?? all[0])?.id ?? "";
}
