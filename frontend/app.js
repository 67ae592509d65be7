// What every page loads: small helps on top of pages that work without them. Heavy parts come only when they are needed.

function searchByKey() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = document.querySelector("[data-search]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}

// A skip link moves the focus too, also in browsers that only scroll.
function focusTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.tabIndex < 0) target.focus({ preventScroll: true });
}

// Selects marked so submit their form at once; the button beside them is for pages without JavaScript.
function submitOnChange() {
  for (const select of document.querySelectorAll("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
}

// Suggestions are loaded when somebody goes into a search box.
function prepareSuggestions() {
  for (const input of document.querySelectorAll("[data-suggest]")) {
    input.addEventListener("focus", () => import("./suggest.js").then((suggest) => suggest.start([input])), { once: true });
  }
}

function whenSeen(element, start) {
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    start();
  }, { rootMargin: "200px" });
  watcher.observe(element);
}

function start() {
  document.documentElement.classList.add("has-js");
  searchByKey();
  submitOnChange();
  focusTarget();
  window.addEventListener("hashchange", focusTarget);
  for (const element of document.querySelectorAll("[data-map]")) {
    whenSeen(element, () => import("./map.js").then((map) => map.show(element)).catch(() => element.classList.add("al-map--failed")));
  }
  prepareSuggestions();
  const chart = document.querySelector("[data-chart-open]");
  if (chart) import("./chart-button.js").then((module) => module.prepare());
  if (document.querySelector("[hx-get], [hx-post]")) import("./live.js").then((live) => live.start());
  if (document.querySelector("[data-passkey], [data-allauth-onload]")) import("./passkeys.js").then((module) => module.start());
}

start();
