// Maps: a quiet ground of our own, and the things of the list beside it. No tile server, no font server, no third party.
import { Map as MapView, Marker, NavigationControl, Popup, setWorkerUrl } from "maplibre-gl";
import { ground, rows, things } from "./map-style.js";

const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;

// The words of MapLibre's own controls, taken from the page so that they follow its language.
function words(element) {
  return {
    "NavigationControl.ZoomIn": element.dataset.zoomIn,
    "NavigationControl.ZoomOut": element.dataset.zoomOut,
    "Map.Title": element.dataset.title,
    "Popup.Close": element.dataset.close,
  };
}

function bounds(features) {
  const box = [180, 90, -180, -90];
  for (const { geometry } of features) {
    const [lon, lat] = geometry.coordinates;
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

async function json(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

function styleOf(element, town, data) {
  const colours = getComputedStyle(element);
  return {
    version: 8,
    sources: {
      ...(town && { town: { type: "geojson", data: town } }),
      things: { type: "geojson", data, promoteId: "code" },
    },
    layers: [...ground(colours, Boolean(town)), ...things(colours)],
  };
}

function popupFor({ properties }) {
  const box = document.createElement("div");
  const link = document.createElement("a");
  link.href = properties.page;
  link.textContent = properties.name;
  link.className = "kern-link";
  const line = document.createElement("p");
  line.textContent = properties.summary || properties.state_words;
  box.append(link, line);
  return box;
}

// Pointing at a row of the list marks its place on the map.
function followList(map) {
  let marked;
  const mark = (code) => {
    if (marked) map.setFeatureState({ source: "things", id: marked }, { marked: false });
    marked = code;
    if (code) map.setFeatureState({ source: "things", id: code }, { marked: true });
  };
  for (const row of document.querySelectorAll("[data-thing]")) {
    for (const name of ["mouseenter", "focusin"]) row.addEventListener(name, () => mark(row.dataset.thing));
    for (const name of ["mouseleave", "focusout"]) row.addEventListener(name, () => mark());
  }
}

function pickable(map, element) {
  const popup = new Popup({ closeButton: true, maxWidth: "16rem", locale: words(element) });
  map.on("click", "things", (event) => {
    popup.setLngLat(event.features[0].geometry.coordinates).setDOMContent(popupFor(event.features[0])).addTo(map);
  });
  map.on("mouseenter", "things", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "things", () => { map.getCanvas().style.cursor = ""; });
}

// A field for a place (latitude, longitude): pressing on the map writes it, and what is written stands on the map.
function choosing(map, element) {
  const field = document.getElementById(element.dataset.chooses);
  const mark = new Marker({ color: getComputedStyle(element).getPropertyValue("--kern-color-action-default") || "#171a2b" });
  const read = () => {
    const [lat, lon] = field.value.split(/[,;\s]+/).map(Number);
    const somewhere = field.value.trim() && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
    if (somewhere) mark.setLngLat([lon, lat]).addTo(map);
    else mark.remove();
  };
  map.getCanvas().style.cursor = "crosshair";
  map.on("click", ({ lngLat }) => {
    field.value = `${lngLat.lat.toFixed(5)}, ${lngLat.lng.toFixed(5)}`;
    read();
  });
  field.addEventListener("input", read);
  read();
}

// The rows of a table, from its vector tiles: pressing one shows what stands in it.
function rowsStyle(element, town) {
  const colours = getComputedStyle(element);
  const { tiles, box, layer } = element.dataset;
  return {
    version: 8,
    sources: {
      ...(town && { town: { type: "geojson", data: town } }),
      rows: { type: "vector", tiles: [location.origin + tiles], bounds: box.split(",").map(Number), maxzoom: 16 },
    },
    layers: [...ground(colours, Boolean(town)), ...rows(colours, layer)],
  };
}

function rowFor({ properties }, names) {
  const list = document.createElement("dl");
  list.className = "al-map__row";
  for (const [name, value] of Object.entries(properties)) {
    if (name === "_id" || list.childElementCount >= 8) continue;
    const line = document.createElement("div");
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = names[name] ?? name;
    text.textContent = value;
    line.append(term, text);
    list.append(line);
  }
  return list;
}

function pickRows(map, element) {
  const names = JSON.parse(element.dataset.names || "{}");
  const popup = new Popup({ closeButton: true, maxWidth: "20rem", locale: words(element) });
  let shown;
  for (const layer of ["rows-points", "rows-lines", "rows-areas"]) {
    map.on("click", layer, (event) => {
      if (shown === event.originalEvent) return; // a point upon an area: the point is what was meant
      shown = event.originalEvent;
      popup.setLngLat(event.lngLat).setDOMContent(rowFor(event.features[0], names)).addTo(map);
    });
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
}

function boxOf(text) {
  const [west, south, east, north] = text.split(",").map(Number);
  return [[west, south], [east, north]];
}

export async function show(element) {
  const stylesheet = document.createElement("link");
  stylesheet.rel = "stylesheet";
  stylesheet.href = element.dataset.css;
  document.head.append(stylesheet);
  setWorkerUrl(element.dataset.worker);
  const tiled = Boolean(element.dataset.tiles);
  const [data, town] = await Promise.all([
    tiled ? null : json(element.dataset.map),
    element.dataset.ground ? json(element.dataset.ground).catch(() => null) : null,
  ]);
  if (!tiled && !data.features.length) return;
  element.hidden = false;
  const style = () => (tiled ? rowsStyle(element, town) : styleOf(element, town, data));
  const map = new MapView({
    container: element.querySelector("[data-map-canvas]") ?? element,
    style: style(),
    bounds: tiled ? boxOf(element.dataset.box) : bounds(data.features),
    fitBoundsOptions: { padding: 48, maxZoom: 15 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: false,
    scrollZoom: false,
    fadeDuration: reduced ? 0 : 200,
    locale: words(element),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.getCanvas().setAttribute("aria-label", element.dataset.title);
  if (tiled) pickRows(map, element);
  else if (element.dataset.chooses) choosing(map, element);
  else pickable(map, element);
  map.on("load", () => {
    followList(map);
    element.classList.add("al-map--ready");
  });
  const repaint = () => map.setStyle(style());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}
