// Builds the page into build/page. Own modules are imported by their room names, as everywhere in LughOS.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  resolve: {
    alias: [
      { find: /^(wire|dashboard)\//, replacement: `${root}$1/` },
      // The bundle that MQTT.js ships for browsers; it brings its own stand-ins for Node's Buffer and streams.
      { find: /^mqtt$/, replacement: `${root}node_modules/mqtt/dist/mqtt.esm.js` },
    ],
  },
  build: {
    outDir: `${root}build/page`,
    emptyOutDir: true,
    target: "es2022",
    // The page's content security policy has no room for inlined files, and modern browsers preload by themselves.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licences.md" },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
});
