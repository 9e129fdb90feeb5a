// Jump to a conversation by a few letters of its name: Ctrl+K, as in Slack.

import { userAvatar } from "./avatar.js";
import { el, fill, icon } from "./dom.js";
import { channelIcon, displayName, peer, THREADS, title, ws } from "./workspace.js";

const slackbot = "USLACKBOT";
const most = 12; // rows at once

/** Opens the list of where one can go; onpick gets the id of a conversation, or of a person to talk to. */
export function switcher(onpick) {
  if (document.querySelector("dialog[open]")) return;
  const all = places();
  let shown = [];
  let active = 0;
  const list = el("div", { class: "switcher-list", role: "listbox", id: "switcher-list", "aria-label": "Conversations" });
  const input = el("input", { type: "text", class: "switcher-input", role: "combobox", placeholder: "Jump to a channel or a person", "aria-label": "Jump to", "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": "switcher-list", autocomplete: "off", spellcheck: "false", autofocus: true, oninput: () => draw(), onkeydown: (e) => key(e) });
  const dialog = el("dialog", { class: "modal switcher", "aria-label": "Jump to a conversation", onclick: (e) => e.target === dialog && dialog.close() },
    el("div", { class: "switcher-field" }, icon("search"), input), list);

  const pick = (place) => {
    dialog.close();
    if (place) onpick(place.id);
  };
  const activate = (i) => {
    active = i;
    [...list.querySelectorAll("[role=option]")].forEach((n, at) => {
      n.classList.toggle("active", at === i);
      n.setAttribute("aria-selected", String(at === i));
      if (at === i) n.scrollIntoView({ block: "nearest" });
    });
    input.setAttribute("aria-activedescendant", shown.length ? `switcher-${i}` : "");
  };
  const draw = () => {
    shown = matching(all, input.value);
    const row = (p, i) => el("div", { class: p.unread ? "option unread" : "option", role: "option", id: `switcher-${i}`, onclick: () => pick(p), onpointermove: () => active !== i && activate(i) },
      p.icon(), el("span", { class: "option-text" }, p.label), p.note && el("small", {}, p.note));
    fill(list, shown.length ? shown.map(row) : el("div", { class: "option-none" }, "There is nothing of that name."));
    activate(0);
  };
  const key = (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && shown.length) activate((active + step + shown.length) % shown.length);
    else if (e.key === "Enter") pick(shown[active]);
    else return;
    e.preventDefault();
  };
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  draw();
  dialog.showModal();
}

// Where one can go, what is unread first: conversations, and people whom one has not talked to.
function places() {
  const known = new Set();
  const conversations = [...ws.channels.values()].map((c) => {
    const other = peer(c);
    if (other) known.add(other.id);
    const note = c.archived ? "archived" : c.is_member === false ? "not joined" : other?.is_bot ? "app" : "";
    const names = [c.name, title(c), other?.name].filter(Boolean);
    return { id: c.id, label: c.is_im || c.is_group ? title(c) : c.name, note, names, unread: Number(c.unread) || 0, icon: () => (other ? userAvatar(other.id, "small") : icon(c.is_group ? "people" : channelIcon(c))) };
  });
  const people = [...ws.users.values()].filter((u) => !known.has(u.id) && u.id !== ws.me && u.id !== slackbot).map((u) => (
    { id: u.id, label: displayName(u), note: u.is_bot ? "app" : "", names: [u.name, displayName(u)], unread: 0, icon: () => userAvatar(u.id, "small") }));
  const threads = { id: THREADS, label: "Threads", note: "", names: ["threads"], unread: ws.fresh.size, icon: () => icon("thread") };
  return [...conversations, ...people, threads].sort((a, b) => Number(b.unread > 0) - Number(a.unread > 0));
}

// Names that begin with what is typed come before those that hold it.
function matching(all, typed) {
  const q = typed.trim().toLowerCase().replace(/^[#@]/, "");
  const rank = (p) => Math.min(...p.names.map((n) => n.toLowerCase().indexOf(q)).map((at) => (at < 0 ? Infinity : at)));
  const found = q ? all.filter((p) => rank(p) < Infinity).sort((a, b) => rank(a) - rank(b)) : all;
  return found.slice(0, most);
}
