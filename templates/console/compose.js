// The sheet of a bulletin: filters its places, and draws on the pack's own outlines. Everything works without it, by names.
"use strict";
(() => {
  const me = document.currentScript;
  const load = (address) => new Promise((done) => {
    const made = document.createElement("script");
    made.src = address;
    made.addEventListener("load", done);
    document.head.append(made);
  });
  let ready = null;
  const leaflet = () => {
    ready = ready || load(me.dataset.leaflet).then(() => load(me.dataset.geoman));
    return ready;
  };
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-filter]")) return;
    event.stopPropagation();
    const wanted = event.target.value.trim().toLowerCase();
    for (const one of event.target.closest("fieldset").querySelectorAll("[data-name]")) {
      one.hidden = Boolean(wanted) && !one.dataset.name.toLowerCase().includes(wanted) && !one.querySelector(":checked");
    }
  }, true);
  document.addEventListener("change", (event) => {
    const into = event.target.dataset.phrase;
    if (!into || !event.target.value) return;
    const field = document.getElementsByName(into)[0];
    field.value = [field.value.trim(), event.target.value].filter(Boolean).join(", ");
    event.target.value = "";
  });
  const boxes = (part, code) => [...part.querySelectorAll("input[type=checkbox]")]
    .filter((one) => one.name === part.dataset.part + ".area" && one.value === code);
  const chosen = (part) => new Set([...part.querySelectorAll("input[type=checkbox]:checked")].map((one) => one.value));
  const drawn = (group) => {
    const shape = { polygons: [], circles: [] };
    group.eachLayer((one) => {
      if (one instanceof L.Circle) shape.circles.push([one.getLatLng().lat, one.getLatLng().lng, one.getRadius() / 1000]);
      else if (one instanceof L.Polygon) {
        const ring = one.getLatLngs()[0].map((at) => [at.lat, at.lng]);
        shape.polygons.push([...ring, ring[0]]);
      }
    });
    return shape.polygons.length + shape.circles.length ? JSON.stringify(shape) : "";
  };
  const open = async (part) => {
    const here = part.querySelector("[data-map]");
    if (here.dataset.open) return;
    here.dataset.open = "yes";
    await leaflet();
    const outlines = await (await fetch("/console/areas.geojson", { credentials: "same-origin" })).json();
    const map = L.map(here, { attributionControl: false, zoomSnap: 0.25 });
    const look = (one) => ({ weight: 1, color: "#5b6670", fillColor: "#12495c",
      fillOpacity: one.properties.root ? 0 : chosen(part).has(one.properties.code) ? 0.55 : 0.06 });
    const ground = L.geoJSON(outlines, { pmIgnore: true, style: look, onEachFeature: (one, layer) => {
      if (one.properties.root) return;
      layer.bindTooltip(one.properties.name);
      layer.on("click", () => {
        if (map.pm.globalDrawModeEnabled()) return;
        for (const box of boxes(part, one.properties.code)) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
      });
    } }).addTo(map);
    if (ground.getBounds().isValid()) map.fitBounds(ground.getBounds());
    else map.setView([0, 0], 2);
    const group = L.featureGroup().addTo(map);
    const field = part.querySelector("input[name$='.shape']");
    const show = (text) => {
      group.clearLayers();
      const shape = text ? JSON.parse(text) : { polygons: [], circles: [] };
      for (const ring of shape.polygons || []) L.polygon(ring, { color: "#b3261e" }).addTo(group);
      for (const [lat, lon, km] of shape.circles || []) L.circle([lat, lon], { radius: km * 1000, color: "#b3261e" }).addTo(group);
    };
    show(field.value);
    map.pm.addControls({ position: "topleft", drawMarker: false, drawCircleMarker: false, drawPolyline: false, drawText: false, cutPolygon: false, rotateMode: false, dragMode: false, editMode: false });
    const ask = () => {
      field.value = drawn(group);
      if (field.value) part.querySelector("[data-drawn]").click();
    };
    map.on("pm:create", (event) => { group.addLayer(event.layer); ask(); });
    map.on("pm:remove", (event) => { group.removeLayer(event.layer); ask(); });
    map.on("click", (event) => {
      if (map.pm.globalDrawModeEnabled() || !event.originalEvent.shiftKey) return;
      part.querySelector("textarea[name$='.points']").value = event.latlng.lat.toFixed(5) + ", " + event.latlng.lng.toFixed(5);
      part.querySelector("select[name$='.datum']").value = "WGS-84";
    });
    part.addEventListener("change", () => ground.setStyle(look));
    part.addEventListener("htmx:afterSwap", (event) => {
      const given = event.target.querySelector("[data-shape]");
      if (given) { field.value = given.value; show(given.value); }
      ground.setStyle(look);
      for (const one of part.querySelectorAll(".found")) if (one !== event.target && one.querySelector(".bad")) one.replaceChildren();
    });
  };
  for (const one of document.querySelectorAll("details.finder")) {
    one.addEventListener("toggle", () => { if (one.open) open(one.closest("[data-part]")); });
  }
})();
