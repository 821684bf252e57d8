(() => {
  const drawing = JSON.parse(document.getElementById("drawing").textContent);
  const map = window[document.querySelector(".folium-map").id];
  const {
    unpack, element, group, POPUP, pane, symbol, clear, around, take, beside, write, wipe, nameGround, show,
    stop, stops, switches, controls,
  } = ground(drawing, map);
  const { words, places, items, moves, routes, left } = drawing;
  const WIDEST = 22;
  const FAR = 9.5;
  const heaviest = Math.max(1, ...drawing.flows.flat().map(([tonnes]) => tonnes));
  let day = 1;

  /* Words */
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const number = (value) => value.toLocaleString("en-US");
  const tonnes = (kg) => number(Math.round(kg / 100) / 10);
  const units = ([item, quantity]) => `${items[item][0]} ${number(quantity)} ${items[item][quantity === 1 ? 3 : 1]}`;
  const paragraph = (text) => element("p", "", text);
  const title = (place) => {
    const made = element("h2", "");
    made.append(element("bdi", "", place.name));
    if (place.invented) made.append(element("span", "invented", words.invented));
    return made;
  };
  const table = (headings, rows) => {
    const made = element("table", "");
    const head = made.createTHead().insertRow();
    for (const heading of headings) {
      const cell = head.appendChild(element("th", "", heading));
      cell.scope = "col";
    }
    const body = made.createTBody();
    for (const { cells, className } of rows) {
      const row = body.insertRow();
      row.className = className ?? "";
      for (const cell of cells) {
        const made = row.insertCell();
        if (cell instanceof Node) made.append(cell);
        else made.textContent = cell;
        if (typeof cell === "number" || /^[\d,.]+( %)?$/.test(cell)) made.className = "number";
      }
    }
    return made;
  };
  const goodsTable = (goods) => table([words.goods], goods.map((one) => ({ cells: [units(one)] })));
  const bar = (share, floor) => {
    const made = element("div", "bar");
    made.append(element("i", ""));
    made.firstChild.style.width = `${Math.min(100, 100 * share)}%`;
    if (floor) made.appendChild(element("u", "")).style.left = `${Math.min(100, 100 * floor)}%`;
    return made;
  };
  const columns = (place) => {
    const most = Math.max(1, place.before_kg, ...place.kg);
    const made = element("div", "days");
    place.kg.forEach((kg, i) => {
      const one = made.appendChild(element("i", i + 1 === day ? "now" : ""));
      one.style.height = `${(100 * kg) / most}%`;
    });
    made.appendChild(element("u", "")).style.bottom = `${(100 * place.floor_kg) / most}%`;
    return made;
  };

  /* What a place tells of the chosen day */
  const told = {
    depot: (place) => {
      const low = place.kg[day - 1] < place.floor_kg;
      const text = fill(words.stock, { now: tonnes(place.kg[day - 1]), before: tonnes(place.before_kg), floor: tonnes(place.floor_kg) });
      const rows = place.stock.map(([item, before, floor, by_day]) => ({
        cells: [items[item][0], `${number(by_day[day - 1])} ${items[item][1]}`, number(before), number(floor), bar(by_day[day - 1] / Math.max(1, before), floor / Math.max(1, before))],
        className: by_day[day - 1] < floor ? "short" : "",
      }));
      return [paragraph(low ? `${text} · ▲ ${words.below}` : text), columns(place), table([words.item, words.at_hand, words.before, words.floor, words.share], rows)];
    },
    supplier: (place) => {
      const sold = place.sold.filter(([on]) => on === day).map(([, ...one]) => one);
      return [paragraph(sold.length ? words.sold : words.nothing), goodsTable(sold)];
    },
    hub: (place) => [...met(place), ...short(place), shelters(place)],
    shelter: (place) => [paragraph(places[place.hub].name), ...met(place), ...waiting(place)],
  };
  const met = (place) => {
    const rows = place.lines.filter(([, , wanted]) => wanted[day - 1]).map(([item, priority, wanted, brought]) => {
      const share = Math.floor((100 * Math.min(brought[day - 1], wanted[day - 1])) / wanted[day - 1]);
      return { cells: [`${share < 100 ? "▲ " : ""}${items[item][0]}`, priority, `${number(wanted[day - 1])} ${items[item][1]}`, number(brought[day - 1]), `${share} %`], className: share < 100 ? "short" : "" };
    });
    const text = [fill(words.people, { count: number(place.people) }), fill(words.urgent, { share: place.urgent[day - 1] }), fill(words.others, { share: place.others[day - 1] })];
    return [paragraph(text.join(" · ")), table([words.item, words.priority, words.wanted, words.brought, words.share], rows)];
  };
  const short = (place) => {
    const rows = place.short.filter(([, first]) => first <= day).map(([item, first, never, late]) => ({
      cells: [`▲ ${items[item][0]}`, first, number(never), number(late)],
      className: "short",
    }));
    return rows.length ? [table([words.short, words.from_day, words.never, words.late], rows)] : [];
  };
  const waiting = (place) =>
    left.filter((one) => one.day === day && places[one.shelter] === place).flatMap((one) => [
      paragraph(`× ${words.waits}: ${one.goods.map(units).join(", ")}`),
      paragraph(`${words.why}: ${one.why}`),
      paragraph(one.comes ? fill(words.comes, { day: one.comes }) : words.stays),
      ...(one.remedy ? [paragraph(`${words.remedy}: ${one.remedy}`)] : []),
    ]);
  const shelters = (hub) => {
    const row = places.indexOf(hub);
    const mine = places.filter((place) => place.hub === row);
    return table([words.shelters, words.priority + " 1", words.share], mine.map((place) => ({
      cells: [place.name, `${place.urgent[day - 1]} %`, `${Math.min(place.urgent[day - 1], place.others[day - 1])} %`],
      className: place.urgent[day - 1] < 100 ? "short" : "",
    })));
  };
  const page = (parts) => {
    const box = element("div", "");
    box.append(...parts);
    return box;
  };

  /* Places */
  const state = (place) => {
    if (place.kind === "depot") return ` · ${tonnes(place.kg[day - 1])} t`;
    if (place.urgent) return ` · ${place.urgent[day - 1]} %`;
    return "";
  };
  const marks = places.map((place) => {
    const box = element("div", "mark");
    if (place.kind === "depot" || place.kind === "supplier") box.append(symbol(place.kind, "place"));
    if (place.kind === "depot") {
      box.append(element("span", "gauge"));
      box.lastChild.append(element("i", ""), element("u", ""));
    }
    if (place.kind === "hub") box.append(element("b", "pill"));
    if (place.kind === "shelter") {
      box.append(element("span", "tank"));
      box.lastChild.append(element("i", ""));
    }
    const icon = L.divIcon({ html: box, className: "", iconSize: [0, 0] });
    const level = { shelter: 0, supplier: 100, depot: 400, hub: 600 }[place.kind];
    const marker = L.marker(place.at, { icon, zIndexOffset: level, keyboard: place.kind !== "shelter" });
    const label = () => `${place.name}${state(place)}`;
    marker.on("add", () => {
      marker.getElement().setAttribute("aria-label", label());
      if (place.kind === "shelter") marker.getElement().setAttribute("role", "img");
      else stop(marker.getElement(), place.kind);
    });
    marker.bindPopup(() => page([title(place), ...told[place.kind](place)]), POPUP);
    marker.bindTooltip(() => element("div", "", label()), { direction: "top", offset: [0, -9] });
    marker.addTo(group({ depot: "depots", supplier: "suppliers", hub: "hubs", shelter: "shelters" }[place.kind]));
    return { place, marker, box, label };
  });
  group("hubs").addTo(map);
  const waits = (row) => left.some((one) => one.day === day && one.shelter === row);
  const show_state = ({ place, marker, box, label }, row) => {
    if (place.kind === "depot") {
      const most = Math.max(1, place.before_kg, ...place.kg);
      const gauge = box.querySelector(".gauge");
      gauge.firstChild.style.width = `${(100 * place.kg[day - 1]) / most}%`;
      gauge.lastChild.style.left = `${(100 * place.floor_kg) / most}%`;
      gauge.classList.toggle("low", place.kg[day - 1] < place.floor_kg);
    }
    if (place.kind === "hub") {
      const [urgent, others] = [place.urgent[day - 1], place.others[day - 1]];
      const open = place.short.some(([, first, never]) => first <= day && never);
      const told = `${open || urgent < 100 || others < 100 ? "▲ " : ""}${urgent}%`;
      const pill = box.querySelector(".pill");
      pill.textContent = told;
      pill.className = `pill ${urgent < 100 ? "lacking" : others < 100 || open ? "others" : ""}`;
    }
    if (place.kind === "shelter") {
      const tank = box.querySelector(".tank");
      tank.className = `tank ${place.urgent[day - 1] < 100 ? "lacking" : place.others[day - 1] < 100 ? "others" : "whole"}`;
      tank.firstChild.style.height = tank.classList.contains("lacking") ? `${place.urgent[day - 1]}%` : "";
      box.querySelector(".cross")?.remove();
      if (waits(row)) box.append(element("b", "cross", "×"));
    }
    marker.getElement()?.setAttribute("aria-label", label());
  };

  /* To the hubs: roads as wide as what takes them, an arrow for each pair, and a line to click */
  pane("casings", 390, true);
  pane("streams", 395, true);
  pane("routes", 400, false);
  pane("heads", 430, true);
  const canvas = L.canvas({ pane: "routes", tolerance: 5 });
  const halfway = (points) => {
    const lengths = points.slice(1).map((point, i) => map.distance(points[i], point));
    let rest = lengths.reduce((sum, one) => sum + one, 0) * 0.55;
    const at = Math.max(0, lengths.findIndex((one) => (rest -= one) <= 0));
    const [a, b] = [points[at], points[at + 1] ?? points[at]];
    const [p, q] = [a, b].map((point) => map.project(point, 10));
    return [[(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], Math.atan2(q.y - p.y, q.x - p.x)];
  };
  const moveTable = (some) => table(
    [words.vehicle, words.loads, words.leaves, words.arrives, words.goods],
    some.map((one) => ({ cells: [one.vehicle, number(one.loads), one.leave, one.arrive, `${fill(words.tonnes, { t: number(one.t) })}: ${one.goods.map(units).join(", ")}`] }))
  );
  const way = (one) => `${places[one.from].name} → ${places[one.to].name}`;
  const moveWays = new Map();
  const drawFlows = () => {
    group("flows").clearLayers();
    moveWays.clear();
    const shape = { interactive: false, lineCap: "round", lineJoin: "round" };
    for (const [load, lines] of drawing.flows[day - 1]) {
      const weight = Math.max(2, (WIDEST * load) / heaviest);
      L.polyline(lines.map(unpack), { ...shape, pane: "casings", color: "#fff", weight: weight + 3 }).addTo(group("flows"));
      L.polyline(lines.map(unpack), { ...shape, pane: "streams", color: "#0072b2", weight, opacity: 0.8, className: "flow" }).addTo(group("flows"));
    }
    const pairs = new Map();
    for (const one of moves.filter((one) => one.day === day)) {
      const key = `${one.from} ${one.to}`;
      pairs.set(key, [...(pairs.get(key) ?? []), one]);
    }
    for (const some of pairs.values()) {
      const points = unpack(drawing.lines[some[0].line]);
      const track = L.polyline(points, { renderer: canvas, pane: "routes", color: "#0072b2", weight: 9, opacity: 0 });
      const load = some.reduce((sum, one) => sum + one.t, 0);
      const text = `${way(some[0])} · ${fill(words.tonnes, { t: number(Math.round(load * 10) / 10) })}`;
      track.bindTooltip(() => element("div", "", text), { sticky: true });
      track.bindPopup(() => page([element("h2", "", text), moveTable(some)]), POPUP);
      track.on("mouseover", () => track.setStyle({ opacity: 0.35 })).on("mouseout", () => track.setStyle({ opacity: 0 }));
      track.addTo(group("flows"));
      const [at, angle] = halfway(points);
      const head = element("div", "head", "➤");
      head.style.transform = `rotate(${angle}rad)`;
      const icon = L.divIcon({ html: head, className: "", iconSize: [0, 0] });
      L.marker(at, { icon, pane: "heads", interactive: false, keyboard: false }).addTo(group("flows"));
      for (const one of some) moveWays.set(moves.indexOf(one), track);
    }
  };

  /* To the shelters: each vehicle's rounds of the day */
  const LAST = { renderer: canvas, pane: "routes", color: "#3a2f28", weight: 1.8, opacity: 0.85 };
  const routeWays = new Map();
  const roundLines = (route) =>
    route.rounds.flatMap(({ ways, drops }) => {
      if (ways.length) return ways.map((row) => unpack(drawing.ways[row]));
      const hub = places[route.hub].at;
      return [[hub, ...drops.map(([shelter]) => places[shelter].at), hub]];
    });
  const routePage = (route) => {
    const head = [route.name, route.home, fill(words.km, { km: number(route.km) }), fill(words.tonnes, { t: number(route.t) })];
    const rounds = route.rounds.flatMap((one, i) => [
      paragraph(fill(words.round, { number: i + 1, load: one.load, leave: one.leave, back: one.back })),
      table([`${places[route.hub].name} → …`, words.arrives, words.leaves, words.goods], one.drops.map(([shelter, arrive, leave, goods]) => ({
        cells: [places[shelter].name, arrive, leave, goods.map(units).join(", ")],
      }))),
    ]);
    return page([element("h2", "", head.join(" · ")), ...rounds]);
  };
  const drawRoutes = () => {
    group("routes").clearLayers();
    routeWays.clear();
    routes.forEach((route, row) => {
      if (route.day !== day) return;
      const look = route.air ? { ...LAST, color: "#8a3b76", dashArray: "6 5" } : LAST;
      const track = L.polyline(roundLines(route), look);
      track.bindTooltip(() => element("div", "", `${route.name} · ${fill(words.tonnes, { t: number(route.t) })}`), { sticky: true });
      track.bindPopup(() => routePage(route), POPUP);
      track.on("mouseover", () => track.setStyle({ weight: 5 })).on("mouseout", () => track.setStyle({ weight: LAST.weight }));
      routeWays.set(row, track.addTo(group("routes")));
    });
  };

  /* Closures that hold on the day */
  pane("closures", 385, false);
  const hatched = L.svg({ pane: "closures" });
  for (const closure of drawing.closures) {
    const shape = { pane: "closures", renderer: hatched, className: `closure ${closure.effect}` };
    const box = element("div", "mark");
    box.append(symbol(closure.effect, "place"));
    const icon = L.divIcon({ html: box, className: "", iconSize: [0, 0] });
    const parts = [
      ...closure.areas.map((rings) => L.polygon(rings.map(unpack), shape)),
      ...closure.lines.map((line) => L.polyline(unpack(line), { ...shape, fill: false, weight: 5 })),
      L.marker(closure.at, { icon, keyboard: false }),
    ];
    parts.at(-1).on("add", ({ target }) => target.getElement().setAttribute("aria-label", closure.tip));
    parts.at(-1).on("add", ({ target }) => target.getElement().setAttribute("role", "img"));
    for (const part of parts) part.bindTooltip(() => element("div", "", closure.tip));
    closure.layer = L.layerGroup(parts);
  }
  const drawClosures = () => {
    const [begins, ends] = [day > 1 ? drawing.begins[day - 2] : 0, drawing.begins[day - 1] ?? Infinity];
    for (const { from_s, until_s, layer } of drawing.closures)
      layer[from_s < ends && (until_s ?? Infinity) > begins ? "addTo" : "removeFrom"](group("closures"));
  };

  /* The day: slider, player, lists */
  const slider = document.getElementById("time");
  const player = document.getElementById("play");
  const ties = L.layerGroup().addTo(map);
  const ways = [[0, 0]];
  for (const radius of [1, 1.6, 2.3, 3])
    for (let i = 0; i < 12; i++)
      ways.push([Math.round(58 * radius * Math.sin((Math.PI * i) / 6)), Math.round(-22 * radius * Math.cos((Math.PI * i) / 6))]);
  ways.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
  const besidePill = (w, h) => [[31 + w / 2, 0], [-31 - w / 2, 0], [0, 12 + h / 2], [0, -12 - h / 2]];
  const shifted = (shift, spots) => (w, h) => spots(w, h).map(([x, y]) => [x + shift[0], y + shift[1]]);
  /* Set a hub's share where the hub lies, or beside it on a tie */
  const settle = (one, at) => {
    const [dx, dy] = (one.shift = ways.find(([x, y]) => clear(around(at.x + x, at.y + y, 58, 21))) ?? [0, 0]);
    one.box.querySelector(".pill").style.transform = `translate(calc(-50% + ${dx}px), calc(-50% + ${dy}px))`;
    take(around(at.x + dx, at.y + dy, 58, 21));
    if (!dx && !dy) return;
    const thin = { pane: "ties", interactive: false, color: "#1d2429", weight: 1 };
    L.polyline([one.place.at, map.layerPointToLatLng(at.add([dx, dy]))], thin).addTo(ties);
    L.circleMarker(one.place.at, { ...thin, radius: 2.5, fillOpacity: 1 }).addTo(ties);
  };
  const arrange = () => {
    map.getContainer().classList.toggle("far", map.getZoom() < FAR);
    wipe();
    ties.clearLayers();
    const at = (place) => map.latLngToLayerPoint(place.at);
    const of = (kind) => marks.filter(({ place, marker }) => place.kind === kind && map.hasLayer(marker));
    for (const one of of("hub").sort((a, b) => b.place.at[0] - a.place.at[0])) settle(one, at(one.place));
    for (const { place } of of("depot")) take(around(at(place).x, at(place).y + 4, 38, 26));
    if (map.getZoom() >= FAR) for (const { place } of [...of("shelter"), ...of("supplier")]) take(around(at(place).x, at(place).y, 13, 13));
    for (const { place, shift } of of("hub")) write("place", place.name, place.at, shifted(shift, besidePill), 12, true);
    if (map.getZoom() > 8.25) for (const { place } of of("depot")) write("place", place.name, place.at, beside(19), 12, false);
    if (map.getZoom() > 11)
      for (const { place } of [...of("shelter"), ...of("supplier")]) write("place", place.name, place.at, beside(9), 12, false);
    nameGround();
    stops();
  };
  const tell = () => {
    day = Number(slider.value);
    map.closePopup();
    marks.forEach(show_state);
    drawFlows();
    drawRoutes();
    drawClosures();
    const name = `${fill(words.day, { day })} · ${drawing.days[day - 1]}`;
    for (const id of ["clock", "heading"]) document.getElementById(id).textContent = name;
    document.getElementById("state").textContent = drawing.states[day - 1];
    slider.setAttribute("aria-valuetext", `${name}: ${drawing.states[day - 1]}`);
    for (const row of document.querySelectorAll("[data-day]")) row.hidden = Number(row.dataset.day) !== day;
    for (const one of document.querySelectorAll(".rows"))
      one.classList.toggle("empty", !one.querySelector("tbody tr:not([hidden])"));
    for (const one of document.querySelectorAll(".short[data-first]"))
      one.classList.toggle("later", Number(one.dataset.first) > day);
    stops();
  };
  let ticking = null;
  const pause = () => {
    clearInterval(ticking);
    ticking = null;
    player.textContent = "▶";
    player.setAttribute("aria-label", words.play);
  };
  const play = () => {
    if (slider.value === slider.max) slider.value = 1;
    else slider.value = Number(slider.value) + 1;
    tell();
    player.textContent = "⏸";
    player.setAttribute("aria-label", words.pause);
    ticking = setInterval(() => {
      if (slider.value === slider.max) return pause();
      slider.value = Number(slider.value) + 1;
      tell();
    }, 1500);
  };
  slider.addEventListener("input", () => (pause(), tell()));
  player.addEventListener("click", () => (ticking === null ? play() : pause()));

  /* Lists lead to the map */
  const open = (layer, bounds) => {
    if (!layer) return;
    map.closePopup();
    map.getContainer().scrollIntoView({ block: "nearest" });
    map.fitBounds(bounds, { padding: [60, 60], maxZoom: 12, animate: false });
    layer.openPopup();
  };
  const lead = (key, layers, bounds) => {
    for (const button of document.querySelectorAll(`button[data-${key}]`))
      button.addEventListener("click", () => {
        const layer = layers(Number(button.dataset[key]));
        open(layer, layer && bounds(layer));
      });
  };
  for (const button of document.querySelectorAll(".rows button")) stop(button, button.closest("table").id);
  for (const button of document.querySelectorAll("#places button")) stop(button, "places");
  lead("place", (row) => marks[row].marker, (marker) => L.latLngBounds([marker.getLatLng()]));
  lead("move", (row) => moveWays.get(row), (track) => track.getBounds());
  lead("route", (row) => routeWays.get(row), (track) => track.getBounds());

  switches(arrange);
  controls(() => {});
  map.on("moveend zoomend resize", arrange);
  tell();
  arrange();
})();
