// The app's shortcuts, from a message's menu or the message box.

import * as api from "./api.js";
import { userAvatar } from "./avatar.js";
import { toast } from "./toast.js";
import { ws } from "./workspace.js";

/** Sends a shortcut to the app; where names the message of a message shortcut. */
export async function runShortcut(shortcut, where) {
  const answer = await api.shortcut(ws.me, shortcut.callback_id, where);
  if (answer.ok) return;
  const why = { operation_timeout: `${ws.app.name} did not respond. Try again.`, dispatch_failed: `${ws.app.name} is not connected. Try again when it runs.` };
  toast({ title: shortcut.name, text: why[answer.error] ?? answer.error, avatar: userAvatar(ws.app.bot_user_id, "small") });
}

/** The entries of the menu at the message box. */
export function globalShortcuts() {
  return (ws.app.shortcuts ?? []).filter((s) => !s.message).map((s) => ({
    label: s.name, note: s.description || ws.app.name, icon: userAvatar(ws.app.bot_user_id, "small"), pick: () => runShortcut(s),
  }));
}
