// Select menus of every source: options of the app's, people, channels, and
// options that the app is asked for while one types.

import { suggest } from "./api.js";
import { userAvatar } from "./avatar.js";
import { dispatch, tracked } from "./actions.js";
import { el, icon } from "./dom.js";
import { collect, fieldOf, read, write } from "./inputs.js";
import { textObject } from "./mrkdwn.js";
import { picker } from "./picker.js";
import { displayName, peer, title, ws } from "./workspace.js";

const words = (object) => el("span", {}, textObject(object)).textContent;

const appOption = (o) => ({ key: o.value, text: words(o.text), description: o.description && words(o.description), data: o });
const person = (id) => ({ key: id, text: displayName(ws.users.get(id)) || id, also: ws.users.get(id)?.real_name, avatar: () => userAvatar(id, "small"), data: id });

function channel(id) {
  const c = ws.channels.get(id);
  if (c?.is_im) return { key: id, text: title(c), avatar: () => userAvatar(peer(c)?.id, "small"), data: id };
  return { key: id, text: c?.name ?? id, avatar: () => icon(c?.is_private ? "lock" : "hash"), data: id };
}

const contains = (query) => {
  const typed = query.trim().replace(/^[@#]/, "").toLowerCase();
  return (o) => [o.text, o.also, o.description].some((t) => t?.toLowerCase().includes(typed));
};
const filtered = (options) => (query) => [{ options: options.filter(contains(query)) }];

// Each source: how a value in the state becomes an option, and how to search.
const sources = {
  static_select: {
    option: appOption,
    search: (element) => (query) => {
      const groups = element.option_groups ?? [{ options: element.options ?? [] }];
      return groups
        .map((g) => ({ label: g.label && words(g.label), options: g.options.map(appOption).filter(contains(query)) }))
        .filter((g) => g.options.length);
    },
  },
  external_select: { option: appOption, search: external },
  users_select: { option: person, search: () => filtered([...ws.users.keys()].map(person)) },
  channels_select: { option: channel, search: () => filtered([...ws.channels.values()].filter((c) => !c.is_im && !c.is_private).map((c) => channel(c.id))) },
  conversations_select: { option: channel, search: (element) => filtered([...ws.channels.values()].filter(wanted(element.filter)).map((c) => channel(c.id))) },
};

// A conversation's kind must be among those of the filter, if it has any.
const wanted = (filter) => (c) => {
  const kind = c.is_im ? "im" : c.is_private ? "private" : "public";
  if (filter?.include && !filter.include.includes(kind)) return false;
  return !(filter?.exclude_bot_users && c.is_im && peer(c)?.is_bot);
};

function external(element, place, block) {
  const least = element.min_query_length ?? 3;
  return (query) => {
    if (query.length < least) return `Type a minimum of ${least} character${least === 1 ? "" : "s"} to see options`;
    const what = { block_id: block.block_id, action_id: element.action_id, value: query, state_values: collect(place, place.blocks) };
    return suggest(ws.me, place.where, what).then((answer) => {
      if (answer.ok === false) return "There was a problem loading the options. Try again.";
      const groups = answer.option_groups ?? [{ options: answer.options ?? [] }];
      return groups.map((g) => ({ label: g.label && words(g.label), options: g.options.map(appOption) }));
    });
  };
}

/** Whether an element is a select menu. */
export const isSelect = (type) => type.replace(/^multi_/, "") in sources;

/** A select menu, single or multi. act says whether a change is sent at once. */
export function select(place, block, element, { label, act, optional }) {
  const multiple = element.type.startsWith("multi_");
  const base = element.type.replace(/^multi_/, "");
  const value = read(place, block, element);
  const chosen = (multiple ? value : value ? [value] : []).map(sources[base].option);
  const node = picker({
    label,
    placeholder: element.placeholder ? words(element.placeholder) : multiple ? "Select options" : "Select an item",
    multiple,
    optional,
    max: element.max_selected_items,
    wait: base === "external_select" ? 200 : 0,
    autofocus: element.focus_on_load,
    chosen,
    search: sources[base].search(element, place, block),
    onchange(options) {
      const next = multiple ? options.map((o) => o.data) : options[0]?.data ?? null;
      write(place, block, element, next);
      if (act) dispatch(place, block, element, { [fieldOf(element)]: next });
    },
  });
  return tracked(place, block, element, node);
}
