// The page's side of the emulator's JSON API. Every call says who acts: there
// are no sessions, one browser may play several people.

async function post(path, body) {
  try {
    const answer = await fetch(`/page/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status === 204) return { ok: true };
    return await answer.json();
  } catch {
    return { ok: false, error: "The local Slack does not answer. Is it still running?" };
  }
}

async function get(path, query) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) params.set(name, value);
  const answer = await fetch(`/page/${path}?${params}`);
  if (!answer.ok) throw new Error(`read ${path}: HTTP ${answer.status}`);
  return answer.json();
}

export const getState = (user) => get("state", { user });
export const getMessages = async (user, channel, thread) =>
  (await get("messages", { user, channel, thread_ts: thread })).messages ?? [];
export const send = (user, channel, text, thread, broadcast) =>
  post("send", { user, channel, text, ...(thread && { thread_ts: thread, reply_broadcast: broadcast }) });
export const act = (user, where, what) => post("action", { user, ...where, ...what });
export const submitView = (user, viewID, state) => post("view_submit", { user, view_id: viewID, state });
export const closeView = (user, viewID, all) => post("view_close", { user, view_id: viewID, all });
export const openHome = (user, tab) => post("home", { user, tab });
export const mark = (user, channel) => post("mark", { user, channel });
export const suggest = async (user, where, what) => (await post("suggest", { user, ...where, ...what })) ?? {};
export const shortcut = (user, id, where) => post("shortcut", { user, callback_id: id, ...where });
export const react = (user, channel, ts, name, on) => post("react", { user, channel, ts, name, on });
export const edit = (user, channel, ts, text) => post("edit", { user, channel, ts, text });
export const remove = (user, channel, ts) => post("delete", { user, channel, ts });
export const direct = (user, to) => post("direct", { user, to });
export const getThreads = async (user) => (await get("threads", { user })).threads ?? [];
export const join = (user, channel) => post("join", { user, channel });

/** Hands over a file for a form; answers {ok, file} or {ok, error}. */
export const attach = (user, file) => upload("attach", { user }, file);

/** Shows a file in a channel or a thread. */
export const share = (user, channel, thread, text, file) => upload("share", { user, channel, text, ...(thread && { thread_ts: thread }) }, file);

async function upload(path, query, file) {
  try {
    const answer = await fetch(`/page/${path}?${new URLSearchParams({ ...query, name: file.name })}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: file,
    });
    return await answer.json();
  } catch {
    return { ok: false, error: "The file could not be uploaded. Try again." };
  }
}
