// What Slack's client itself finds wrong with a form before the app sees it.

import { holders, read } from "./inputs.js";

/** Words for each input that cannot be sent as it is, by block_id. */
export function problems(place, blocks) {
  const found = {};
  for (const [block, element] of holders(blocks)) {
    const words = block.type === "input" && problem(block, element, read(place, block, element));
    if (words) found[block.block_id] = words;
  }
  return found;
}

const empty = (v) => v === null || v === undefined || v === "" || (Array.isArray(v) && v.length === 0);
const many = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

function problem(block, e, value) {
  if (empty(value)) return block.optional ? "" : "Please complete this required field.";
  if (e.min_length && value.length < e.min_length) return `Please enter at least ${many(e.min_length, "character")}.`;
  if (e.max_length && value.length > e.max_length) return `Please enter no more than ${many(e.max_length, "character")}.`;
  return checks[e.type]?.(e, value) ?? "";
}

const checks = {
  email_text_input: (_e, value) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? "" : "Please enter a valid email address."),
  url_text_input: (_e, value) => (/^https?:\/\/[^\s/]+\.?\S*$/i.test(value) ? "" : "Please enter a valid URL, with http:// or https://."),
  number_input: number,
};

function number(e, value) {
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(value)) return "Please enter a number.";
  if (e.is_decimal_allowed === false && !/^-?\d+$/.test(value)) return "Please enter a whole number.";
  if (e.min_value !== undefined && Number(value) < Number(e.min_value)) return `Please enter a number of at least ${e.min_value}.`;
  if (e.max_value !== undefined && Number(value) > Number(e.max_value)) return `Please enter a number of at most ${e.max_value}.`;
  return "";
}
