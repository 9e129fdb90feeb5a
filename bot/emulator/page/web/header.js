// What stands above the messages: where one is, what it is for, and who is there.

import { userAvatar } from "./avatar.js";
import { el, fill, icon } from "./dom.js";
import { popup } from "./popup.js";
import { inline } from "./mrkdwn.js";
import { channelIcon, displayName, peer, title, userName, ws } from "./workspace.js";

const byID = (id) => document.getElementById(id);
const isBot = (id) => Boolean(ws.users.get(id)?.is_bot);

/** Draws the header of a channel, or of what has a heading instead. */
export function drawHeader(channel, heading) {
  const other = peer(channel);
  if (heading) fill(byID("channel-title"), el("span", { class: "name" }, heading));
  else fill(byID("channel-title"), channel?.is_im ? userAvatar(other?.id ?? channel.name, "tiny") : icon(channelIcon(channel)),
    el("span", { class: "name" }, channel?.is_im ? title(channel) : channel?.name ?? ""),
    other?.is_bot && el("span", { class: "badge" }, "APP"), channel?.archived && el("span", { class: "badge" }, "ARCHIVED"));
  fill(byID("topic"), channel?.topic ? inline(channel.topic) : "");
  byID("topic").title = channel?.topic ?? "";
  drawMembers(channel);
  fill(byID("who"), userAvatar(ws.me));
  byID("who").setAttribute("aria-label", `You are ${userName(ws.me)}. Switch`);
}

function drawMembers(channel) {
  const members = channel?.is_im ? [] : channel?.members ?? [];
  const button = byID("members");
  button.hidden = !members.length;
  const people = members.filter((id) => !isBot(id));
  button.setAttribute("aria-label", `${members.length} members`);
  button.title = "View all members of this channel";
  button.setAttribute("aria-haspopup", "dialog");
  fill(button, el("span", { class: "faces" }, people.slice(0, 3).map((id) => userAvatar(id, "tiny"))), icon("people"), el("span", {}, String(members.length)));
  button.onclick = () => showMembers(button, channel, members);
}

function showMembers(anchor, channel, members) {
  const rows = (ids) => ids.map((id) => el("li", {}, userAvatar(id, "small"), el("b", {}, displayName(ws.users.get(id)) || id), isBot(id) && el("span", { class: "badge" }, "APP"), id === ws.me && el("small", {}, "(you)")));
  const list = el("div", { class: "popup member-list", role: "dialog", tabindex: "-1", "aria-label": `Members of ${title(channel)}`, onkeydown: (e) => key(e) },
    el("h3", {}, `${members.length} members`), el("ul", {}, rows(members.filter((id) => !isBot(id))), rows(members.filter(isBot))));
  const key = (e) => {
    if (e.key !== "Escape" && e.key !== "Tab") return;
    e.preventDefault();
    close();
    anchor.focus();
  };
  const close = popup(anchor, list);
  list.focus();
}
