// Links to messages of this Slack, which chat.getPermalink gives: they open the
// message here instead of another page.

/** The message that an address leads to, {channel, ts, thread}, if it leads to one here. */
export function messageAt(address) {
  const url = new URL(address, location.href);
  const found = url.origin === location.origin && /^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/.exec(url.pathname);
  return found ? { channel: found[1], ts: `${found[2]}.${found[3]}`, thread: url.searchParams.get("thread_ts") ?? "" } : undefined;
}

/** The address of a message. */
export function addressOf(channel, msg) {
  const thread = msg.thread_ts && msg.thread_ts !== msg.ts ? `?${new URLSearchParams({ thread_ts: msg.thread_ts, cid: channel })}` : "";
  return `${location.origin}/archives/${channel}/p${msg.ts.replace(".", "")}${thread}`;
}

/** Opens an address as a button does: a message here, anything else in a new tab. */
export function visit(address) {
  const message = messageAt(address);
  if (message) document.dispatchEvent(new CustomEvent("visit", { detail: message }));
  else window.open(address, "_blank", "noopener");
}
