import { build, defineConfig, type Plugin } from "vite";

/** After the pages, builds widget.js: one classic script without imports, for other people's sites. */
function widget(): Plugin {
  return {
    name: "sapa-widget",
    apply: "build",
    async closeBundle() {
      await build({
        configFile: false,
        logLevel: "warn",
        build: {
          outDir: "dist",
          emptyOutDir: false,
          target: "es2020",
          lib: { entry: "src/widget/main.ts", formats: ["iife"], name: "SapaWidget", fileName: () => "widget.js" },
        },
      });
    },
  };
}

export default defineConfig({
  base: "/static/",
  plugins: [widget()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["chat.html", "desk.html", "tickets.html", "train.html", "simulator.html", "demo.html"] },
  },
});
