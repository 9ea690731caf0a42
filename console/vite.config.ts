import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Libraries name pages with explanations in their messages; the console names no other host. */
const noHosts: Plugin = {
  name: "no-hosts",
  renderChunk: (code) => code.replace(/https?:\/\/(?!www\.w3\.org\/)[\w.-]+\.[a-z]+\/?/g, ""),
};

export default defineConfig({
  base: "/console/",
  plugins: [react(), noHosts],
  build: {
    outDir: "../src/motet/serve/console",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
});
