"use strict";
/* What every map stands on: the ground and its names, marks that keep clear, ruler and switches. */
const ground = (drawing, map) => {
  /* Flat shifts leave all marks on one layer, which moves as a whole while the map is dragged. */
  L.Browser.ie3d = true;
  const ROADS = { primary: ["#cdc6b9", 1], trunk: ["#b9b1a2", 1.5], motorway: ["#a89f8e", 2.4] };
  const FROM_ZOOM = { city: 0, county: 8.25, motorway: 0, trunk: 8.25, primary: 9.5 };
  const UNTIL_ZOOM = { city: 9.25 };
  const SIZES = { city: 16, county: 12, motorway: 11, trunk: 11, primary: 11 };
  const groups = {};

  const unpack = (line) => {
    const points = [];
    for (let i = 0, lon = 0, lat = 0; i < line.length; i += 2) {
      lon += line[i];
      lat += line[i + 1];
      points.push([lat / drawing.scale, lon / drawing.scale]);
    }
    return points;
  };
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const group = (name) => (groups[name] ??= L.layerGroup());
  const POPUP = { maxWidth: 460, minWidth: 240, maxHeight: 340, autoPanPaddingTopLeft: [54, 12] };
  const pane = (name, level, deaf) => {
    const made = map.createPane(name);
    made.style.zIndex = level;
    if (deaf) made.style.pointerEvents = "none";
    return name;
  };
  const symbol = (name, extra) => {
    const space = document.querySelector("#symbol-" + name).namespaceURI;
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", `icon ${name} ${extra}`);
    svg.setAttribute("viewBox", "-12 -12 24 24");
    svg.append(document.createElementNS(space, "use"));
    svg.firstChild.setAttribute("href", "#symbol-" + name);
    return svg;
  };

  /* Borders and roads */
  const online = drawing.tiles;
  Object.assign(map.options, { minZoom: 5.5, maxZoom: online?.most_zoom ?? 14 });
  if (online?.gcj02) map.options.crs = L.extend({}, L.CRS.EPSG3857, { projection: gcj02 });
  for (const url of online?.urls ?? [])
    L.tileLayer(url, { subdomains: online.subdomains, maxZoom: online.most_zoom }).addTo(map);
  pane("ground", 210, true);
  pane("ties", 440, true);
  pane("labels", 450, true);
  /* Names that have to be read lie above all marks. */
  pane("names", 645, true);
  for (const name of ["labels", "names"]) map.getPane(name).classList.add("leaflet-zoom-hide");
  const still = { pane: "ground", interactive: false };
  const area = (rings) => rings.map((polygon) => polygon.map(unpack));
  for (const county of drawing.borders.counties)
    L.polygon(area(county), { ...still, color: "#dcd6e0", weight: 0.9, fillColor: "#fbfaf7", fillOpacity: online ? 0 : 1 }).addTo(map);
  const roads = {};
  for (const [name, [color, weight]] of Object.entries(ROADS))
    roads[name] = L.polyline(drawing.roads[name].map(unpack), { ...still, color, weight }).addTo(group("roads"));
  group("roads").addTo(map);
  for (const city of drawing.borders.cities)
    L.polygon(area(city), { ...still, color: "#a595ab", weight: 1.6, fill: false }).addTo(map);

  /* Labels take the room that is left */
  const [labels, names] = [map.getPane("labels"), map.getPane("names")];
  group("labels");
  let taken = [];
  const clear = (box) => !taken.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3]);
  const around = (x, y, w, h) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
  const take = (box) => taken.push(box);
  const beside = (gap) => (w, h) => [[gap + w / 2, 0], [-gap - w / 2, 0], [0, gap + h / 2], [0, -gap - h / 2]];
  const anywhere = (gap) => (w, h) => [
    ...beside(gap)(w, h),
    ...[[1, 1], [-1, 1], [1, -1], [-1, -1]].map(([x, y]) => [x * (gap / 2 + w / 2), y * (gap + h / 2)]),
  ];
  const centred = () => [[0, 0]];
  /* A name that is always written stays in sight and covers as little as it can. */
  const loss = (box) => {
    const common = (b, axis) => Math.max(0, Math.min(box[axis + 2], b[axis + 2]) - Math.max(box[axis], b[axis]));
    const { min, max } = map.getPixelBounds();
    const origin = map.getPixelOrigin();
    const seen = [min.x - origin.x, min.y - origin.y, max.x - origin.x, max.y - origin.y];
    const area = (box[2] - box[0]) * (box[3] - box[1]);
    return taken.reduce((sum, b) => sum + common(b, 0) * common(b, 1), area - common(seen, 0) * common(seen, 1));
  };
  const write = (kind, text, at, spots, size, always) => {
    const letters = [...text];
    const room = 16 * size;
    let [shown, width] = ["", 6];
    for (const letter of letters) {
      width += size * (letter > "\u2e80" ? 1.06 : 0.6);
      if (width > room) break;
      shown += letter;
    }
    if (shown !== text) shown += "…";
    const point = map.latLngToLayerPoint(at);
    const boxes = spots(width, size + 3).map(([x, y]) => around(point.x + x, point.y + y, width, size + 3));
    const lost = always ? boxes.map(loss) : [];
    const box = always ? boxes[lost.indexOf(Math.min(...lost))] : boxes.find(clear);
    if (!box) return null;
    take(box);
    const made = element("div", "label " + kind, shown);
    made.style.left = `${Math.round(box[0]) + 3}px`;
    made.style.top = `${Math.round(box[1])}px`;
    (always ? names : labels).append(made);
    return point;
  };
  const wipe = () => {
    labels.replaceChildren();
    names.replaceChildren();
    roads.primary.setStyle({ opacity: map.getZoom() < 8.5 ? 0 : 1 });
    taken = [];
  };
  const nameGround = () => {
    if (!map.hasLayer(group("labels"))) return;
    const view = map.getBounds().pad(0.05);
    const zoom = map.getZoom();
    const numbered = {};
    for (const { kind, text, at } of drawing.labels) {
      if (zoom < FROM_ZOOM[kind] || zoom > (UNTIL_ZOOM[kind] ?? 99) || !view.contains(at)) continue;
      const point = map.latLngToLayerPoint(at);
      const near = (numbered[kind + text] ??= []);
      if (kind in ROADS && (!map.hasLayer(groups.roads) || near.some((other) => other.distanceTo(point) < 170))) continue;
      const spots = kind === "county" ? beside(9) : centred;
      if (write(kind, text, at, spots, SIZES[kind], false)) near.push(point);
    }
  };

  /* Measuring along points that are clicked */
  const measuring = { on: false, points: [], layer: L.layerGroup().addTo(map) };
  const measure = (on) => {
    Object.assign(measuring, { on, points: [] });
    measuring.layer.clearLayers();
    map.getContainer().classList.toggle("measuring", on);
  };
  map.on("click", ({ latlng }) => {
    if (!measuring.on) return;
    const points = measuring.points;
    points.push(latlng);
    measuring.layer.clearLayers();
    const metres = points.slice(1).reduce((sum, point, i) => sum + map.distance(points[i], point), 0);
    const look = { pane: "ties", interactive: false, color: "#1d2429", weight: 2 };
    L.polyline(points, { ...look, dashArray: "6 4" }).addTo(measuring.layer);
    L.circleMarker(latlng, { ...look, radius: 3 })
      .bindTooltip(`${(metres / 1000).toFixed(1)} km`, { permanent: true, direction: "right", className: "length" })
      .addTo(measuring.layer);
  });

  /* One stop of the tab key for all of a kind; arrows lead from one to the next. */
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const stop = (one, kind) => {
    one.dataset.stop = kind;
    one.tabIndex = -1;
  };
  const reachable = (kind) =>
    [...document.querySelectorAll(kind ? `[data-stop="${kind}"]` : "[data-stop]")].filter((one) => !one.closest("[hidden]"));
  const stops = () => {
    const all = reachable();
    const first = {};
    for (const one of all) if (!first[one.dataset.stop] || one.tabIndex === 0) first[one.dataset.stop] = one;
    for (const one of all) one.tabIndex = first[one.dataset.stop] === one ? 0 : -1;
  };
  document.addEventListener("keydown", (event) => {
    const [one, kind] = [event.target, event.target.dataset?.stop];
    if (!kind || !(event.key in STEPS || event.key === "Home" || event.key === "End")) return;
    const all = reachable(kind);
    const next = { Home: 0, End: all.length - 1 }[event.key] ?? all.indexOf(one) + STEPS[event.key];
    if (!all[next]) return;
    event.preventDefault();
    [one.tabIndex, all[next].tabIndex] = [-1, 0];
    all[next].focus();
  });

  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", drawing.words.keys);

  /* A window that a key opens takes the focus, and gives it back. */
  let asked = null;
  map.on("popupopen", ({ popup }) => {
    const content = popup.getElement().querySelector(".leaflet-popup-content");
    content.tabIndex = 0;
    asked = document.activeElement.matches("[data-stop]:focus-visible") ? document.activeElement : null;
    if (asked) content.focus({ preventScroll: true });
  });
  map.on("popupclose", ({ popup }) => {
    if (popup.getElement().contains(document.activeElement)) asked?.focus({ preventScroll: true });
  });

  /* Switches, controls and the first view */
  const whole = () => map.fitBounds(drawing.bounds, { padding: [28, 28], maxZoom: 12, animate: false });
  const show = (layer, seen) => map[seen ? "addLayer" : "removeLayer"](layer);
  const switches = (arrange) => {
    for (const box of document.querySelectorAll("[data-layer]:not([data-of])")) {
      const turn = () => {
        show(group(box.dataset.layer), box.checked);
        arrange();
      };
      box.addEventListener("change", turn);
      if (box.checked) map.addLayer(group(box.dataset.layer));
    }
  };
  const controls = (reset) => {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") reset(), measure(false), map.closePopup();
    });
    const Whole = L.Control.extend({
      onAdd() {
        const bar = element("div", "leaflet-bar");
        const button = bar.appendChild(element("button", "whole", "⤢"));
        button.type = "button";
        button.title = drawing.words.whole_map;
        button.setAttribute("aria-label", button.title);
        button.addEventListener("click", () => (reset(), map.closePopup(), whole()));
        const ruler = bar.appendChild(element("button", "whole ruler", "↔"));
        ruler.type = "button";
        ruler.title = drawing.words.measure;
        ruler.setAttribute("aria-label", ruler.title);
        ruler.addEventListener("click", () => measure(!measuring.on));
        L.DomEvent.disableClickPropagation(bar);
        return bar;
      },
    });
    new Whole({ position: "topleft" }).addTo(map);
    L.control.attribution({ prefix: false }).addAttribution(drawing.words.credit).addAttribution(online?.credit ?? "").addTo(map);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    whole();
  };

  /* Paper shows what the screen shows, made to fit its sheet: a canvas whose size changes stays
     blank, as printing gives no frame to draw in. What is folded up unfolds. */
  const SHEET_MM = [279, 146];
  const folded = [];
  addEventListener("beforeprint", () => {
    folded.push(...document.querySelectorAll("details.paper:not([open])"));
    for (const one of folded) one.open = true;
    const { x, y } = map.getSize();
    const zoom = Math.min(...[x, y].map((px, i) => (SHEET_MM[i] * 96) / 25.4 / px));
    Object.assign(map.getContainer().style, { flex: "none", width: `${x}px`, height: `${y}px`, zoom });
  });
  addEventListener("afterprint", () => {
    for (const one of folded.splice(0)) one.open = false;
    Object.assign(map.getContainer().style, { flex: "", width: "", height: "", zoom: "" });
  });

  return {
    unpack, element, group, POPUP, pane, symbol, clear, around, take, beside, anywhere, centred, write, wipe, nameGround, whole, show,
    stop, stops, switches, controls,
  };
};
