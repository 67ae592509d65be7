// The look of the map, from the colours that the page's stylesheet names (--map-…), so that it follows the theme.

// Our own background is GeoJSON whose features carry `kind`: green, water, built, rail, path, road, street or boundary.
const AREAS = ["green", "built", "water"];
const LINES = [["river", 4], ["boundary", 1], ["path", 0.8], ["rail", 1.2], ["street", 1.6], ["road", 3]];

const colour = (colours, name) => colours.getPropertyValue(`--map-${name}`).trim() || "#888888";
const isKind = (kind, shape) => ["all", ["==", ["get", "kind"], kind], ["==", ["geometry-type"], shape]];

export function ground(colours, town) {
  const layers = [{ id: "ground", type: "background", paint: { "background-color": colour(colours, "ground") } }];
  if (!town) return layers;
  for (const kind of AREAS) {
    layers.push({
      id: `area-${kind}`, source: "town", type: "fill", filter: isKind(kind, "Polygon"),
      paint: { "fill-color": colour(colours, kind) },
    });
  }
  for (const [kind, width] of LINES) {
    layers.push({
      id: `line-${kind}`, source: "town", type: "line", filter: isKind(kind, "LineString"),
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": colour(colours, kind === "river" ? "water" : kind),
        "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 10, width / 2, 16, width * 4],
        ...(kind === "boundary" && { "line-dasharray": [4, 3] }),
      },
    });
  }
  return [...layers, ...labels(colours)];
}

// Names of the ground, drawn with the page's own font: no font server is asked.
function labels(colours) {
  const look = (id, filter, layout, size) => ({
    id, source: "town", type: "symbol", filter: ["all", ["has", "name"], filter],
    layout: { "text-field": ["get", "name"], "text-font": ["Fira Sans"], "text-size": size, "text-max-width": 8, ...layout },
    paint: { "text-color": colour(colours, "label"), "text-halo-color": colour(colours, "ground"), "text-halo-width": 1.5 },
  });
  return [
    look("names-lines", ["in", ["get", "kind"], ["literal", ["river", "road"]]], { "symbol-placement": "line" }, 12),
    look("names-areas", isKind("green", "Polygon"), {}, 12),
  ];
}

// Fresh places are filled, late ones ringed, silent ones hollow, implausible ones ringed around a filled heart: the form
// says what the colour says.
export function things(colours) {
  const byState = (fresh, late, silent, implausible) =>
    ["match", ["get", "state"], "fresh", fresh, "late", late, "implausible", implausible, silent];
  const marked = ["boolean", ["feature-state", "marked"], false];
  return [
    {
      id: "things-halo", source: "things", type: "circle",
      paint: {
        "circle-radius": ["case", marked, 18, 0], "circle-color": colour(colours, "mark"), "circle-opacity": 0.35,
      },
    },
    {
      id: "things", source: "things", type: "circle",
      layout: { "circle-sort-key": byState(0, 2, 1, 3) }, // what needs a look lies on top
      paint: {
        "circle-radius": 8,
        "circle-color": byState(
          colour(colours, "fresh"), colour(colours, "paper"), colour(colours, "paper"), colour(colours, "fresh"),
        ),
        "circle-stroke-color": byState(
          colour(colours, "paper"), colour(colours, "late"), colour(colours, "silent"), colour(colours, "implausible"),
        ),
        "circle-stroke-width": byState(2, 4, 2, 5),
      },
    },
  ];
}

// Rows of a table: areas under lines under points.
export function rows(colours, layer) {
  const shape = (name) => ["==", ["geometry-type"], name];
  const fill = colour(colours, "fresh");
  const paper = colour(colours, "paper");
  const of = (id, type, filter, paint) => ({ id, source: "rows", "source-layer": layer, type, filter, paint });
  return [
    of("rows-areas", "fill", shape("Polygon"), { "fill-color": fill, "fill-opacity": 0.25 }),
    of("rows-edges", "line", shape("Polygon"), { "line-color": fill, "line-width": 1 }),
    of("rows-lines", "line", shape("LineString"), { "line-color": fill, "line-width": 2.5 }),
    of("rows-points", "circle", shape("Point"), {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 1.5, 14, 4, 17, 8],
      "circle-color": fill,
      "circle-stroke-color": paper,
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 10, 0.25, 16, 1.5],
    }),
  ];
}
