// Letters answer the open question, a slash goes to the command box. Single keys can be switched off, because
// speech input and unsteady hands press them by accident (WCAG 2.1.4).

const KEPT = "trapwise-keys";
const html = document.documentElement;

function keep(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (html.classList.contains("no-keys")) return;
  let target = null;
  if (event.key === "/") {
    target = document.getElementById("line");
    target?.focus();
  } else if (/^[a-e]$/i.test(event.key)) {
    // While a question stands in the private panel, letters are for it alone: the one key too many that somebody
    // presses there must not answer the question of the day, which can't be taken back.
    const inPanel = document.querySelector("#reply .choices");
    const question = document.querySelector(inPanel ? "#reply [data-answerable]" : ".post[data-answerable]");
    target = question?.querySelector(`button[data-letter="${event.key.toUpperCase()}"]`);
    target?.click();
  }
  if (target) event.preventDefault();
}

function onClick(event) {
  if (event.target.closest("[data-keys]")) {
    keep(html.classList.toggle("no-keys") ? "off" : "on");
  }
}

export function watchKeys() {
  html.classList.toggle("no-keys", kept() === "off");
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
}
