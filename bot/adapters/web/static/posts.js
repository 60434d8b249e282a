// Keeps the posts as they are on the server while the page is open, replacing only what changed.

import { freshen } from "./freshen.js";

const channel = document.getElementById("channel");
const panel = document.getElementById("private");

function copyInside(from, to, part) {
  to.querySelector(part).innerHTML = from.querySelector(part).innerHTML;
}

function updatePost(old, fresh) {
  if (old.dataset.foot !== fresh.dataset.foot) {
    copyInside(fresh, old, ":scope > .foot");
    old.dataset.foot = fresh.dataset.foot;
  }
  if (old.dataset.body === fresh.dataset.body && old.className === fresh.className) return;
  const body = old.querySelector(":scope > .body");
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  copyInside(fresh, old, ":scope > .body");
  old.className = fresh.className;
  old.dataset.body = fresh.dataset.body;
  old.toggleAttribute("data-answerable", fresh.hasAttribute("data-answerable"));
  if (focused) {
    const same = focused.value && old.querySelector(`button[value="${CSS.escape(focused.value)}"]`);
    (same || old.querySelector("[tabindex='-1']")).focus({ preventScroll: true });
  }
}

function level(post) {
  return post.querySelector("h2, h3").tagName;
}

// The panel may stand between the posts of a section; it stays where it is.
function updateSection(old, fresh) {
  old.hidden = fresh.hidden;
  const known = new Map([...document.querySelectorAll("[data-post]")].map((post) => [post.dataset.post, post]));
  const wanted = [...fresh.children].map((child) => {
    const post = child.dataset.post && known.get(child.dataset.post);
    if (!post || level(post) !== level(child)) return child;
    updatePost(post, child);
    return post;
  });
  for (const child of [...old.children]) {
    if (!wanted.includes(child) && child !== panel) child.remove();
  }
  let last = null;
  for (const child of wanted) {
    const next = last ? last.nextElementSibling : old.firstElementChild;
    const here = next === panel ? panel.nextElementSibling : next;
    if (here !== child) old.insertBefore(child, here);
    last = child;
  }
}

async function fetchPosts() {
  const answer = await fetch(channel.dataset.posts, { headers: { "X-Trapwise-Panel": "1" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["today", "earlier"]) {
    updateSection(document.getElementById(id), document.importNode(fresh.getElementById(id), true));
  }
  const coming = fresh.getElementById("coming").textContent;
  const shown = document.getElementById("coming");
  if (shown.textContent !== coming) shown.textContent = coming;
  freshen(channel);
}

let running = null;
let stale = false;

// One fetch at a time; what changes meanwhile is fetched once more afterwards.
export function refresh() {
  if (!channel?.dataset.posts) return Promise.resolve();
  if (running) {
    stale = true;
    return running;
  }
  running = (async () => {
    do {
      stale = false;
      try {
        await fetchPosts();
      } catch {
        // The line is down; the event stream asks again when it is back.
      }
    } while (stale);
    running = null;
  })();
  return running;
}

let events = null;

// Browsers allow only a few connections per site, so a page that nobody looks at gives its own back.
function listen() {
  if (document.hidden) {
    stopListening();
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

function stopListening() {
  events?.close();
  events = null;
}

export function watchChannel() {
  if (!channel?.dataset.events) return;
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", stopListening);
  addEventListener("pageshow", listen);
  listen();
}
