// Shows instants in the reader's own time zone. Without it the channel's zone stands there, by name.

const language = navigator.language?.startsWith("en") ? navigator.language : "en-GB";
const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const full = new Intl.DateTimeFormat(language, {
  weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit",
});
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

function fromNow(at) {
  const minutes = Math.round((at - Date.now()) / 60000);
  if (Math.abs(minutes) < 90) return minutes === 0 ? "now" : relative.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 36 ? relative.format(hours, "hour") : relative.format(Math.round(hours / 24), "day");
}

export function showInstants(root) {
  for (const time of root.querySelectorAll("time[data-style]")) {
    const at = new Date(time.dateTime);
    const style = time.dataset.style;
    const text = style === "relative" ? fromNow(at) : (style === "full" ? full : clock).format(at);
    // Setting the same text again would make screen readers repeat a live region.
    if (time.textContent !== text) time.textContent = text;
    time.title = exact.format(at);
  }
}
