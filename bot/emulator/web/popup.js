// Lists that open at a control: menus and the options of selects. They live in
// the nearest dialog, so that a modal does not make them inert.

/** Shows a node at an anchor until closed; returns the function that closes it. */
export function popup(anchor, node, onclose) {
  const place = () => {
    if (!anchor.isConnected) return close();
    const at = anchor.getBoundingClientRect();
    node.style.minWidth = `${at.width}px`;
    const room = innerHeight - at.bottom - 8;
    const above = room < Math.min(node.scrollHeight, 220) && at.top > room;
    node.style.maxHeight = `${Math.min(320, (above ? at.top : innerHeight - at.bottom) - 12)}px`;
    node.style.left = `${Math.max(8, Math.min(at.left, innerWidth - node.offsetWidth - 8))}px`;
    node.style.top = above ? "" : `${at.bottom + 4}px`;
    node.style.bottom = above ? `${innerHeight - at.top + 4}px` : "";
  };
  const outside = (e) => {
    if (!node.contains(e.target) && !anchor.contains(e.target)) close();
  };
  const close = () => {
    if (!node.isConnected) return;
    node.remove();
    removeEventListener("pointerdown", outside, true);
    removeEventListener("scroll", place, true);
    removeEventListener("resize", place);
    onclose?.();
  };
  (anchor.closest("dialog") ?? document.body).append(node);
  place();
  addEventListener("pointerdown", outside, true);
  addEventListener("scroll", place, true);
  addEventListener("resize", place);
  return close;
}
