"use strict";
(() => {
  const drawing = JSON.parse(document.getElementById("drawing").textContent);
  const map = window[document.querySelector(".folium-map").id];

  const COLOURS = { main: "#0072b2", assault: "#e69f00", specialist: "#009e73", auxiliary: "#cc79a7" };
  const DASHES = { main: null, assault: "13 8", specialist: "6 4", auxiliary: "14 6 4 6" };
  const {
    unpack, element, group, POPUP, pane, symbol, clear, around, take, beside, anywhere, centred, write, wipe, nameGround, whole, show,
    stop, stops, switches: layers, controls,
  } = ground(drawing, map);

  const popup = (id) => () => {
    const box = element("div", "");
    box.append(document.getElementById(id).content.cloneNode(true));
    return box;
  };
  pane("streams", 395, true);
  pane("routes", 400, false);

  /* Routes and marks */

  const canvas = L.canvas({ pane: "routes", tolerance: 5 });
  const orders = new Map();
  const marks = [];
  const events = [];
  const carried = [];

  const described = (made, id, text) => {
    made.bindPopup(popup(id), POPUP);
    return made.bindTooltip(() => element("div", "", text), { direction: "top", offset: [0, -12] });
  };
  const pressable = (one, kind, name) => {
    stop(one, kind);
    one.setAttribute("role", "button");
    one.setAttribute("aria-label", name);
  };
  const mark = (item, kind, sign, zIndexOffset) => {
    const html = element("div", `mark ${kind}`);
    html.append(sign);
    const icon = L.divIcon({ html, className: "", iconSize: [0, 0] });
    const made = L.marker(item.at, { icon, zIndexOffset });
    const name = item.tip ?? item.name;
    made.on("add", () => pressable(made.getElement(), kind, name));
    return described(made, item.id, name);
  };
  const badge = (id) => document.getElementById(id).content.querySelector(".badge").cloneNode(true);
  /* What is seen is all routes of a tier together, the wider the more teams take a road.
     Full lines lie below, broken ones above, so that a road shared by two tiers shows both.
     Each route by itself can be pointed at, and is seen when it is. */
  const streams = [];
  for (const [tier, flows] of Object.entries(drawing.flows))
    for (const [teams, lines] of flows) {
      const weight = 3 + 1.1 * Math.log2(teams);
      const shape = { pane: "streams", interactive: false, lineCap: "butt" };
      const casing = L.polyline(lines.map(unpack), { ...shape, color: "#fff", weight: weight + 3 });
      const stream = L.polyline(lines.map(unpack), { ...shape, color: COLOURS[tier], weight, dashArray: DASHES[tier] });
      for (const part of [casing, stream]) part.addTo(group("sent-" + tier));
      streams.push(stream);
    }
  /* Points within a line, the middle first */
  const inside = (points) =>
    [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8].map((share) => {
      const at = share * (points.length - 1);
      const [a, b] = [points[Math.floor(at)], points[Math.ceil(at)]];
      return a.map((from, axis) => from + (at % 1) * (b[axis] - from));
    });
  for (const order of drawing.orders) {
    order.tip = `${order.number} ${order.name} → ${order.arrive}`;
    const track = L.polyline(order.lines.map(unpack), { renderer: canvas, pane: "routes", color: COLOURS[order.tier], weight: 6, opacity: 0 });
    const base = mark(order, "order", badge(order.id), 500);
    track.bindPopup(popup(order.id), POPUP);
    track.bindTooltip(() => element("div", "", order.tip), { sticky: true });
    for (const part of [track, base]) {
      part.on("mouseover", () => light(order.id)).on("mouseout", () => light(chosen)).on("click", () => choose(order.id));
    }
    for (const [i, text] of order.carried.entries()) if (text) carried.push({ order, text, spots: inside(unpack(order.lines[i])) });
    orders.set(order.id, { order, track, base });
    marks.push({ item: order, marker: base, kind: "order" });
  }
  for (const incident of drawing.incidents) {
    const marker = mark(incident, "incident", badge(incident.id), 1000);
    events.push({ item: incident, marker, kind: "incident" });
  }
  /* Teams that stay are many: paths of one drawing, which moves as a whole while the map is dragged. */
  pane("staying", 590, false);
  const crowd = L.svg({ pane: "staying" });
  const OUTLINES = {
    main: "m-6.5 0a6.5 6.5 0 1 1 13 0 6.5 6.5 0 1 1-13 0z",
    assault: "m0-7.2 7.5 13.1h-15z",
    specialist: "m-6.1-6.1h12.2v12.2h-12.2z",
    auxiliary: "m0-7.5 7.5 7.5-7.5 7.5-7.5-7.5z",
  };
  const Staying = L.CircleMarker.extend({
    _updatePath() {
      this._renderer._setPath(this, `M${this._point.x} ${this._point.y}${OUTLINES[this.options.tier]}`);
    },
  });
  const staying = ({ id, at, name, symbol: tier }) => {
    const look = { pane: "staying", renderer: crowd, radius: 8, tier, className: `icon place staying ${tier}` };
    const made = new Staying(at, look);
    made.on("add", () => {
      pressable(made.getElement(), "team", name);
      made.getElement().addEventListener("focus", () => map.panInside(at, { padding: [30, 30] }));
    });
    return described(made, id, name);
  };
  const others = [];
  for (const place of drawing.places) {
    const marker = place.layer === "team" ? staying(place) : mark(place, place.layer, symbol(place.symbol, "place"), 0);
    others.push({ item: place, marker: marker.addTo(group("place-" + place.layer)) });
  }

  /* Closures: hatched areas and broken lines, each with a mark */
  pane("closures", 385, false);
  const hatched = L.svg({ pane: "closures" });
  for (const closure of drawing.closures) {
    const shape = { pane: "closures", renderer: hatched, className: `closure ${closure.effect}` };
    const parts = [
      ...closure.areas.map((rings) => L.polygon(rings.map(unpack), shape)),
      ...closure.lines.map((line) => L.polyline(unpack(line), { ...shape, fill: false, weight: 5 })),
    ];
    for (const part of parts) part.bindPopup(popup(closure.id), POPUP);
    closure.marker = mark(closure, "closure", symbol(closure.effect, "place"), 800);
    closure.layer = L.layerGroup([...parts, closure.marker]);
  }

  /* Isochrones around the incidents */
  pane("reach", 380, true);
  const RINGS = [[2.4, null], [2, "9 5"], [2, "2 5"]];
  const rims = [];
  for (const [i, { minutes, areas }] of drawing.reach.entries()) {
    const [weight, dashArray] = RINGS[i % RINGS.length];
    const look = { pane: "reach", interactive: false, color: "#5a3d8a", weight, dashArray, fillOpacity: 0.04 };
    for (const rings of areas) {
      const part = L.polygon(rings.map(unpack), look).addTo(group("reach"));
      const corners = part.getLatLngs()[0];
      const middles = corners.map((at, i) => L.latLngBounds(at, corners[(i + 1) % corners.length]).getCenter());
      const rim = [...corners, ...middles].sort((a, b) => b.lat - a.lat);
      rims.push({ part, rim, text: drawing.words.minutes.replace("{minutes}", minutes) });
    }
  }

  /* The plan before: ways that no team goes any more */
  pane("before", 388, false);
  const faded = L.canvas({ pane: "before", tolerance: 5 });
  for (const { tip, lines } of drawing.before)
    L.polyline(lines.map(unpack), { pane: "before", renderer: faded, color: "#4a4a4a", weight: 3, dashArray: "2 7" })
      .bindTooltip(() => element("div", "", tip), { sticky: true })
      .addTo(group("before"));

  /* Marks keep clear of each other; labels take the room that is left */

  const ties = L.layerGroup().addTo(map);
  const dense = drawing.orders.length > 30;
  const KINDS = { order: { scale: dense ? 0.84 : 1, room: dense ? 21 : 25 }, incident: { scale: 1.35, room: 32 } };
  const ways = [[0, 0]];
  for (const [radius, count] of [[1.04, 8], [1.6, 12]])
    for (let i = 0; i < count; i++)
      ways.push([radius * Math.sin((2 * Math.PI * i) / count), -radius * Math.cos((2 * Math.PI * i) / count)]);

  /* Set a mark where it belongs, or beside it on a tie, or small if there is no room at all. */
  const settle = ({ item, marker, kind }) => {
    const { scale, room } = KINDS[kind];
    const at = map.latLngToLayerPoint(item.at);
    const shifts = ways.map((way) => way.map((d) => Math.round(d * room)));
    const shift = shifts.find(([x, y]) => clear(around(at.x + x, at.y + y, room, room)));
    const [dx, dy] = (item.shift = shift ?? [0, 0]);
    const sign = marker.getElement().querySelector(".badge");
    item.small = shift === undefined && kind === "order";
    sign.classList.toggle("small", item.small);
    const level = item.small ? 0 : 500;
    if (kind === "order" && marker.options.zIndexOffset !== level) marker.setZIndexOffset(level);
    sign.style.transform = `translate(${dx}px, ${dy}px) scale(${scale})`;
    if (item.small) return;
    take(around(at.x + dx, at.y + dy, room, room));
    if (!dx && !dy) return;
    const thin = { pane: "ties", interactive: false, color: "#1d2429", weight: 1 };
    L.polyline([item.at, map.layerPointToLatLng(at.add(item.shift))], thin).addTo(ties);
    L.circleMarker(item.at, { ...thin, radius: 2, fillOpacity: 1 }).addTo(ties);
  };
  /* The minutes of an isochrone stand on its rim, as far north as there is room, if it is large enough. */
  const nameRims = () => {
    if (!map.hasLayer(group("reach"))) return;
    const view = map.getBounds().pad(-0.02);
    for (const { part, rim, text } of rims) {
      const [a, b] = [part.getBounds().getNorthWest(), part.getBounds().getSouthEast()].map((at) => map.latLngToLayerPoint(at));
      if (Math.min(b.x - a.x, b.y - a.y) < 24) continue;
      rim.find((at) => view.contains(at) && write("ring", text, at, centred, 12, false));
    }
  };
  /* What goes by air or rail says so where it does. */
  const nameModes = () => {
    for (const { order, text, spots } of carried) if (order.seen) spots.find((at) => write("carried", text, at, centred, 12, false));
  };
  const shifted = (item, spots) => (w, h) => spots(w, h).map(([x, y]) => [x + item.shift[0], y + item.shift[1]]);

  const stand = (place) => {
    const { x, y } = map.latLngToLayerPoint(place);
    take(around(x, y, 15, 15));
  };
  const arrange = () => {
    wipe();
    ties.clearLayers();
    const alarms = events.filter(({ marker }) => map.hasLayer(marker));
    alarms.forEach(settle);
    for (const { marker, at } of drawing.closures) if (map.hasLayer(marker)) stand(at);
    for (const { item } of alarms) write("event", item.name, item.at, shifted(item, anywhere(18)), 14, true);
    const sent = marks.filter(({ marker }) => map.hasLayer(marker));
    sent.forEach(settle);
    nameRims();
    nameModes();
    for (const { item } of sent.filter(({ item }) => !item.small && (!dense || map.getZoom() > 9)))
      write("arrival", item.arrive, item.at, shifted(item, beside(13)), 12, false);
    for (const { item, marker } of others) if (map.hasLayer(marker)) stand(item.at);
    nameGround();
    stops();
  };

  /* Table: point at a row, choose it, sort */

  let chosen = null;
  let lit = null;
  let apart = false;
  /* Streams and marks step back by style; a route by itself is drawn only while it is pointed at. */
  const light = (id) => {
    const some = apart ? [...orders.keys()] : [lit, id].filter((key) => key !== null);
    lit = id;
    map.getContainer().classList.toggle("dim", id !== null);
    map.getPane("routes").style.opacity = apart || id !== null ? 1 : 0;
    for (const key of some) {
      const { track, base } = orders.get(key);
      track.setStyle({ opacity: key === id ? 1 : !apart ? 0 : id === null ? 0.9 : 0.15 });
      for (const one of [base.options.icon.options.html, rows.get(key)]) one.classList.toggle("lit", key === id);
    }
  };
  /* In a narrow window the list stands below the map and does not scroll by itself. */
  const panel = document.getElementById("panel");
  const aside = () => panel.scrollHeight > panel.clientHeight;
  const choose = (id) => {
    if (chosen !== null) rows.get(chosen).classList.remove("chosen");
    chosen = id;
    if (id !== null) {
      rows.get(id).classList.add("chosen");
      if (aside()) rows.get(id).scrollIntoView({ block: "nearest" });
    }
    light(id);
  };
  const rows = new Map();
  for (const row of document.querySelectorAll("#orders tbody tr")) {
    const id = row.dataset.order;
    const { order, track } = orders.get(id);
    rows.set(id, row);
    stop(row.querySelector("button"), "row");
    row.addEventListener("mouseenter", () => light(id));
    row.addEventListener("mouseleave", () => light(chosen));
    row.addEventListener("focusin", () => light(id));
    row.addEventListener("focusout", () => light(chosen));
    row.addEventListener("click", () => {
      map.closePopup();
      if (chosen === id) return choose(null), whole();
      choose(id);
      map.getContainer().scrollIntoView({ block: "nearest" });
      const bounds = L.latLngBounds([order.at]);
      if (order.lines.length) bounds.extend(track.getBounds());
      map.fitBounds(bounds, { padding: [60, 60], maxZoom: 12 });
    });
  }
  const heads = [...document.querySelectorAll("#orders th")];
  heads.forEach((head, column) =>
    head.firstElementChild.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.sort;
      const sorted = [...rows.values()].sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        return (isNaN(x) || isNaN(y) ? x.localeCompare(y, document.documentElement.lang) : x - y) * (down ? -1 : 1);
      });
      document.querySelector("#orders tbody").append(...sorted);
    })
  );
  /* Switches and the first view */

  group("closures");

  /* An order is seen if its tier, mode, incident and level are all switched on. Streams hold
     all modes, incidents and levels of a tier: as soon as one is off, each way is drawn by itself. */
  const switches = [...document.querySelectorAll("[data-of]")];
  const filter = () => {
    const hidden = { tier: new Set(), mode: new Set(), incident: new Set(), level: new Set() };
    for (const box of switches) if (!box.checked) hidden[box.dataset.of].add(box.value);
    apart = hidden.mode.size + hidden.incident.size + hidden.level.size > 0;
    for (const { order, track, base } of orders.values()) {
      order.seen = Object.entries(hidden).every(([of, values]) => !values.has(order[of]));
      track.setStyle({ opacity: 0 });
      for (const part of [track, base]) show(part, order.seen);
      rows.get(order.id).hidden = !order.seen;
    }
    for (const tier of Object.keys(drawing.flows)) show(group("sent-" + tier), !apart && !hidden.tier.has(tier));
    for (const stream of streams) if (map.hasLayer(stream)) stream.bringToFront();
    for (const { item, marker } of events) show(marker, !hidden.incident.has(item.letter));
    light(chosen);
    tell();
    arrange();
  };
  for (const box of switches) box.addEventListener("change", filter);

  /* Time: where each team is, evenly along each leg; at the end of the scale the whole plan */
  const slider = document.getElementById("time");
  const player = document.getElementById("play");
  const movers = new Map();
  const clock = (seconds) => {
    const minutes = drawing.start[0] * 60 + drawing.start[1] + Math.floor(seconds / 60);
    const days = Math.floor(minutes / 1440);
    const two = (number) => String(number).padStart(2, "0");
    const later = days ? drawing.words.later.replace("{days}", days) : "";
    return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}${later}`;
  };
  const measured = (line) => {
    const points = unpack(line);
    const so_far = [0];
    for (let i = 1; i < points.length; i++) so_far.push(so_far[i - 1] + map.distance(points[i - 1], points[i]));
    return { points, so_far };
  };
  const along = ({ points, so_far }, share) => {
    const gone = share * so_far.at(-1);
    const next = Math.max(1, so_far.findIndex((length) => length >= gone));
    if (next >= points.length) return points.at(-1);
    const part = (gone - so_far[next - 1]) / (so_far[next] - so_far[next - 1] || 1);
    return points[next].map((to, axis) => points[next - 1][axis] + part * (to - points[next - 1][axis]));
  };
  const whereabouts = (order, seconds) => {
    order.ways ??= order.lines.map(measured);
    let at = order.at;
    for (const [i, [start, end]] of order.times.entries()) {
      if (seconds < start) return at;
      if (seconds < end) return along(order.ways[i], (seconds - start) / (end - start));
      at = order.ways[i].points.at(-1);
    }
    return at;
  };
  const mover = (order) => {
    const box = element("div", "mover");
    box.append(symbol(order.tier, "place"));
    pane("movers", 595, true);
    const icon = L.divIcon({ html: box, className: "", iconSize: [0, 0] });
    const made = L.marker(order.at, { icon, pane: "movers", interactive: false, keyboard: false });
    movers.set(order.id, made);
    return made;
  };
  const tell = () => {
    if (!slider) return;
    const seconds = Number(slider.value);
    const running = seconds < Number(slider.max);
    map.getContainer().classList.toggle("playing", running);
    const count = { waiting: 0, moving: 0, there: 0 };
    for (const { order } of orders.values()) {
      if (order.seen) count[seconds < order.depart_s ? "waiting" : seconds < order.arrive_s ? "moving" : "there"] += 1;
      const made = movers.get(order.id) ?? (running ? mover(order) : null);
      if (!made) continue;
      show(made, running && order.seen);
      if (running && order.seen) made.setLatLng(whereabouts(order, seconds));
    }
    const text = drawing.words.state.replace(/\{(\w+)\}/g, (_, key) => count[key]);
    document.getElementById("clock").textContent = clock(seconds);
    document.getElementById("state").textContent = text;
    slider.setAttribute("aria-valuetext", `${clock(seconds)} ${text}`);
    timed();
  };
  const timed = () => {
    const seconds = slider ? Number(slider.value) : Infinity;
    const running = slider && seconds < Number(slider.max);
    const on = (c) => !running || (c.from_s <= seconds && (c.until_s === null || seconds < c.until_s));
    for (const closure of drawing.closures)
      closure.layer[on(closure) ? "addTo" : "removeFrom"](group("closures"));
  };
  let ticking = null;
  const pause = () => {
    clearInterval(ticking);
    ticking = null;
    player.textContent = "▶";
    player.setAttribute("aria-label", drawing.words.play);
  };
  const play = () => {
    if (Number(slider.value) >= Number(slider.max)) slider.value = 0;
    player.textContent = "⏸";
    player.setAttribute("aria-label", drawing.words.pause);
    const begun = performance.now() - (Number(slider.value) / Number(slider.max)) * 20000;
    ticking = setInterval(() => {
      slider.value = ((performance.now() - begun) / 20000) * Number(slider.max);
      tell();
      if (Number(slider.value) >= Number(slider.max)) pause();
    }, 60);
  };
  if (slider) {
    slider.addEventListener("input", () => (pause(), tell()));
    player.addEventListener("click", () => (ticking === null ? play() : pause()));
  }

  layers(arrange);
  controls(() => choose(null));
  map.on("moveend zoomend resize", arrange);
  map.on("zoomstart", () => {
    if (lit !== null) orders.get(lit).track.closeTooltip();
    light(chosen);
  });
  filter();
})();
