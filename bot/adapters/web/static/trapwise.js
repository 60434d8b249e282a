// Makes the pages livelier. All of them work without it.

import { freshen } from "./freshen.js";
import { showInstants } from "./instants.js";
import { watchKeys } from "./keys.js";
import { watchForms } from "./panel.js";
import { watchChannel } from "./posts.js";

document.documentElement.classList.add("js");

function watchCopyButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    const field = button ? document.getElementById(button.dataset.copy) : event.target.closest("[data-select]");
    field?.select();
    if (button && navigator.clipboard) {
      navigator.clipboard.writeText(field.value).then(() => { button.textContent = "Copied"; }, () => {});
    }
  });
}

freshen(document);
setInterval(() => showInstants(document), 30000);
watchKeys();
watchForms();
watchCopyButtons();
watchChannel();
