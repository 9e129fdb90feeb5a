// Who and what there is: the last /page/state, with lookups by id.

/** Stands where a conversation's id would, for the view of all threads. */
export const THREADS = "threads";

export const ws = {
  team: { id: "", name: "" },
  me: "",
  users: new Map(),
  channels: new Map(),
  groups: new Map(),
  commands: [],
  views: [],
  app: {},
  emoji: {}, // the workspace's own, by name: an address, or alias:NAME
  fresh: new Map(), // channel/ts of a thread → replies in it that mean the person, not seen yet
};

const byID = (list) => new Map((list ?? []).map((x) => [x.id, x]));

/** Takes in a /page/state answer. */
export function load(state) {
  ws.team = state.team ?? ws.team;
  ws.me = state.me;
  ws.users = byID(state.users);
  ws.channels = byID(state.channels);
  ws.groups = byID(state.usergroups);
  ws.commands = state.commands ?? [];
  ws.views = state.views ?? [];
  ws.app = state.app ?? {};
  ws.emoji = state.emoji ?? {};
}

export const people = () => [...ws.users.values()].filter((u) => !u.is_bot);
export const userName = (id) => displayName(ws.users.get(id)) || id;
export const displayName = (user) => user?.display_name || user?.real_name || user?.name || "";

/** The other side of a direct message; undefined for a channel. */
export function peer(channel) {
  return channel?.is_im ? ws.users.get(channel.user) : undefined;
}

/** Whether a conversation is a direct message, with one person or several. */
export const isDirect = (channel) => Boolean(channel?.is_im || channel?.is_group);

/** A channel's name as people say it: "#deploys", or the other person's name. */
export function title(channel) {
  if (!channel) return "";
  if (channel.is_group) return channel.members.filter((id) => id !== ws.me).map(userName).join(", ");
  return channel.is_im ? displayName(peer(channel)) || channel.name : `#${channel.name}`;
}

/** The name of the icon that stands before a channel's name. */
export const channelIcon = (channel) => (channel?.archived ? "archive" : channel?.is_private ? "lock" : "hash");

/** Whether a message mentions the person signed in, a group of theirs, or everybody. */
export function mentionsMe(msg) {
  const said = `${msg.text ?? ""} ${JSON.stringify(msg.blocks ?? "")}`;
  return [ws.me, ...ws.groups.keys()].some((id) => isMe(id) && new RegExp(`[@^"]${id}[>|"]`).test(said)) || /<!(here|channel|everyone)/.test(said);
}

/** Whether a mention of this user or user group means the person signed in. */
export function isMe(id) {
  return id === ws.me || Boolean(ws.groups.get(id)?.members?.includes(ws.me));
}

const palette = ["#4A154B", "#1264A3", "#007A5A", "#B5530F", "#8D3A99", "#3B6E8F", "#A3344B", "#5B5FC7"];

const slackbot = "USLACKBOT"; // speaks for Slack itself, no app

/** Who wrote a message: {id, name, color, bot}. */
export function author(msg) {
  const user = ws.users.get(msg.user) ?? [...ws.users.values()].find((u) => msg.bot_id && u.bot_id === msg.bot_id);
  const name = msg.username || msg.bot_profile?.name || displayName(user) || msg.user || "App";
  const id = msg.user || msg.bot_id || name;
  const bot = Boolean(msg.bot_id || user?.is_bot) && id !== slackbot;
  return { id, name, color: color(user, id), bot, emoji: msg.icons?.emoji, image: msg.icons?.image_48 };
}

/** The colour behind somebody's initials; people keep theirs. */
export function color(user, id) {
  if (/^#?[0-9a-f]{6}$/i.test(user?.color ?? "")) return `#${user.color.replace("#", "")}`;
  if (id === slackbot) return "#5B5FC7";
  let sum = 0;
  for (const c of id ?? "") sum = (sum * 31 + c.codePointAt(0)) >>> 0;
  return palette[sum % palette.length];
}
