// The page: who is signed in, which channel and thread are open, and what the
// stream of events does to them. The address keeps all three, so that two
// windows can be two people.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { el, fill, icon, loadSprites } from "./dom.js";
import { userAvatar } from "./avatar.js";
import { Home } from "./home.js";
import { intro } from "./intro.js";
import { Modals } from "./modal.js";
import { drawSidebar } from "./sidebar.js";
import { follow } from "./stream.js";
import { Timeline } from "./timeline.js";
import { isMe, load, peer, title, userName, ws } from "./workspace.js";

const byID = (id) => document.getElementById(id);
const sidebar = byID("sidebar");
const layout = byID("layout");
const threadPanel = byID("thread");

const open = { channel: "", thread: "" };
const mentioned = new Set(); // channels with a mention of me not seen yet
let stream;
let turn = 0; // counts what was opened, so that late answers are dropped

const modals = new Modals({ refresh: refreshState });
const main = new Timeline({ label: "Messages", intro: () => intro(ws.channels.get(open.channel)), onthread: openThread, onread: markRead });
const thread = new Timeline({ label: "Thread", intro: () => el("div"), replies: true });
const composer = new Composer({ onsend: (text) => send(text) });
const reply = new Composer({ onsend: (text) => send(text, open.thread), compact: true });

byID("main-timeline").replaceWith(main.node);
byID("main-composer").replaceWith(composer.node);
byID("thread-timeline").replaceWith(thread.node);
byID("thread-composer").replaceWith(reply.node);
const home = new Home(byID("tabs"), byID("home"), [main.node, composer.node]);

// ---- where we are

function address() {
  const q = new URLSearchParams(location.search);
  return { user: q.get("user") ?? "", channel: q.get("channel") ?? "", thread: q.get("thread") ?? "" };
}

