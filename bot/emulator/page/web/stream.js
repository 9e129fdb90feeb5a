// What happens, as the server tells it over a WebSocket.

const patience = 35_000; // the server says something every ten seconds

/**
 * Follows what happens for one person, from the place that /page/state gave,
 * until close() is called. Every event comes once and in order, across broken
 * connections; where that cannot be had, onmissed says to read everything
 * again. onstatus is told whether there is a connection.
 */
export function follow(user, at, { onevent, onmissed, onstatus }) {
  let socket;
  let timer; // for the next attempt, or the silence that ends this one
  let delay = 250;
  let over = false;

  const later = (ms, f) => {
    clearTimeout(timer);
    timer = setTimeout(f, ms);
  };
  const listen = () => later(patience, () => retry(socket));

  const retry = (gone) => {
    if (over || gone !== socket) return;
    socket = undefined;
    gone.close();
    onstatus(false);
    later(delay, open);
    delay = Math.min(delay * 2, 5000);
  };

  const open = () => {
    const url = new URL("/page/stream", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.search = new URLSearchParams({ user, since: at });
    const mine = new WebSocket(url);
    socket = mine;
    listen();
    mine.onmessage = (e) => mine === socket && take(JSON.parse(e.data));
    mine.onclose = () => retry(mine);
  };

  const take = (frame) => {
    listen();
    if (frame.event) {
      at = at.replace(/\d+$/, frame.seq);
      onevent(frame.event);
    } else if (frame.at) {
      delay = 250;
      const missed = !frame.resumed;
      at = frame.at;
      onstatus(true);
      if (missed) onmissed();
    }
  };

  // A phone that wakes, or finds its network again, does not wait for its turn.
  const now = () => {
    if (!socket && !document.hidden) open();
  };
  addEventListener("online", now);
  document.addEventListener("visibilitychange", now);

  open();
  return {
    /** Whether more is known already than what was read at this place. */
    knowsMore(place) {
      const [[hub, then], [mine, now]] = [place.split("."), at.split(".")];
      return hub === mine && Number(then) < Number(now);
    },
    close() {
      over = true;
      clearTimeout(timer);
      removeEventListener("online", now);
      document.removeEventListener("visibilitychange", now);
      socket?.close();
    },
  };
}
