// What stands above the first message of a conversation.

import { userAvatar } from "./avatar.js";
import { el, icon } from "./dom.js";
import { peer, title, ws } from "./workspace.js";

export function intro(channel) {
  const name = title(channel);
  if (channel?.is_im) {
    return el("div", { class: "intro" }, userAvatar(peer(channel)?.id ?? channel.name, "large"), el("h2", {}, name), el("p", {}, `This is the very beginning of your direct message history with ${name}.`));
  }
  const tip = ws.commands.length > 0 && el("p", {}, "Type ", el("kbd", {}, "/"), " to see what the apps here can do.");
  return el("div", { class: "intro" }, el("span", { class: "intro-hash" }, icon("hash")), el("h2", {}, name), el("p", {}, `This is the very beginning of the ${name} channel.`), tip);
}
