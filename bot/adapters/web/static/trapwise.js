// Makes the pages livelier; all of them work without this. Presses and commands are sent without leaving the page,
// instants are shown in the reader's own zone, and the posts are fetched again when the server says they changed.

const html = document.documentElement;
html.classList.add("js");

const english = navigator.language?.startsWith("en") ? navigator.language : "en-GB";
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
const panel = document.getElementById("private");
const reply = document.getElementById("reply");
const channel = document.getElementById("channel");
const wide = matchMedia("(min-width: 70rem)");

// ---- instants

const clock = new Intl.DateTimeFormat(english, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(english, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(english, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function fromNow(at) {
  const minutes = Math.round((at - Date.now()) / 60000);
  if (Math.abs(minutes) < 90) return minutes === 0 ? "now" : relative.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 36 ? relative.format(hours, "hour") : relative.format(Math.round(hours / 24), "day");
}

function showInstants(root) {
  for (const time of root.querySelectorAll("time[data-style]")) {
    const at = new Date(time.dateTime);
    const style = time.dataset.style;
    const text = style === "relative" ? fromNow(at) : (style === "full" ? full : clock).format(at);
    if (time.textContent !== text) time.textContent = text;
    time.title = exact.format(at);
  }
}

// A part that scrolls sideways has to be reachable by keyboard.
function reachScrollers(root) {
  for (const box of root.querySelectorAll("pre.code, .wide")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

function freshen(root) {
  showInstants(root);
  reachScrollers(root);
}

// ---- the private panel

function placePanel(near) {
  if (!channel || !panel) return;
  const home = document.getElementById("today");
  const post = !wide.matches && near?.closest?.("article.post");
  const after = post || home;
  if (after && after.nextElementSibling !== panel && !panel.contains(near)) after.after(panel);
}

function fillPanel(markup, { focusInside, pressed }) {
  reply.innerHTML = markup;
  panel.classList.remove("is-empty");
  reply.querySelector(".reply")?.classList.add("arrived");
  freshen(reply);
  const invalid = reply.querySelector("[aria-invalid=true]");
  if (invalid) {
    invalid.focus();
  } else if (focusInside) {
    const same = pressed && [...reply.querySelectorAll("button")].find((one) => one.textContent === pressed);
    (same || reply.querySelector(".reply-title") || panel).focus({ preventScroll: true });
  }
  const box = panel.getBoundingClientRect();
  const top = reply.getBoundingClientRect().top;
  if (top < 0 || box.top > innerHeight - 160) panel.scrollIntoView({ block: wide.matches ? "nearest" : "start" });
}

async function send(form, button) {
  if (form.getAttribute("aria-busy") === "true") return;
  const body = new URLSearchParams(new FormData(form, button));
  body.set("zone", zone);
  const focusInside = panel.contains(document.activeElement);
  const pressed = button?.textContent;
  form.setAttribute("aria-busy", "true");
  let markup;
  let sent = false;
  try {
    const answer = await fetch(form.getAttribute("action").split("#")[0], {
      method: "POST",
      body,
      headers: { "X-Trapwise-Panel": "1" },
      redirect: "error",
    });
    markup = await answer.text();
    sent = answer.ok;
  } catch {
    markup = document.getElementById("offline").innerHTML;
  } finally {
    form.removeAttribute("aria-busy");
  }
  placePanel(form);
  fillPanel(markup, { focusInside, pressed });
  if (sent && "clear" in form.dataset) form.reset();
  if (sent) refresh();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("panel" in form.dataset) || !panel) return;
  event.preventDefault();
  send(form, event.submitter);
});

wide.addEventListener("change", () => placePanel(null));

// ---- posts that change while one looks at them

function updatePost(old, fresh) {
  if (old.dataset.foot !== fresh.dataset.foot) {
    old.querySelector(":scope > .foot").innerHTML = fresh.querySelector(":scope > .foot").innerHTML;
    old.dataset.foot = fresh.dataset.foot;
  }
  if (old.dataset.body === fresh.dataset.body && old.className === fresh.className) return;
  const focused = old.querySelector(":scope > .body").contains(document.activeElement) ? document.activeElement : null;
  old.querySelector(":scope > .body").innerHTML = fresh.querySelector(":scope > .body").innerHTML;
  old.className = fresh.className;
  old.dataset.body = fresh.dataset.body;
  old.toggleAttribute("data-answerable", fresh.hasAttribute("data-answerable"));
  if (focused) {
    const same = focused.value && old.querySelector(`button[value="${CSS.escape(focused.value)}"]`);
    (same || old.querySelector("[tabindex='-1']")).focus({ preventScroll: true });
  }
}

function updateSection(old, fresh) {
  old.hidden = fresh.hidden;
  const known = new Map([...document.querySelectorAll("[data-post]")].map((post) => [post.dataset.post, post]));
  const wanted = [...fresh.children].map((child) => {
    const post = child.dataset.post && known.get(child.dataset.post);
    if (!post) return child;
    const heading = child.querySelector("h2, h3").tagName;
    if (post.querySelector("h2, h3").tagName === heading) {
      updatePost(post, child);
      return post;
    }
    return child;
  });
  const keep = new Set(wanted);
  for (const child of [...old.children]) {
    if (!keep.has(child) && child !== panel) child.remove();
  }
  let place = null;
  for (const child of wanted) {
    const next = place ? place.nextElementSibling : old.firstElementChild;
    const here = next === panel ? panel.nextElementSibling : next;
    if (here !== child) old.insertBefore(child, here);
    place = child;
  }
}

let fetching = false;
let again = false;

async function refresh() {
  const address = channel?.dataset.posts;
  if (!address) return;
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(address, { headers: { "X-Trapwise-Panel": "1" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["today", "earlier"]) {
      const section = fresh.getElementById(id);
      updateSection(document.getElementById(id), document.importNode(section, true));
    }
    const coming = fresh.getElementById("coming").textContent;
    const shown = document.getElementById("coming");
    if (shown && shown.textContent !== coming) shown.textContent = coming;
    freshen(channel);
  } catch {
    // The line is down; the next event, or its reconnection, asks again.
  } finally {
    fetching = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

let events = null;

// Browsers allow only a few connections per site, so a page that nobody looks at gives its own back.
function listen() {
  if (!channel?.dataset.events) return;
  if (document.hidden) {
    events?.close();
    events = null;
  } else if (!events) {
    events = new EventSource(channel.dataset.events);
    events.addEventListener("open", () => {
      channel.dataset.live = "yes";
      refresh();
    });
    events.addEventListener("changed", refresh);
    events.addEventListener("error", () => delete channel.dataset.live);
  }
}

document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => {
  events?.close();
  events = null;
});
addEventListener("pageshow", listen);

// ---- keys

const KEYS = "trapwise-keys";

function remember(value) {
  try {
    localStorage.setItem(KEYS, value);
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEYS);
  } catch {
    return null;
  }
}

html.classList.toggle("no-keys", remembered() === "off");

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-keys], [data-copy], [data-select]");
  if (!target) return;
  if ("keys" in target.dataset) {
    const off = html.classList.toggle("no-keys");
    remember(off ? "off" : "on");
  } else if ("copy" in target.dataset) {
    const field = document.getElementById(target.dataset.copy);
    field.select();
    navigator.clipboard?.writeText(field.value).then(() => {
      target.textContent = "Copied";
    }, () => {});
  } else {
    target.select();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (html.classList.contains("no-keys")) return;
  if (event.key === "/") {
    const line = document.getElementById("line");
    if (line) {
      event.preventDefault();
      line.focus();
    }
    return;
  }
  if (!/^[a-e]$/i.test(event.key)) return;
  const here = reply?.querySelector("[data-answerable]") ?? document.querySelector(".post[data-answerable]");
  const button = here?.querySelector(`button[data-letter="${event.key.toUpperCase()}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});

freshen(document);
setInterval(() => showInstants(document), 30000);
listen();
if (reply?.querySelector("[aria-invalid=true]")) reply.querySelector("[aria-invalid=true]").focus();
