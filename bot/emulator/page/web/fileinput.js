// file_input: files that go up at once and are handed over with the form.

import { tracked } from "./actions.js";
import { attach } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { read, write } from "./inputs.js";
import { ws } from "./workspace.js";

const size = (n) => (n < 1024 ? `${n} B` : n < 1_048_576 ? `${Math.round(n / 1024)} kB` : `${(n / 1_048_576).toFixed(1)} MB`);

/** The file_input element: a button, a place to drop files on, and the files taken so far. */
export function fileInput(place, block, element, { label }) {
  const max = element.max_files ?? 10;
  const kinds = (element.filetypes ?? []).map((t) => t.replace(/^\./, "").toLowerCase());
  const said = el("div", { class: "input-error", role: "alert" });
  const list = el("ul", { class: "attached" });
  const input = el("input", { type: "file", class: "sr-only", "aria-label": label, multiple: max > 1, accept: kinds.length > 0 && kinds.map((k) => `.${k}`).join(",") });
  const button = el("button", { type: "button", class: "btn", onclick: () => input.click() }, icon("upload"), el("span", { class: "btn-text" }, "Upload file"));
  const box = el("div", { class: "file-input" }, button, input, list, said);

  const draw = () => {
    const files = read(place, block, element);
    button.hidden = files.length >= max;
    fill(list, files.map((f) => el("li", {}, icon("file"), el("span", {}, el("b", {}, f.name), el("small", {}, size(f.size))), el("button", { type: "button", class: "icon-button", "aria-label": `Remove ${f.name}`, onclick: () => set(files.filter((x) => x.id !== f.id)) }, icon("close")))));
  };
  const set = (files) => {
    write(place, block, element, files);
    draw();
  };
  const refusal = (file) => {
    if (read(place, block, element).length >= max) return `No more than ${max} ${max === 1 ? "file" : "files"}, please.`;
    const end = file.name.split(".").pop().toLowerCase();
    return kinds.length && !kinds.includes(end) ? `Only these kinds of file: ${kinds.join(", ")}.` : "";
  };
  const take = async (files) => {
    said.textContent = "";
    box.setAttribute("aria-busy", "true");
    for (const file of files) {
      const words = refusal(file);
      const answer = words ? { ok: false, error: words } : await attach(ws.me, file);
      if (answer.ok) set([...read(place, block, element), answer.file]);
      else said.textContent = answer.error;
    }
    box.removeAttribute("aria-busy");
  };
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = ""; // the same file may be chosen again
    take(files);
  });
  box.addEventListener("dragover", (e) => e.preventDefault());
  box.addEventListener("drop", (e) => {
    e.preventDefault();
    take([...e.dataTransfer.files]);
  });
  draw();
  return tracked(place, block, element, box);
}
