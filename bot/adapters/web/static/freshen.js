// What new content on the page needs before it is read.

import { showInstants } from "./instants.js";

// A part that scrolls sideways has to be reachable by keyboard.
function reachScrollers(root) {
  for (const box of root.querySelectorAll("pre.code, .wide")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}

export function freshen(root) {
  showInstants(root);
  reachScrollers(root);
}
