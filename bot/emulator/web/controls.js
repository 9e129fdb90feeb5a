// Interactive elements other than selects.
// https://docs.slack.dev/reference/block-kit/block-elements

import { dispatch, tracked } from "./actions.js";
import { el, icon, imageURL, linkURL } from "./dom.js";
import { controlKey, fieldOf, read, write } from "./inputs.js";
import { decode, textObject } from "./mrkdwn.js";
import { popup } from "./popup.js";
import { isSelect, select } from "./selects.js";

/**
 * The node of an element. place is where it stands: {key, where, view};
 * options are {label, act}: its accessible name, and whether a change is sent
 * to the app at once (everything but plain inputs).
 */
export function control(place, block, element, options = {}) {
  const settings = { act: true, label: element.accessibility_label ?? element.placeholder?.text ?? element.action_id, ...options };
  if (isSelect(element.type)) return select(place, block, element, settings);
  const make = makers[element.type];
  if (make) return make(place, block, element, settings);
  return el("span", { class: "unsupported" }, `[${element.type}]`);
}

const makers = {
  button,
  workflow_button: button,
  overflow,
  image: (_place, _block, e) => picture(e),
  checkboxes: (...args) => choices("checkbox", ...args),
  radio_buttons: (...args) => choices("radio", ...args),
  datepicker: (...args) => field("date", ...args),
  timepicker: (...args) => field("time", ...args),
  datetimepicker: dateTime,
  plain_text_input: (...args) => field("text", ...args),
  email_text_input: (...args) => field("email", ...args),
  url_text_input: (...args) => field("url", ...args),
  number_input: (...args) => field("number", ...args),
  rich_text_input: richText,
};

/** An image element; its alternative text where it cannot be loaded. */
export function picture(e, className = "") {
  const src = imageURL(e.image_url ?? e.slack_file?.url ?? "");
  const missing = () => el("span", { class: "image-missing" }, icon("image"), e.alt_text || "image");
  if (!src) return missing();
  const img = el("img", { src, alt: e.alt_text ?? "", class: className, loading: "lazy" });
  img.addEventListener("error", () => img.replaceWith(missing()));
  return img;
}

function button(place, block, element) {
  const style = ["primary", "danger"].includes(element.style) ? element.style : "";
  const press = () => {
    const url = element.url && linkURL(decode(element.url));
    if (url) window.open(url, "_blank", "noopener");
    dispatch(place, block, element, { value: element.value ?? "" });
  };
  const node = el("button", { type: "button", class: `btn ${style}`, "aria-label": element.accessibility_label, onclick: press }, el("span", { class: "btn-text" }, textObject(element.text)));
  return tracked(place, block, element, node);
}

function overflow(place, block, element, { label }) {
  let close;
  const choose = (option) => {
    close();
    node.focus();
    const url = option.url && linkURL(decode(option.url));
    if (url) window.open(url, "_blank", "noopener");
    dispatch(place, block, element, { selected_option: option });
  };
  const open = () => {
    if (close) return close();
    const menu = el("div", { class: "popup menu", role: "menu", "aria-label": "More actions", onkeydown: (e) => menuKeys(e, close, node) },
      (element.options ?? []).map((o) => el("button", { type: "button", role: "menuitem", onclick: () => choose(o) }, textObject(o.text), o.description && el("small", {}, textObject(o.description)))));
    node.setAttribute("aria-expanded", "true");
    close = popup(node, menu, () => {
      close = undefined;
      node.setAttribute("aria-expanded", "false");
    });
    menu.querySelector("button")?.focus();
  };
  const name = label && label !== element.action_id ? label : "More actions";
  const node = el("button", { type: "button", class: "btn overflow", "aria-label": name, "aria-haspopup": "menu", "aria-expanded": "false", onclick: open }, icon("dots"));
  return tracked(place, block, element, node);
}

function menuKeys(e, close, opener) {
  const items = [...e.currentTarget.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  if (e.key === "Escape" || e.key === "Tab") {
    e.preventDefault();
    e.stopPropagation();
    close();
    opener.focus();
  } else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    e.preventDefault();
    items[(at + (e.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
  }
}

function choices(kind, place, block, element, { label, act }) {
  const value = read(place, block, element);
  const set = new Set((kind === "checkbox" ? value : value ? [value] : []).map((o) => o.value));
  const change = (option, checked) => {
    if (kind === "radio") set.clear();
    if (checked) set.add(option.value);
    else set.delete(option.value);
    const chosen = element.options.filter((o) => set.has(o.value));
    const next = kind === "radio" ? chosen[0] ?? null : chosen;
    write(place, block, element, next);
    if (act) dispatch(place, block, element, { [fieldOf(element)]: next });
  };
  const name = controlKey(place, block, element);
  const rows = (element.options ?? []).map((o) =>
    el("label", { class: "choice" },
      el("input", { type: kind, name, checked: set.has(o.value), onchange: (e) => change(o, e.target.checked) }),
      el("span", {}, textObject(o.text), o.description && el("small", {}, textObject(o.description)))));
  return tracked(place, block, element, el("span", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", "aria-label": label }, rows));
}

function field(kind, place, block, element, { label, act }) {
  const tag = element.multiline ? "textarea" : "input";
  const input = el(tag, {
    class: "field", type: tag === "input" && (kind === "number" ? "text" : kind), inputmode: kind === "number" && "decimal",
    "aria-label": label, placeholder: element.placeholder && decode(element.placeholder.text), rows: element.multiline && 4,
    autofocus: element.focus_on_load, maxlength: element.max_length, value: read(place, block, element) ?? "",
  });
  const send = () => act && dispatch(place, block, element, { [fieldOf(element)]: input.value });
  const typed = kind !== "date" && kind !== "time";
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  input.addEventListener("input", () => {
    write(place, block, element, input.value === "" ? null : input.value);
    if (!typed || triggers.includes("on_character_entered")) send();
  });
  input.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || !typed || !act || element.multiline || !triggers.includes("on_enter_pressed")) return;
    e.preventDefault();
    send();
  });
  return tracked(place, block, element, input);
}

function dateTime(place, block, element, { label, act }) {
  const pad = (n) => String(n).padStart(2, "0");
  const local = (s) => {
    const d = new Date(s * 1000);
    return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`;
  };
  const value = read(place, block, element);
  const input = el("input", { class: "field", type: "datetime-local", "aria-label": label, value: value ? local(value) : "" });
  input.addEventListener("change", () => {
    const next = input.value ? Math.floor(new Date(input.value).getTime() / 1000) : null;
    write(place, block, element, next);
    if (act) dispatch(place, block, element, { selected_date_time: next });
  });
  return tracked(place, block, element, input);
}

// Rich text is typed as plain text and handed over in one section.
function richText(place, block, element, { label }) {
  const value = read(place, block, element);
  const text = (value?.elements ?? []).flatMap((e) => e.elements ?? []).map((e) => e.text ?? "").join("");
  const input = el("textarea", { class: "field", rows: 4, "aria-label": label, value: text, placeholder: element.placeholder?.text });
  input.addEventListener("input", () => {
    const section = { type: "rich_text_section", elements: [{ type: "text", text: input.value }] };
    write(place, block, element, input.value ? { type: "rich_text", elements: [section] } : null);
  });
  return tracked(place, block, element, input);
}
