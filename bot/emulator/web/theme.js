// Dark or light: as the system asks, until the person chooses here.

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

export const dark = () => (chosen ? chosen === "dark" : system.matches);

/** Turns dark to light, or light to dark, and remembers it. A choice that is the system's own follows the system. */
export function switchTheme() {
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

/** Runs f now and at every change. */
export function onTheme(f) {
  f();
  system.addEventListener("change", f);
}

show();
