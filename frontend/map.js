// Maps: a quiet ground of our own, and the things of the list beside it. No tile server, no font server, no third party.
import { Map as MapView, Marker, NavigationControl, Popup, setWorkerUrl } from "maplibre-gl";
import { ground, things } from "./map-style.js";

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

export async function show(element) {
  const stylesheet = document.createElement("link");
  stylesheet.rel = "stylesheet";
  stylesheet.href = element.dataset.css;
  document.head.append(stylesheet);
  setWorkerUrl(element.dataset.worker);
  const [data, town] = await Promise.all([
    json(element.dataset.map),
    element.dataset.ground ? json(element.dataset.ground).catch(() => null) : null,
  ]);
  if (!data.features.length) return;
  element.hidden = false;
  const map = new MapView({
    container: element.querySelector("[data-map-canvas]") ?? element,
    style: styleOf(element, town, data),
    bounds: bounds(data.features),
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
  if (element.dataset.chooses) choosing(map, element);
  else pickable(map, element);
  map.on("load", () => {
    followList(map);
    element.classList.add("al-map--ready");
  });
  const repaint = () => map.setStyle(styleOf(element, town, data));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}
