// Select menus of every source: options of the app's, people, channels, and
// options that the app is asked for while one types.

import { suggest } from "./api.js";
import { userAvatar } from "./avatar.js";
import { dispatch, tracked } from "./actions.js";
import { el } from "./dom.js";
import { fieldOf, read, write } from "./inputs.js";
import { textObject } from "./mrkdwn.js";
import { picker } from "./picker.js";
import { displayName, title, ws } from "./workspace.js";

const words = (object) => el("span", {}, textObject(object)).textContent;

const appOption = (o) => ({ key: o.value, text: words(o.text), description: o.description && words(o.description), data: o });
const person = (id) => ({ key: id, text: displayName(ws.users.get(id)) || id, avatar: () => userAvatar(id, "small"), data: id });
const channel = (id) => ({ key: id, text: title(ws.channels.get(id)) || id, data: id });

const contains = (query) => (o) => o.text.toLowerCase().includes(query.trim().toLowerCase());
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
  channels_select: { option: channel, search: () => filtered([...ws.channels.values()].filter((c) => !c.is_im).map((c) => channel(c.id))) },
  conversations_select: { option: channel, search: () => filtered([...ws.channels.keys()].map(channel)) },
};

function external(element, place, block) {
  return async (query) => {
    if (query.length < (element.min_query_length ?? 3)) return [];
    const answer = await suggest(ws.me, place.where, { block_id: block.block_id, action_id: element.action_id, value: query });
    const groups = answer.option_groups ?? [{ options: answer.options ?? [] }];
    return groups.map((g) => ({ label: g.label && words(g.label), options: g.options.map(appOption) }));
  };
}

/** Whether an element is a select menu. */
export const isSelect = (type) => type.replace(/^multi_/, "") in sources;

/** A select menu, single or multi. act says whether a change is sent at once. */
export function select(place, block, element, { label, act }) {
  const multiple = element.type.startsWith("multi_");
  const source = sources[element.type.replace(/^multi_/, "")];
  const value = read(place, block, element);
  const chosen = (multiple ? value : value ? [value] : []).map(source.option);
  const node = picker({
    label,
    placeholder: element.placeholder ? words(element.placeholder) : "Choose an option",
    multiple,
    max: element.max_selected_items,
    chosen,
    search: source.search(element, place, block),
    onchange(options) {
      const next = multiple ? options.map((o) => o.data) : options[0].data;
      write(place, block, element, next);
      if (act) dispatch(place, block, element, { [fieldOf(element)]: next });
    },
  });
  return tracked(place, block, element, node);
}
