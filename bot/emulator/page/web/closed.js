// Why one cannot write somewhere, and what to do about it.

import * as api from "./api.js";
import { el, icon } from "./dom.js";
import { toast } from "./toast.js";
import { title, ws } from "./workspace.js";

/** What stands instead of the message box, or "" where one can write. onjoin is told when the person has joined. */
export function closed(channel, onjoin) {
  if (!channel) return "There is no channel to write to.";
  if (channel.archived) return el("div", {}, icon("archive"), "You are viewing ", el("b", {}, title(channel)), ", an archived channel. You can read it, but not write to it.");
  if (channel.closed) return el("div", {}, icon("lock"), "Sending messages to this app has been turned off.");
  if (channel.is_member !== false) return "";
  const join = async () => {
    const answer = await api.join(ws.me, channel.id);
    if (answer.ok) onjoin();
    else toast({ text: answer.error });
  };
  return el("div", {}, el("b", {}, title(channel)), el("p", {}, "You are not in this channel. Join it to write to it."), el("button", { type: "button", class: "btn primary", onclick: join }, "Join channel"));
}
