// Draws the regions of Korea under a map: those of the country, and when zoomed in those of the provinces in view. Names
// are shown where they fit. Colours the areas of regions, and tells the page around which one was pressed.
(function () {
  const FINE_ZOOM = 12, DISTRICT_ZOOM = 9, TOWN_ZOOM = 12, SIZE = 13, GAP = 6;

  // Browsers keep no files for a page with an opaque origin. The page around it fetches them, once for all maps; its
  // script may come later than this one.
  function load(path) {
    return new Promise((resolve) => {
      let seconds = 1, again;
      (function ask() {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = (event) => { clearTimeout(again); resolve(JSON.parse(event.data)); };
        parent.postMessage({ mapAsset: path }, "*", [port2]);
        again = setTimeout(ask, 1000 * (seconds *= 2));
      })();
    });
  }

  function points(line, unit) {
    const found = [];
    let north = 0, east = 0;
    for (let index = 0; index < line.length; index += 2) {
      north += line[index];
      east += line[index + 1];
      found.push([north * unit, east * unit]);
    }
    return found;
  }

  function layer({ land, towns, borders, unit }, renderer) {
    const options = (className) => ({ renderer, className, interactive: false });
    const read = (line) => points(line, unit);
    return L.layerGroup([
      L.polygon(land.map((rings) => rings.map(read)), options("korea-land")),
      L.polyline((towns || []).map(read), options("korea-town")),
      L.polyline(borders.map(read), options("korea-district")),
    ]);
  }

  function box(map, place, name) {
    const { x, y } = map.latLngToContainerPoint(place);
    const width = SIZE * [...name].reduce((sum, letter) => sum + (letter < "\u1100" ? 0.5 : 1), 0);
    return L.bounds([x - width / 2 - GAP, y - SIZE], [x + width / 2 + GAP, y + SIZE]);
  }

  // By districts, because the box around a province has large parts of others.
  function isInView({ boxes, unit }, view) {
    return boxes.some(([south, west, north, east]) => {
      return view.intersects([[south * unit, west * unit], [north * unit, east * unit]]);
    });
  }

  window.drawKorea = async function (map, path, source) {
    const pane = map.createPane("korea"), names = map.createPane("korea-names");
    pane.style.zIndex = 250; // above the tiles, below the data
    names.style.zIndex = 450; // above points, below clusters
    pane.style.pointerEvents = names.style.pointerEvents = "none";
    const renderer = L.svg({ pane: "korea" });
    const country = await load(path);
    map.attributionControl.addAttribution(source);
    map.getContainer().classList.add("has-outlines");
    const labels = L.layerGroup().addTo(map);
    const provinces = country.provinces.map((province) => ({ ...province, rough: layer(province, renderer) }));

    function show() {
      const view = map.getBounds(), isFine = map.getZoom() >= FINE_ZOOM;
      for (const province of provinces) {
        const wantsFine = isFine && isInView(province, view);
        if (wantsFine && !province.isAsked) {
          province.isAsked = true;
          load(path.replace(/[^/]*$/, province.file)).then((content) => {
            province.fine = layer(content, renderer);
            province.towns = content;
            show();
          });
        }
        const shown = wantsFine && province.fine || province.rough;
        if (shown !== province.shown) {
          province.shown?.remove();
          province.shown = shown.addTo(map);
        }
      }
      showNames(view);
    }

    // The names of greater regions come first, and leave the others what room there is.
    function* candidates() {
      const zoom = map.getZoom();
      for (const { name, names, unit } of provinces) {
        yield* zoom < DISTRICT_ZOOM ? [[name, unit, "province"]] : names.map((name) => [name, unit, "district"]);
      }
      for (const { towns } of zoom < TOWN_ZOOM ? [] : provinces) {
        yield* (towns?.names || []).map((name) => [name, towns.unit, "town"]);
      }
    }

    function showNames(view) {
      const taken = [];
      labels.clearLayers();
      for (const [[name, north, east], unit, kind] of candidates()) {
        const place = L.latLng(north * unit, east * unit), room = box(map, place, name);
        if (!view.contains(place) || taken.some((other) => other.intersects(room))) { continue; }
        taken.push(room);
        const html = document.createElement("span");
        html.textContent = name;
        const icon = L.divIcon({ html, className: `korea-name korea-${kind}-name`, iconSize: [0, 0] });
        L.marker(place, { icon, interactive: false, keyboard: false, pane: "korea-names" }).addTo(labels);
      }
    }

    map.on("moveend", show);
    show();
  };

  // Colours each region of `names` by its step, and explains the steps. Cities are below their districts.
  window.drawAreas = async function (map, paths, { codes, names, texts, steps, legend, title, source }) {
    map.createPane("areas").style.zIndex = 300; // above the land, below its names
    const key = L.control({ position: "bottomright" });
    key.onAdd = () => {
      const box = L.DomUtil.create("div", "area-legend");
      L.DomUtil.create("b", "", box).textContent = title;
      for (const { colour, text } of legend) {
        const line = L.DomUtil.create("div", "", box);
        L.DomUtil.create("i", "", line).style.background = colour;
        L.DomUtil.create("span", "", line).textContent = text;
      }
      return box;
    };
    key.addTo(map);
    map.attributionControl.addAttribution(source);
    const renderer = L.svg({ pane: "areas" });
    const files = await Promise.all(paths.map(load));
    const isCity = (index) => codes[index].endsWith("0"); // it may have districts of its own
    const order = [...codes.keys()].sort((one, other) => isCity(other) - isCity(one));
    const group = L.featureGroup().addTo(map);
    for (const index of order) {
      const { areas, unit } = files.find(({ areas }) => codes[index] in areas);
      const rings = areas[codes[index]].map((polygon) => polygon.map((line) => points(line, unit)));
      const label = document.createElement("span"), name = document.createElement("b");
      name.textContent = names[index];
      label.append(name, document.createElement("br"), texts[index]);
      const area = L.polygon(rings, { renderer, pane: "areas", className: "korea-area",
        fillColor: legend[steps[index]].colour });
      area.bindTooltip(label, { sticky: true }).on("click", () => parent.postMessage({ region: names[index] }, "*"));
      area.addTo(group);
    }
    map.options.zoomSnap = 0.25;
    map.fitBounds(group.getBounds(), { animate: false, padding: [12, 12] });
    map.options.zoomSnap = 1;
    map.getContainer().dataset.areas = order.length; // all are drawn
  };
})();
