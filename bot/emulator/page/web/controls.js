// Interactive elements by their type, and the buttons among them.
// https://docs.slack.dev/reference/block-kit/block-elements

import { dispatch, tracked } from "./actions.js";
import { dateTime } from "./datetime.js";
import { datePicker } from "./calendar.js";
import { checkboxes, radioButtons } from "./choices.js";
import { timePicker } from "./clock.js";
import { el, icon, linkURL } from "./dom.js";
import { field } from "./fields.js";
import { fileInput } from "./fileinput.js";
import { menu } from "./listmenu.js";
import { decode } from "./mention.js";
import { picture } from "./media.js";
import { textObject } from "./mrkdwn.js";
import { visit } from "./permalink.js";
import { richInput } from "./richinput.js";
import { isSelect, select } from "./selects.js";
import { ws } from "./workspace.js";

/**
 * The node of an element. place is where it stands: {key, where, view, blocks};
 * options are {label, act, optional}: its accessible name, whether a change is
 * sent to the app at once (everything but plain inputs), and whether it may be
 * emptied again.
 */
export function control(place, block, element, options = {}) {
  const settings = { act: true, optional: false, label: element.accessibility_label ?? element.placeholder?.text ?? element.action_id, ...options };
  if (isSelect(element.type)) return select(place, block, element, settings);
  const make = makers[element.type];
  if (make) return make(place, block, element, settings);
  return el("span", { class: "unsupported" }, `This local Slack cannot show a "${element.type}" element.`);
}

const makers = {
  button,
  workflow_button: button,
  icon_button: iconButton,
  feedback_buttons: feedback,
  overflow,
  image: (_place, _block, e) => picture(e),
  checkboxes,
  radio_buttons: radioButtons,
  datepicker: datePicker,
  timepicker: timePicker,
  datetimepicker: dateTime,
  plain_text_input: field,
  email_text_input: field,
  url_text_input: field,
  number_input: field,
  rich_text_input: richInput,
  file_input: fileInput,
};

function button(place, block, element) {
  const style = ["primary", "danger"].includes(element.style) ? element.style : "";
  const press = () => {
    const url = element.url && linkURL(decode(element.url));
    if (url) visit(url);
    dispatch(place, block, element, { value: element.value ?? "" });
  };
  const node = el("button", { type: "button", class: `btn ${style}`, "aria-label": element.accessibility_label, onclick: press },
    element.type === "workflow_button" && icon("bolt"), el("span", { class: "btn-text" }, textObject(element.text)));
  return tracked(place, block, element, node);
}

function iconButton(place, block, element) {
  const seen = element.visible_to_user_ids;
  if (seen?.length && !seen.includes(ws.me)) return undefined;
  const words = element.accessibility_label ?? element.text?.text ?? element.icon;
  const node = el("button", { type: "button", class: "btn quiet", "aria-label": words, title: element.text?.text, onclick: () => dispatch(place, block, element, { value: element.value ?? "" }) }, icon(element.icon));
  return tracked(place, block, element, node);
}

/** The "…" button with its options, some of which may be links. */
function overflow(place, block, element) {
  const pick = (option) => {
    const url = option.url && linkURL(decode(option.url));
    if (url) visit(url);
    dispatch(place, block, element, { selected_option: option });
  };
  const words = (o) => [textObject(o.text), o.description && el("span", { class: "menu-more" }, textObject(o.description))];
  let close;
  const open = () => {
    if (close) return close();
    if (node.getAttribute("aria-disabled")) return undefined;
    close = menu(node, name, (element.options ?? []).map((o) => ({ label: words(o), pick: () => pick(o) })), () => (close = undefined));
    return undefined;
  };
  const name = element.accessibility_label ?? "More actions";
  const node = el("button", { type: "button", class: "btn overflow", "aria-label": name, "aria-haspopup": "menu", "aria-expanded": "false", onclick: open }, icon("dots"));
  return tracked(place, block, element, node);
}

const judged = new Map(); // control key → the value of the button pressed

function feedback(place, block, element) {
  const key = `${ws.me}/${place.key}/${block.block_id}/${element.action_id}`;
  const sides = [["positive_button", "thumbup"], ["negative_button", "thumbdown"]];
  const buttons = sides.filter(([side]) => element[side]).map(([side, picture]) => {
    const b = element[side];
    const own = /^[\p{Extended_Pictographic}\u{1f3fb}-\u{1f3ff}\ufe0f\s]*$/u.test(b.text?.text ?? "");
    const node = el("button", { type: "button", class: "btn quiet", title: own ? undefined : b.text.text, "aria-label": b.accessibility_label ?? (own ? (side === "positive_button" ? "Good response" : "Bad response") : b.text.text), "aria-pressed": String(judged.get(key) === b.value) }, icon(picture));
    node.addEventListener("click", () => {
      judged.set(key, b.value);
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === node));
      dispatch(place, block, element, { value: b.value });
    });
    return node;
  });
  return tracked(place, block, element, el("span", { class: "feedback", role: "group", "aria-label": "Feedback" }, buttons));
}
