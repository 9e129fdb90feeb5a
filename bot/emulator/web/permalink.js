// Links to messages of this Slack, which chat.getPermalink gives: they open the
// message here instead of another page.

/** The channel and the thread that an address leads to, if it leads to one here. */
export function messageAt(address) {
  const url = new URL(address, location.href);
  const found = url.origin === location.origin && /^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/.exec(url.pathname);
  return found ? { channel: found[1], ts: url.searchParams.get("thread_ts") ?? `${found[2]}.${found[3]}` } : undefined;
}

/** Opens an address as a button does: a message here, anything else in a new tab. */
export function visit(address) {
  const message = messageAt(address);
  if (message) document.dispatchEvent(new CustomEvent("visit", { detail: message }));
  else window.open(address, "_blank", "noopener");
}
