"use strict";
/* Mercator of the GCJ-02 position of a WGS84 point, as dispatch/geo.py shifts it: tiles
   drawn in GCJ-02 lie under the data, and all coordinates of the page stay WGS84. */
const gcj02 = (() => {
  const { sin, cos, sqrt, abs, PI } = Math;
  const A_M = 6378245.0;
  const E2 = 0.006693421622965943;
  const shifted = ({ lng, lat }) => {
    const [x, y] = [lng - 105, lat - 35];
    const root = sqrt(abs(x));
    const waves = 20 * sin(6 * x * PI) + 20 * sin(2 * x * PI);
    const north_m =
      -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root +
      ((waves + 20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 +
      ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
    const east_m =
      300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root +
      ((waves + 20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 +
      ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
    const phi = (lat * PI) / 180;
    const w2 = 1 - E2 * sin(phi) ** 2;
    const metres_lat = (((A_M * (1 - E2)) / (w2 * sqrt(w2))) * PI) / 180;
    const metres_lng = (((A_M / sqrt(w2)) * cos(phi)) * PI) / 180;
    return L.latLng(lat + north_m / metres_lat, lng + east_m / metres_lng);
  };
  const flat = L.Projection.SphericalMercator;
  return {
    R: flat.R,
    bounds: flat.bounds,
    project: (point) => flat.project(shifted(point)),
    unproject(at) {
      const wanted = flat.unproject(at);
      let found = wanted;
      for (let i = 0; i < 8; i++) {
        const there = shifted(found);
        found = L.latLng(found.lat + wanted.lat - there.lat, found.lng + wanted.lng - there.lng);
      }
      return found;
    },
  };
})();
