// Dark or light: as the system asks, until the person chooses here.

import { fill, icon } from "./dom.js";

const key = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");

// A browser may keep nothing, as in a private window; then the choice lasts as long as the page.
let chosen = read();

function read() {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

const dark = () => (chosen ? chosen === "dark" : system.matches);

// Dark to light or light to dark. A choice that is the system's own follows the system again.
function turn() {
  const wanted = !dark();
  chosen = wanted === system.matches ? "" : wanted ? "dark" : "light";
  try {
    if (chosen) localStorage.setItem(key, chosen);
    else localStorage.removeItem(key);
  } catch {
    // see above
  }
  show();
}

function show() {
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
}

/** Makes a button the switch. */
export function themeButton(button) {
  const draw = () => {
    button.title = dark() ? "Switch to light" : "Switch to dark";
    button.setAttribute("aria-label", button.title);
    fill(button, icon(dark() ? "sun" : "moon"));
  };
  button.addEventListener("click", () => (turn(), draw()));
  system.addEventListener("change", draw);
  draw();
}

show();
