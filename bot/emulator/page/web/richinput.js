// rich_text_input: a small editor whose content is handed over as rich_text.

import { dispatch, soon, tracked } from "./actions.js";
import { el, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { controlKey, read, write } from "./inputs.js";
import { decode } from "./mention.js";
import { richText } from "./richtext.js";

const tools = [
  ["Bold", "bold", "bold"],
  ["Italic", "italic", "italic"],
  ["Strikethrough", "strike", "strikeThrough"],
  ["Code", "code", "code"],
  ["Ordered list", "numbers", "insertOrderedList"],
  ["Bulleted list", "bullets", "insertUnorderedList"],
  ["Quote", "quote", "quote"],
];

/** The rich_text_input element. */
export function richInput(place, block, element, { label, act }) {
  const box = el("div", {
    class: "field rich-field", contenteditable: "true", role: "textbox", "aria-multiline": "true", "aria-label": label, tabindex: "0",
    dataset: { placeholder: decode(element.placeholder?.text ?? "") }, autofocus: element.focus_on_load,
  }, richText(read(place, block, element) ?? {}));
  const changed = () => {
    const value = toRichText(box);
    write(place, block, element, value);
    box.classList.toggle("blank", !value);
    const triggers = element.dispatch_action_config?.trigger_actions_on ?? [];
    if (act && triggers.includes("on_character_entered")) soon(controlKey(place, block, element), () => dispatch(place, block, element, { rich_text_value: value }));
  };
  const apply = (command) => {
    box.focus();
    if (command === "code") wrapCode();
    else if (command === "quote") document.execCommand("formatBlock", false, box.querySelector("blockquote") ? "div" : "blockquote");
    else document.execCommand(command);
    changed();
  };
  const bar = el("div", { class: "rich-tools", role: "toolbar", "aria-label": "Formatting" },
    tools.map(([name, picture, command]) => el("button", { type: "button", class: "icon-button", title: name, "aria-label": name, onmousedown: (e) => e.preventDefault(), onclick: () => apply(command) }, icon(picture))));
  box.addEventListener("input", changed);
  box.addEventListener("paste", (e) => {
    e.preventDefault(); // words only: foreign markup has no place here
    document.execCommand("insertText", false, e.clipboardData.getData("text/plain"));
  });
  box.classList.toggle("blank", !read(place, block, element));
  return tracked(place, block, element, el("div", { class: "rich-input" }, bar, box));
}

function wrapCode() {
  const range = getSelection().rangeCount && getSelection().getRangeAt(0);
  if (!range || range.collapsed) return;
  const code = el("code", {}, range.toString());
  range.deleteContents();
  range.insertNode(code);
}

const marks = { B: "bold", STRONG: "bold", I: "italic", EM: "italic", S: "strike", STRIKE: "strike", DEL: "strike", CODE: "code", U: "underline" };

/** What stands in an editor, as a rich_text block; null for nothing. */
export function toRichText(box) {
  const out = [];
  let section;
  const flow = () => {
    if (!section) out.push((section = { type: "rich_text_section", elements: [] }));
    return section.elements;
  };
  const add = (type, more) => {
    section = undefined;
    out.push({ type, ...more });
  };
  const walk = (nodes) => {
    for (const node of nodes) {
      const kind = node.nodeName;
      if (kind === "UL" || kind === "OL") add("rich_text_list", { style: kind === "OL" ? "ordered" : "bullet", elements: [...node.children].map((li) => ({ type: "rich_text_section", elements: leaves(li, {}) })) });
      else if (kind === "BLOCKQUOTE") add("rich_text_quote", { elements: leaves(node, {}) });
      else if (kind === "PRE") add("rich_text_preformatted", { elements: leaves(node, {}) });
      else if (kind === "DIV" || kind === "P") {
        if (section?.elements.length) flow().push({ type: "text", text: "\n" });
        walk(node.childNodes);
      } else flow().push(...leaf(node, {}));
    }
  };
  walk(box.childNodes);
  for (const part of out) if (part.type !== "rich_text_list") part.elements = joined(part.elements);
  const some = out.filter((p) => p.elements.length);
  return some.length ? { type: "rich_text", elements: some } : null;
}

const leaves = (node, style) => joined([...node.childNodes].flatMap((n) => leaf(n, style)));
const styled = (e, style) => (Object.keys(style).length ? { ...e, style } : e);

function leaf(node, style) {
  if (node.nodeType === Node.TEXT_NODE) return words(node.data, style);
  if (node.nodeName === "BR") return [{ type: "text", text: "\n" }];
  if (node.dataset?.user) return [styled({ type: "user", user_id: node.dataset.user }, style)];
  if (node.dataset?.channel) return [styled({ type: "channel", channel_id: node.dataset.channel }, style)];
  if (node.classList?.contains("emoji")) return [{ type: "emoji", name: node.title.replaceAll(":", "") }];
  if (node.nodeName === "A") return [styled({ type: "link", url: node.href, text: node.textContent }, style)];
  const mark = marks[node.nodeName];
  return [...node.childNodes].flatMap((n) => leaf(n, mark ? { ...style, [mark]: true } : style));
}

// Addresses become links and :names: emoji, as they do while one types in Slack.
function words(text, style) {
  if (style.code) return [styled({ type: "text", text }, style)];
  return text.split(/(https?:\/\/[^\s<>]*[^\s<>.,;:!?)'"]|:[\w+'-]+:)/).filter(Boolean).map((part) => {
    if (/^https?:/.test(part)) return styled({ type: "link", url: part }, style);
    if (/^:.+:$/.test(part) && emoji(part.slice(1, -1))) return { type: "emoji", name: part.slice(1, -1) };
    return styled({ type: "text", text: part }, style);
  });
}

// Neighbours of one style become one; an editor's last empty line is none.
function joined(list) {
  const out = [];
  for (const e of list) {
    const last = out.at(-1);
    if (e.type === "text" && last?.type === "text" && JSON.stringify(last.style) === JSON.stringify(e.style)) last.text += e.text;
    else out.push({ ...e });
  }
  const last = out.at(-1);
  if (last?.type === "text") last.text = last.text.replace(/\n$/, "");
  return out.filter((e) => e.type !== "text" || e.text);
}
