// The interactive chart. Expressions are interpreted, never compiled: the page's security policy forbids eval.
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";

export async function draw(place, { spec, formatLocale, timeFormatLocale }) {
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
}
