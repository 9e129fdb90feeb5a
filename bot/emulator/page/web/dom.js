// The only way this page makes elements. Data from people and apps becomes
// text nodes or checked attributes, never markup: `<script>` stays a word.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an element. `on…` properties are listeners, `class` and `dataset` are
 * what they say, false, null and undefined are left out, true is a bare
 * attribute. Children are nodes, strings, or lists of them.
 */
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...flat(children));
  return node;
}

function flat(children) {
  return children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false && c !== "");
}

/** Replaces what is inside a node. */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

/** A symbol of icons.svg; decoration only, so hidden from screen readers. */
export function icon(name) {
  return sprite("icons.svg", name, "icon");
}

/**
 * Gives the caret back after a dialog. The browser gives the focus back to what
 * had it before, but without a caret where what was pressed in the dialog is
 * gone: nothing could be typed until one clicks.
 */
export function awake() {
  const back = document.activeElement;
  if (!back?.matches("input, textarea, [contenteditable]") || document.querySelector("dialog[open]")) return;
  back.blur();
  back.focus({ preventScroll: true });
}

const sheets = new Map(); // sprite file → its symbols by id

/** Reads sprite files, so that their symbols are copied from then on: a reference to a file is drawn late, and blinks. */
export async function loadSprites(...files) {
  for (const file of files) {
    const text = await (await fetch(file)).text();
    const symbols = new DOMParser().parseFromString(text, "image/svg+xml").querySelectorAll("symbol");
    sheets.set(file, new Map([...symbols].map((s) => [s.id, s])));
  }
}

/** A symbol of one of our sprite files. */
export function sprite(file, name, className) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const symbol = sheets.get(file)?.get(name);
  if (symbol) {
    svg.setAttribute("viewBox", symbol.getAttribute("viewBox"));
    svg.append(...[...symbol.childNodes].map((n) => document.importNode(n, true)));
    return svg;
  }
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${file}#${name}`);
  svg.append(use);
  return svg;
}

/** The URL if a browser may follow it from a message, else "". */
export function linkURL(url) {
  return checked(url, ["http:", "https:", "mailto:", "tel:"]);
}

/** The URL if a picture may be loaded from it, else "". */
export function imageURL(url) {
  return checked(url, ["http:", "https:"]);
}

function checked(url, schemes) {
  try {
    const parsed = new URL(String(url), location.href);
    return schemes.includes(parsed.protocol) ? parsed.href : "";
  } catch {
    return "";
  }
}

/**
 * Makes the children of a container those of items, {key, sig, make}, in
 * their order. A node whose signature is unchanged is kept, so that focus,
 * selection and half-typed text survive somebody else's message.
 */
export function reconcile(container, items) {
  const old = new Map([...container.children].map((n) => [n.dataset.key, n]));
  let at = container.firstChild;
  for (const { key, sig, make } of items) {
    let node = old.get(key);
    if (!node || node.sig !== sig) {
      const fresh = make();
      fresh.dataset.key = key;
      fresh.sig = sig;
      if (node) {
        if (at === node) at = node.nextSibling;
        swap(node, fresh);
      } else {
        container.insertBefore(fresh, at);
      }
      node = fresh;
    }
    old.delete(key);
    if (node.nextSibling === at) continue;
    if (node === at) at = at.nextSibling;
    else container.insertBefore(node, at);
  }
  for (const gone of old.values()) gone.remove();
}

// Puts fresh where node was, and the focus back on the control that had it.
function swap(node, fresh) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const control = focused?.closest("[data-control]")?.dataset.control;
  node.replaceWith(fresh);
  if (focused === node) fresh.focus({ preventScroll: true });
  if (!control) return;
  const again = fresh.querySelector(`[data-control="${CSS.escape(control)}"]`);
  (again?.matches("button, input, textarea") ? again : again?.querySelector("button, input, textarea"))?.focus();
}
