// Live parts: htmx asks the server again every few seconds; this file lets people pause it, and speaks sparingly.
import htmx from "htmx.org/dist/htmx.esm.js";

const QUIET = 60_000; // milliseconds between two announcements to a screen reader

htmx.config.history = false;
htmx.config.noSwap = [204, 304, "4xx", "5xx"]; // a fault leaves the last values standing

let paused = false;
let spoken = Date.now();

function announce() {
  const value = document.querySelector("[data-live-words]");
  const region = document.querySelector("[data-live-region]");
  if (!value || !region || Date.now() - spoken < QUIET) return;
  spoken = Date.now();
  region.textContent = value.dataset.liveWords;
}

function pauseButton() {
  const button = document.querySelector("[data-live-pause]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.closest("[data-live]")?.classList.toggle("al-live--paused", paused);
  });
}

export function start() {
  document.body.addEventListener("htmx:before:request", (event) => {
    const inUse = event.target.querySelector?.(".al-chart__frame--open"); // somebody reads values off this chart
    if (paused || document.hidden || inUse) event.preventDefault();
  });
  document.body.addEventListener("htmx:after:swap", announce);
  pauseButton();
}
