// What people have typed and chosen in interactive elements, kept apart from
// the DOM so that it survives a redraw, as it does in Slack: by the place
// (message or view), block_id and action_id.

// How each element keeps its state: the state's field, the element's field
// with its initial value, and the value when there is none.
const fields = {
  plain_text_input: ["value", "initial_value", null],
  email_text_input: ["value", "initial_value", null],
  url_text_input: ["value", "initial_value", null],
  number_input: ["value", "initial_value", null],
  rich_text_input: ["rich_text_value", "initial_value", null],
  file_input: ["files", "", []],
  static_select: ["selected_option", "initial_option", null],
  external_select: ["selected_option", "initial_option", null],
  radio_buttons: ["selected_option", "initial_option", null],
  users_select: ["selected_user", "initial_user", null],
  channels_select: ["selected_channel", "initial_channel", null],
  conversations_select: ["selected_conversation", "initial_conversation", null],
  datepicker: ["selected_date", "initial_date", null],
  timepicker: ["selected_time", "initial_time", null],
  datetimepicker: ["selected_date_time", "initial_date_time", null],
  checkboxes: ["selected_options", "initial_options", []],
  multi_static_select: ["selected_options", "initial_options", []],
  multi_external_select: ["selected_options", "initial_options", []],
  multi_users_select: ["selected_users", "initial_users", []],
  multi_channels_select: ["selected_channels", "initial_channels", []],
  multi_conversations_select: ["selected_conversations", "initial_conversations", []],
};

const kept = new Map(); // control key → {type, initial, value}

/** The key of an element in its place; also its data-control in the DOM. */
export const controlKey = (place, block, element) => `${place.key}/${block.block_id}/${element.action_id ?? ""}`;

/** The name under which an element's value travels, e.g. "selected_option". */
export const fieldOf = (element) => fields[element.type]?.[0];

// Whether an element keeps a value; buttons and menus keep none.
const keeps = (element) => element.type in fields;

// A menu of conversations may begin with the one it stands in; of a view, the state says which.
function initialOf(place, element) {
  const [, initialField, none] = fields[element.type];
  const here = element.default_to_current_conversation && place.where?.channel;
  return element[initialField] ?? (here ? (Array.isArray(none) ? [here] : here) : none);
}

/**
 * The current value of an element: what the person set here, else what the
 * view's state holds (typed before a reload), else its initial one.
 */
export function read(place, block, element) {
  const initial = initialOf(place, element);
  const saved = kept.get(controlKey(place, block, element));
  if (!saved || saved.type !== element.type) return place.state?.[block.block_id]?.[element.action_id]?.[fieldOf(element)] ?? initial;
  // A message drawn anew with another initial value shows that one; a modal
  // keeps what the person typed, as Slack does.
  if (!place.view && saved.initial !== JSON.stringify(initial)) return initial;
  return saved.value;
}

/** Remembers what the person set. */
export function write(place, block, element, value) {
  const initial = JSON.stringify(initialOf(place, element));
  kept.set(controlKey(place, block, element), { type: element.type, initial, value });
}

/** Forgets everything typed in a view that is gone. */
export function forget(place) {
  for (const key of kept.keys()) if (key.startsWith(`${place.key}/`)) kept.delete(key);
}

/** Every block with each of its elements that keeps a value, those inside containers too. */
export function* holders(blocks) {
  for (const block of blocks ?? []) {
    const all = [block.element, block.accessory, ...(block.type === "actions" ? block.elements ?? [] : [])];
    for (const element of all) if (element && keeps(element)) yield [block, element];
    yield* holders(block.child_blocks);
  }
}

/** The state.values of a message or view, as Slack's payloads carry it. */
export function collect(place, blocks) {
  const values = {};
  for (const [block, element] of holders(blocks)) {
    (values[block.block_id] ??= {})[element.action_id] = { type: element.type, [fieldOf(element)]: read(place, block, element) };
  }
  return values;
}
