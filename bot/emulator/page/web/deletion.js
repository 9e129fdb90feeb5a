// Deleting one's own message, once one has said so twice.

import * as api from "./api.js";
import { confirmDialog } from "./confirm.js";
import { toast } from "./toast.js";
import { ws } from "./workspace.js";

/** Asks, and deletes. */
export async function askDelete(channel, msg) {
  const words = (text) => ({ type: "plain_text", text });
  const sure = await confirmDialog({
    style: "danger", title: words("Delete message"), text: words("Are you sure you want to delete this message? This cannot be undone."),
    confirm: words("Delete"), deny: words("Cancel"),
  });
  if (!sure) return;
  const answer = await api.remove(ws.me, channel, msg.ts);
  if (!answer.ok) toast({ text: answer.error });
}
