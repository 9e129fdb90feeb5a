// The page: who is signed in, which channel and thread are open, and what the
// stream of events does to them.

import { address, firstChannel, remember } from "./address.js";
import * as api from "./api.js";
import { userAvatar } from "./avatar.js";
import { closed } from "./closed.js";
import { Composer } from "./composer.js";
import { awake, el, loadSprites } from "./dom.js";
import { drawHeader } from "./header.js";
import { Home } from "./home.js";
import { intro } from "./intro.js";
import { Modals } from "./modal.js";
import { mrkdwn } from "./mrkdwn.js";
import { drawPeople } from "./people.js";
import { messageAt } from "./permalink.js";
import { drawSidebar, nextIn } from "./sidebar.js";
import { follow } from "./stream.js";
import { switcher } from "./switcher.js";
import { themeButton } from "./theme.js";
import { Threads } from "./threads.js";
import { Timeline } from "./timeline.js";
import { toast } from "./toast.js";
import { author, load, mentionsMe, peer, THREADS, title, ws } from "./workspace.js";

const byID = (id) => document.getElementById(id);
const sidebar = byID("sidebar");
const layout = byID("layout");
const threadPanel = byID("thread");

const open = { channel: "", thread: "" };
let stream;
let turn = 0; // counts what was opened, so that late answers are dropped
let opener; // what had the focus when the thread was opened,
let openedAt = ""; // and the message that it was in

const here = () => ws.channels.get(open.channel);
const withApp = () => Boolean(ws.app.bot_user_id) && peer(here())?.id === ws.app.bot_user_id;

const modals = new Modals({ refresh: refreshState });
const main = new Timeline({ label: "Messages", intro: () => intro(here()), onthread: openThread, onread: markRead, ondone: () => composer.focus() });
const thread = new Timeline({ label: "Thread", intro: () => el("div"), ondone: () => reply.focus(), replies: true });
const composer = new Composer({ onsend: (text) => send(text), onfile: (file, text) => api.share(ws.me, open.channel, "", text, file), onup: () => main.editLast() });
const also = el("input", { type: "checkbox" });
const alsoWhere = el("span");
const reply = new Composer({ onsend: (text) => send(text, open.thread), onfile: (file, text) => api.share(ws.me, open.channel, open.thread, text, file), onup: () => thread.editLast(), compact: true, below: el("label", { class: "also" }, also, alsoWhere) });

byID("main-timeline").replaceWith(main.node);
byID("main-composer").replaceWith(composer.node);
byID("thread-timeline").replaceWith(thread.node);
byID("thread-composer").replaceWith(reply.node);
const home = new Home(byID("tabs"), byID("home"), [main.node, composer.node], (tab) => tab !== "about" && api.openHome(ws.me, tab));
const threads = new Threads(byID("threads"), (channel, root) => goTo({ channel, ts: root, thread: root }).catch(complain));

// ---- where we are

async function signIn(user, wanted) {
  const state = await api.getState(user);
  stream?.close();
  load(state);
  stream = follow(ws.me, state.at, { onevent, onmissed: () => catchUp().catch(complain), onstatus: (up) => (byID("offline").hidden = up) });
  ws.fresh.clear();
  home.offer(false);
  home.put(undefined);
  showViews();
  const known = ws.channels.has(wanted.channel) || wanted.channel === THREADS;
  await openChannel(known ? wanted.channel : firstChannel(), { push: false, focus: wanted.focus ?? true });
  if (known && wanted.thread) await openThread(wanted.thread, false);
  if (known && wanted.message) (wanted.thread ? thread : main).show(wanted.message);
}

async function openChannel(id, { push = true, focus = true } = {}) {
  closeThread(false);
  setDrawer(false);
  open.channel = id;
  const mine = ++turn;
  remember(open, push);
  const channel = here();
  const unread = Number(channel?.unread) || 0;
  drawAround();
  home.offer(withApp(), unread || !ws.app.home ? "messages" : "home");
  await threads.show(id === THREADS);
  if (!channel || mine !== turn) return;
  main.begin(id);
  const messages = await api.getMessages(ws.me, id);
  if (mine !== turn) return;
  main.list.setAttribute("aria-label", `Messages in ${title(channel)}`);
  main.reset(id, messages.filter(inMain), unread);
  markRead();
  if (focus && matchMedia("(pointer: fine)").matches && !modals.top) composer.focus();
}

