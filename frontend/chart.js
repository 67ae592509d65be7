// The interactive chart. Expressions are interpreted, never compiled: the page's security policy forbids eval.
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";

export async function draw(place, { spec, formatLocale, timeFormatLocale }) {
  const title = place.querySelector("svg title")?.textContent ?? "";
  await embed(place, spec, {
    ast: true,
    expr: expressionInterpreter,
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    formatLocale,
    timeFormatLocale,
    tooltip: { disableDefaultStyle: true, theme: "al" },
    loader: { load: () => Promise.reject(new Error("Charts carry their own data.")) },
  });
  speakAsOne(place, title);
}

// To a screen reader the chart stays one picture; its numbers are in the table below it.
function speakAsOne(place, title) {
  for (const part of place.querySelectorAll("svg [role], svg [aria-roledescription]")) {
    for (const name of ["role", "aria-roledescription", "aria-label", "aria-hidden"]) part.removeAttribute(name);
  }
  const svg = place.querySelector("svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
}
