/** Makes an SVG element, as dom.js makes those of HTML: data become text and attributes, never markup. */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, String(value));
  node.append(...children.flat(Infinity).filter((c) => c || c === 0));
  return node;
}