// Shows a message by its address, in its channel or its thread.
async function goTo({ channel, ts, thread: root }) {
  if (!ws.channels.has(channel)) return toast({ text: "You cannot see this message, or it is gone." });
  await openChannel(channel, { focus: false });
  if (root) await openThread(root);
  (root ? thread : main).show(ts);
}

async function openThread(ts, push = true) {
  opener = document.activeElement;
  openedAt = opener?.closest?.("article")?.dataset.ts ?? "";
  open.thread = ts;
  layout.classList.add("with-thread");
  threadPanel.hidden = false;
  byID("thread-where").textContent = title(here());
  if (ws.fresh.delete(`${open.channel}/${ts}`)) {
    main.draw();
    redrawSidebar();
  }
  alsoWhere.textContent = `Also send to ${title(here())}`;
  also.checked = false;
  reply.turn(`${ws.me}/${open.channel}/${ts}`, "Reply…", closed(here(), joined));
  remember(open, push);
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
  if (!push) return;
  remember(true);
  // The message may have been drawn again meanwhile: it has one more reply.
  const back = opener?.isConnected ? opener : main.list.querySelector(`article[data-ts="${CSS.escape(openedAt)}"]`);
  if (back && back !== document.body) back.focus({ preventScroll: true });
  else composer.focus();
}

// ---- drawing what is around the messages

function drawAround() {
  const channel = here();
  const inThreads = open.channel === THREADS;
  drawHeader(channel, inThreads && "Threads");
  for (const node of [main.node, composer.node]) node.hidden = inThreads;
  composer.turn(`${ws.me}/${open.channel}`, channel ? `Message ${title(channel)}` : "Message", closed(channel, joined));
  redrawSidebar();
}

function redrawSidebar() {
  const onswitch = (user) => signIn(user, { channel: open.channel, thread: open.thread, focus: false }).catch(complain);
  drawPeople(byID("people"), onswitch);
  drawSidebar(sidebar, {
    current: open.channel,
    read: !document.hidden && main.stuck,
    onopen: (id) => visit(id).catch(complain),
    onnew: jump,
  });
  const unread = [...ws.channels.values()].reduce((n, c) => n + (Number(c.is_im ? c.unread : c.mentions) || 0), 0);
  document.title = `${unread ? `(${unread}) ` : ""}${open.channel === THREADS ? "Threads" : title(here())} – ${ws.team.name}`;
}

function setDrawer(shown) {
  layout.classList.toggle("with-drawer", shown);
  byID("menu").setAttribute("aria-expanded", String(shown));
  for (const node of [byID("main"), threadPanel]) node.inert = shown; // what is behind takes no focus
  if (shown) (sidebar.querySelector("[aria-current]") ?? sidebar.querySelector("a"))?.focus({ preventScroll: true });
}

// ---- what people do

// Goes to a conversation, or opens the one with a person or the app, which may not exist before.
async function visit(id) {
  if (id === THREADS || ws.channels.has(id)) return openChannel(id);
  const answer = await api.direct(ws.me, id);
  if (!answer.ok) return toast({ text: answer.error });
  await refreshState();
  return openChannel(answer.channel);
}

const jump = () => switcher((id) => visit(id).then(() => (id === THREADS ? byID("threads") : composer).focus()).catch(complain));

async function joined() {
  await refreshState();
  composer.focus();
}

async function send(text, threadTS) {
  const answer = await api.send(ws.me, open.channel, text, threadTS, Boolean(threadTS) && also.checked);
  if (answer.ok && threadTS) also.checked = false;
  return answer;
}

