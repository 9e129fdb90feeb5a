// Inputs one types in: text, e-mail, URL, number.

import { dispatch, soon, tracked } from "./actions.js";
import { el } from "./dom.js";
import { controlKey, fieldOf, read, write } from "./inputs.js";
import { decode } from "./mention.js";

const kinds = { plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "text" };
const few = 20; // characters left from which on they are counted

/** The input of a text, e-mail, URL or number element. */
export function field(place, block, element, { label, act }) {
  const many = Boolean(element.multiline);
  const input = el(many ? "textarea" : "input", {
    class: "field", type: !many && kinds[element.type], inputmode: element.type === "number_input" && "decimal",
    "aria-label": label, placeholder: element.placeholder && decode(element.placeholder.text), rows: many && 4,
    autofocus: element.focus_on_load, autocomplete: "off", value: read(place, block, element) ?? "",
  });
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const send = () => dispatch(place, block, element, { [fieldOf(element)]: input.value || null });
  input.addEventListener("input", () => {
    write(place, block, element, input.value || null);
    if (act && triggers.includes("on_character_entered")) soon(controlKey(place, block, element), send);
  });
  input.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing || !act || many || !triggers.includes("on_enter_pressed")) return;
    e.preventDefault();
    send();
  });
  return tracked(place, block, element, element.max_length ? counted(input, element.max_length) : input);
}

// Slack takes more than fits and says so, rather than cutting it off.
function counted(input, max) {
  const left = el("span", { class: "field-left", "aria-live": "polite" });
  const count = () => {
    const n = max - input.value.length;
    left.textContent = n <= Math.min(few, max / 2) ? String(n) : "";
    left.classList.toggle("over", n < 0);
  };
  input.addEventListener("input", count);
  count();
  return el("span", { class: "field-box" }, input, left);
}
