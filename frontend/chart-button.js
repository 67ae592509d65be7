// The button «read off the chart»: fetches the chart's specification and the drawing library when somebody wants it.

async function open(button) {
  const figure = button.closest("figure");
  const place = figure.querySelector("[data-chart]");
  button.setAttribute("aria-busy", "true");
  try {
    const [chart, answer] = await Promise.all([import("./chart.js"), fetch(button.dataset.chartOpen)]);
    if (!answer.ok) throw new Error(String(answer.status));
    await chart.draw(place, await answer.json());
    button.hidden = true;
    place.classList.add("al-chart__frame--open");
  } catch {
    figure.querySelector("[data-chart-failed]").hidden = false;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

export function prepare() {
  for (const button of document.querySelectorAll("[data-chart-open]")) button.hidden = false;
  // One listener for all, since live parts replace the figure and its button.
  document.body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chart-open]");
    if (button) open(button);
  });
}