function markRead() {
  const channel = here();
  if (!channel || document.hidden || !main.stuck) return;
  channel.mentions = 0;
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
    case "channel":
      return refreshState();
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

function onmessage({ type, channel: id }, msg) {
  const mine = type === "message" && msg.user === ws.me;
  const channel = ws.channels.get(id);
  if (!channel) return refreshState().then(() => ws.channels.has(id) && type === "message" && !mine && tell(ws.channels.get(id), msg));
  if (type === "message" && !mine) tell(channel, msg);
  threads.read().catch(complain);
  if (id !== open.channel) return undefined;
  if (inMain(msg)) main.put(msg, { mine: mine || type === "ephemeral" });
  const root = msg.thread_ts || msg.ts;
  if (open.thread && root === open.thread) thread.put(msg, { mine });
  return undefined;
}

// A reply that means the person, in a thread that is not open: its message says so until they look.
function fresh(channel, ts) {
  if (channel === open.channel && open.thread === ts && !document.hidden) return;
  const key = `${channel}/${ts}`;
  ws.fresh.set(key, (ws.fresh.get(key) ?? 0) + 1);
  main.draw();
  redrawSidebar();
}

// Says that the person is meant by a message that is not in sight.
function tell(channel, msg) {
  const meant = channel.is_im || mentionsMe(msg);
  if (!meant) return;
  if (!inMain(msg)) fresh(channel.id, msg.thread_ts);
  const seen = channel.id === open.channel && !document.hidden && (inMain(msg) || open.thread === msg.thread_ts);
  if (inMain(msg) && !channel.is_im && channel.id !== open.channel) {
    channel.mentions = (Number(channel.mentions) || 0) + 1;
    redrawSidebar();
  }
  if (seen) return;
  const who = author(msg);
  const go = () => openChannel(channel.id).then(() => !inMain(msg) && openThread(msg.thread_ts)).catch(complain);
  toast({ title: channel.is_im ? who.name : `${who.name} in ${title(channel)}`, text: el("span", {}, mrkdwn(msg.text)).textContent.slice(0, 140), avatar: userAvatar(who.id), onclick: go });
}

function onunread(event) {
  const channel = ws.channels.get(event.channel);
  if (!channel) return refreshState();
  channel.unread = event.unread ?? (Number(channel.unread) || 0) + 1;
  if (!channel.unread) channel.mentions = 0;
  if (channel.id === open.channel) markRead();
  redrawSidebar();
  return undefined;
}

async function refreshState() {
  const me = ws.me;
  let state = await api.getState(me);
  // What was read before an event that is known would bring back what is gone: a form that was closed meanwhile.
  for (let i = 0; i < 3 && stream?.knowsMore(state.at); i++) state = await api.getState(me);
  if (me !== ws.me) return;
  load(state);
  showViews();
  drawAround();
}

function showViews() {
  modals.sync(ws.views);
  const view = ws.views.find((v) => v.type === "home");
  if (view) home.put(view);
}

// More was missed than the stream can make up for: read everything shown again.
async function catchUp() {
  await refreshState();
  await threads.read();
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
byID("jump").addEventListener("click", jump);
byID("who").addEventListener("click", () => setDrawer(true));
byID("scrim").addEventListener("click", () => setDrawer(false));
byID("thread-close").addEventListener("click", () => closeThread());
byID("thread-back").addEventListener("click", () => closeThread());
addEventListener("popstate", () => {
  const to = address();
  if (to.user !== ws.me) return signIn(to.user, to).catch(complain);
  const back = openChannel(to.channel || firstChannel(), { push: false });
  return back.then(() => to.thread && openThread(to.thread, false)).catch(complain);
});
document.addEventListener("visibilitychange", () => markRead());
document.addEventListener("close", awake, true); // of any dialog
document.addEventListener("visit", (e) => goTo(e.detail).catch(complain));
document.addEventListener("click", (e) => {
  const message = e.target.closest("a[href]") && !e.ctrlKey && !e.metaKey && messageAt(e.target.closest("a[href]").href);
  if (!message) return;
  e.preventDefault();
  goTo(message).catch(complain);
});
document.addEventListener("keydown", (e) => {
  if (modals.top || document.querySelector("dialog[open]")) return;
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") jump();
  else if (e.altKey && (e.key === "ArrowDown" || e.key === "ArrowUp")) nextIn(sidebar, e.key === "ArrowDown" ? 1 : -1);
  else return;
  e.preventDefault();
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || e.defaultPrevented || modals.top) return;
  if (layout.classList.contains("with-drawer")) {
    setDrawer(false);
    byID("menu").focus();
  } else if (threadPanel.contains(document.activeElement)) closeThread();
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
  .then(() => (themeButton(byID("theme")), signIn(address().user, address())))
  .catch(complain);
