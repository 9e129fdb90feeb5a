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

const kept = new Map(); // control key → {initial, value}

/** The key of an element in its place; also its data-control in the DOM. */
export const controlKey = (place, block, element) => `${place.key}/${block.block_id}/${element.action_id ?? ""}`;

/** The name under which an element's value travels, e.g. "selected_option". */
export const fieldOf = (element) => fields[element.type]?.[0];

/**
 * The current value of an element: what the person set here, else what the
 * view's state holds (typed before a reload), else its initial one.
 */
export function read(place, block, element) {
  const [, initialField, none] = fields[element.type];
  const initial = element[initialField] ?? none;
  const saved = kept.get(controlKey(place, block, element));
  if (!saved || saved.type !== element.type) return place.state?.[block.block_id]?.[element.action_id]?.[fieldOf(element)] ?? initial;
  // A message drawn anew with another initial value shows that one; a modal
  // keeps what the person typed, as Slack does.
  if (!place.view && saved.initial !== JSON.stringify(initial)) return initial;
  return saved.value;
}

/** Remembers what the person set. */
export function write(place, block, element, value) {
  const [, initialField, none] = fields[element.type];
  const initial = JSON.stringify(element[initialField] ?? none);
  kept.set(controlKey(place, block, element), { type: element.type, initial, value });
}

/** Forgets everything typed in a view that is gone. */
export function forget(place) {
  for (const key of kept.keys()) if (key.startsWith(`${place.key}/`)) kept.delete(key);
}

/** The elements of a block that hold a value. */
export function holders(block) {
  const all = [block.element, block.accessory, ...(block.type === "actions" ? block.elements ?? [] : [])];
  return all.filter((e) => e && fields[e.type]);
}

/** A view's state.values, as view_submission carries it. */
export function collect(place, blocks) {
  const values = {};
  for (const block of blocks) {
    for (const element of holders(block)) {
      const value = read(place, block, element);
      (values[block.block_id] ??= {})[element.action_id] = { type: element.type, [fieldOf(element)]: value };
    }
  }
  return values;
}

const empty = (v) => v === null || v === undefined || v === "" || (Array.isArray(v) && v.length === 0);

/** What Slack itself checks before an app sees the form: {block_id: words}. */
export function problems(place, blocks) {
  const found = {};
  for (const block of blocks.filter((b) => b.type === "input" && b.element && fields[b.element.type])) {
    const words = problem(block, read(place, block, block.element));
    if (words) found[block.block_id] = words;
  }
  return found;
}

function problem(block, value) {
  const e = block.element;
  if (empty(value)) return block.optional ? "" : "Please complete this required field.";
  if (e.min_length && value.length < e.min_length) return `Please enter at least ${e.min_length} characters.`;
  if (e.max_length && value.length > e.max_length) return `Please enter at most ${e.max_length} characters.`;
  if (e.type === "email_text_input" && !/^\S+@\S+\.\S+$/.test(value)) return "Please enter a valid email address.";
  if (e.type === "url_text_input" && !/^https?:\/\/\S+$/i.test(value)) return "Please enter a valid URL.";
  return e.type === "number_input" ? numberProblem(e, value) : "";
}

function numberProblem(e, value) {
  const whole = e.is_decimal_allowed === false;
  if (Number.isNaN(Number(value)) || (whole && !/^-?\d+$/.test(value))) return whole ? "Please enter a whole number." : "Please enter a number.";
  if (e.min_value !== undefined && Number(value) < Number(e.min_value)) return `Please enter a number of at least ${e.min_value}.`;
  if (e.max_value !== undefined && Number(value) > Number(e.max_value)) return `Please enter a number of at most ${e.max_value}.`;
  return "";
}