function remember(push) {
  const q = new URLSearchParams({ user: ws.me, channel: open.channel, ...(open.thread && { thread: open.thread }) });
  const url = `${location.pathname}?${q}`;
  if (push && url !== location.pathname + location.search) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

function firstChannel() {
  const all = [...ws.channels.values()].filter((c) => !c.archived);
  const mine = all.filter((c) => !c.is_im && c.is_member !== false);
  return (mine[0] ?? all[0])?.id ?? "";
}

async function signIn(user, wanted) {
  const state = await api.getState(user);
  stream?.close();
  load(state);
  stream = follow(ws.me, state.at, { onevent, onmissed: () => catchUp().catch(complain), onstatus: (up) => (byID("offline").hidden = up) });
  mentioned.clear();
  home.put(undefined);
  showViews();
  const known = ws.channels.has(wanted.channel);
  await openChannel(known ? wanted.channel : firstChannel(), { push: false, focus: wanted.focus ?? true });
  if (known && wanted.thread) openThread(wanted.thread, false);
}

async function openChannel(id, { push = true, focus = true } = {}) {
  closeThread(false);
  setDrawer(false);
  open.channel = id;
  const mine = ++turn;
  remember(push);
  drawHeader();
  const channel = ws.channels.get(id);
  const unread = Number(channel?.unread) || 0;
  const label = channel ? `Message ${title(channel)}` : "Message";
  const closed = !channel ? "There is no channel to write to." : channel.archived ? "This channel is archived. You can read it, but not write to it." : "";
  composer.turn(`${ws.me}/${id}`, label, closed);
  redrawSidebar();
  if (!channel) return;
  const withApp = Boolean(ws.app.bot_user_id) && peer(channel)?.id === ws.app.bot_user_id;
  home.offer(withApp);
  if (withApp) api.openHome(ws.me);
  main.begin(id);
  const messages = await api.getMessages(ws.me, id);
  if (mine !== turn) return;
  main.list.setAttribute("aria-label", `Messages in ${title(channel)}`);
  main.reset(id, messages.filter(inMain), unread);
  markRead();
  if (focus && matchMedia("(pointer: fine)").matches && !modals.top) composer.focus();
}

async function openThread(ts, push = true) {
  open.thread = ts;
  layout.classList.add("with-thread");
  threadPanel.hidden = false;
  byID("thread-where").textContent = title(ws.channels.get(open.channel));
  reply.turn(`${ws.me}/${open.channel}/${ts}`, "Reply…", ws.channels.get(open.channel)?.archived ? "This channel is archived." : "");
  remember(push);
  thread.begin(open.channel);
  const messages = await api.getMessages(ws.me, open.channel, ts);
  if (open.thread !== ts) return;
  thread.reset(open.channel, messages);
  if (push) reply.focus();
}

function closeThread(push = true) {
  if (!open.thread) return;
  open.thread = "";
  layout.classList.remove("with-thread");
  threadPanel.hidden = true;
  if (push) remember(true);
}

// ---- drawing what is around the messages

function drawHeader() {
  const channel = ws.channels.get(open.channel);
  const other = peer(channel);
  fill(byID("channel-title"), channel?.is_im ? userAvatar(other?.id ?? channel.name, "small") : icon("hash"), channel?.is_im ? title(channel) : channel?.name ?? "", other?.is_bot && el("span", { class: "badge" }, "APP"));
  fill(byID("who"), userAvatar(ws.me));
  byID("who").setAttribute("aria-label", `Signed in as ${userName(ws.me)}. Switch`);
}

function redrawSidebar() {
  drawSidebar(sidebar, {
    current: open.channel,
    read: !document.hidden && main.stuck,
    mentioned,
    onswitch: (user) => signIn(user, { channel: open.channel, thread: open.thread, focus: false }).catch(complain),
    onopen: (id) => openChannel(id).catch(complain),
    onapp: () => openApp().catch(complain),
  });
  const unread = [...ws.channels.values()].reduce((n, c) => n + (c.is_im || mentioned.has(c.id) ? Number(c.unread) || 0 : 0), 0);
  document.title = `${unread ? `(${unread}) ` : ""}${title(ws.channels.get(open.channel))} – ${ws.team.name}`;
}

function setDrawer(shown) {
  layout.classList.toggle("with-drawer", shown);
  byID("menu").setAttribute("aria-expanded", String(shown));
  if (shown) sidebar.querySelector("select")?.focus();
}

// ---- what people do

// Opens the conversation with the app, which begins with its Home tab.
async function openApp() {
  await api.openHome(ws.me);
  await refreshState();
  const dm = [...ws.channels.values()].find((c) => peer(c)?.id === ws.app.bot_user_id);
  if (dm) await openChannel(dm.id);
}

function send(text, threadTS) {
  return api.send(ws.me, open.channel, text, threadTS);
}

function markRead() {
  const channel = ws.channels.get(open.channel);
  if (!channel || document.hidden || !main.stuck) return;
  mentioned.delete(channel.id);
  if (!Number(channel.unread)) return;
  channel.unread = 0;
  api.mark(ws.me, channel.id);
  redrawSidebar();
}

// ---- what happens

const inMain = (m) => !m.thread_ts || m.thread_ts === m.ts || m.subtype === "thread_broadcast";

function onevent(event) {
  switch (event.type) {
    case "message":
    case "message_changed":
    case "ephemeral":
      return onmessage(event, event.type === "ephemeral" ? { ...event.message, ephemeral: true } : event.message);
    case "message_deleted":
      if (event.channel !== open.channel) return undefined;
      main.remove(event.message?.ts ?? event.ts);
      return thread.remove(event.message?.ts ?? event.ts);
    case "unread":
      return onunread(event);
    case "view_opened":
    case "view_updated":
      return event.view.type === "home" ? home.put(event.view) : modals.put(event.view);
    case "view_closed":
      return modals.gone(event.view?.id ?? event.view_id);
    case "view_errors":
      return modals.refuse(event.view?.id ?? event.view_id, event.errors ?? { "": event.error });
    default:
      return undefined; // action_done: the answer to our own call says it too
  }
}

function onmessage({ type, channel }, msg) {
  const mine = type === "message" && msg.user === ws.me;
  if (!mine && type !== "message_changed" && mentions(msg)) mentioned.add(channel);
  if (!ws.channels.has(channel)) return refreshState();
  if (channel !== open.channel) return type === "ephemeral" ? redrawSidebar() : undefined;
  if (inMain(msg)) main.put(msg, { mine: mine || type === "ephemeral" });
  const root = msg.thread_ts || msg.ts;
  if (open.thread && root === open.thread) thread.put(msg, { mine });
  return undefined;
}

function mentions(msg) {
  const said = `${msg.text ?? ""} ${JSON.stringify(msg.blocks ?? "")}`;
  return [ws.me, ...ws.groups.keys()].some((id) => isMe(id) && said.includes(id)) || /<!(here|channel|everyone)/.test(said);
}

function onunread(event) {
  const channel = ws.channels.get(event.channel);
  if (!channel) return refreshState();
  channel.unread = event.unread ?? (Number(channel.unread) || 0) + 1;
  if (channel.id === open.channel) markRead();
  redrawSidebar();
  return undefined;
}

async function refreshState() {
  const me = ws.me;
  const state = await api.getState(me);
  if (me !== ws.me) return;
  load(state);
  showViews();
  redrawSidebar();
}

function showViews() {
  modals.sync(ws.views);
  const view = ws.views.find((v) => v.type === "home");
  if (view) home.put(view);
}

// More was missed than the stream can make up for: read everything shown again.
async function catchUp() {
  await refreshState();
  drawHeader();
  const { channel, thread: ts } = open;
  if (!ws.channels.has(channel)) return;
  main.begin(channel);
  const messages = await api.getMessages(ws.me, channel);
  if (channel === open.channel) main.refresh(messages.filter(inMain));
  if (ts && ts === open.thread) thread.refresh(await api.getMessages(ws.me, channel, ts));
  markRead();
}

// ---- beginning

byID("menu").addEventListener("click", () => setDrawer(!layout.classList.contains("with-drawer")));
byID("who").addEventListener("click", () => setDrawer(true));
byID("scrim").addEventListener("click", () => setDrawer(false));
byID("thread-close").addEventListener("click", () => closeThread());
addEventListener("popstate", () => {
  const to = address();
  if (to.user !== ws.me) return signIn(to.user, to).catch(complain);
  const back = openChannel(to.channel || firstChannel(), { push: false });
  return back.then(() => to.thread && openThread(to.thread, false)).catch(complain);
});
document.addEventListener("visibilitychange", () => markRead());
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || e.defaultPrevented || modals.top) return;
  if (layout.classList.contains("with-drawer")) setDrawer(false);
  else if (threadPanel.contains(document.activeElement)) closeThread();
});
document.addEventListener("click", (e) => {
  const channel = e.target.closest?.("a.mention[data-channel]");
  if (!channel || e.metaKey || e.ctrlKey || e.shiftKey) return;
  e.preventDefault();
  openChannel(channel.dataset.channel);
});
setInterval(() => [main, thread].forEach((t) => t.channel && t.draw()), 60_000); // "2 minutes ago"

function complain(error) {
  byID("offline").hidden = false;
  console.error(error);
}

loadSprites("icons.svg", "emoji.svg")
  .then(() => signIn(address().user, address()))
  .catch(complain);
