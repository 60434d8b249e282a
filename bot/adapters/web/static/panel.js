// Sends presses, commands and forms without leaving the page, and shows the reply in the private panel.

import { freshen } from "./freshen.js";
import { zone } from "./instants.js";
import { refresh } from "./posts.js";

const panel = document.getElementById("private");
const reply = document.getElementById("reply");
const wide = matchMedia("(min-width: 70rem)");

// Beside the posts where there is room; else right below the post that was pressed.
function place(near) {
  const today = document.getElementById("today") ?? document.getElementById("earlier");
  if (!today || panel.contains(near)) return;
  const post = !wide.matches && near?.closest("article.post");
  if (post) {
    if (post.nextElementSibling !== panel) post.after(panel);
  } else if (panel.parentElement !== today.parentElement) {
    if (today.id === "today") today.after(panel);
    else today.before(panel);
  }
}

function title() {
  return reply.querySelector(".reply-title")?.textContent;
}

function fill(markup, { wasInside, pressed }) {
  const before = title();
  const scrolled = panel.scrollTop;
  reply.innerHTML = markup;
  // The same card drawn anew, such as an exam question just answered, stays where it was.
  panel.scrollTop = title() === before ? scrolled : 0;
  panel.classList.remove("is-empty");
  reply.querySelector(".reply")?.classList.add("arrived");
  freshen(reply);
  const invalid = reply.querySelector("[aria-invalid=true]");
  if (invalid) {
    invalid.focus();
  } else if (wasInside) {
    const same = pressed && [...reply.querySelectorAll("button")].find((one) => one.textContent === pressed);
    (same || reply.querySelector(".reply-title") || panel).focus({ preventScroll: true });
  }
}

// Scrolls only if the beginning of the reply can't be seen.
function reveal() {
  const { top, bottom, height } = panel.getBoundingClientRect();
  const fits = height < innerHeight - 160;
  const seen = reply.contains(document.activeElement) && document.activeElement.getBoundingClientRect().top > 0;
  if (!wide.matches && !seen && (top < -8 || (fits ? bottom > innerHeight - 110 : top > innerHeight - 240))) {
    // As much of the question stays in view as there is room for.
    panel.scrollIntoView({ block: fits ? "nearest" : "start" });
  }
}

async function send(form, button) {
  if (form.getAttribute("aria-busy") === "true") return;
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.set(button.name, button.value);
  body.set("zone", zone);
  const wasInside = panel.contains(document.activeElement);
  const pressed = button?.textContent;
  form.setAttribute("aria-busy", "true");
  let markup = document.getElementById("offline").innerHTML;
  let done = false;
  try {
    const answer = await fetch(form.getAttribute("action").split("#")[0], {
      method: "POST",
      body,
      headers: { "X-Trapwise-Panel": "1" },
      redirect: "error",
    });
    markup = await answer.text();
    done = answer.ok;
  } catch {
    // No line: the panel says so.
  } finally {
    form.removeAttribute("aria-busy");
  }
  place(form);
  fill(markup, { wasInside, pressed });
  if (done) {
    if ("clear" in form.dataset) form.reset();
    await refresh();
  }
  reveal();
}

export function watchForms() {
  if (!panel) return;
  document.addEventListener("submit", (event) => {
    if (!("panel" in event.target.dataset)) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  wide.addEventListener("change", () => place(null));
}
