// What stands above the first message of a conversation.

import { userAvatar } from "./avatar.js";
import { el, icon } from "./dom.js";
import { channelIcon, peer, title, ws } from "./workspace.js";

export function intro(channel) {
  const name = title(channel);
  if (channel?.is_im) {
    const other = peer(channel);
    return el("div", { class: "intro" }, userAvatar(other?.id ?? channel.name, "large"), el("h2", {}, name, other?.is_bot && el("span", { class: "badge" }, "APP")),
      el("p", {}, "This is the very beginning of your direct message history with ", el("b", {}, name), "."));
  }
  const tip = channel?.is_member !== false && !channel?.archived && ws.commands.some((c) => !c.slack) && el("p", {}, "Type ", el("kbd", {}, "/"), " to see what the apps here can do.");
  return el("div", { class: "intro" }, el("h2", {}, icon(channelIcon(channel)), channel?.name ?? ""), el("p", {}, "This is the very beginning of the ", el("b", {}, name), " channel."), tip);
}
