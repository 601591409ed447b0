// Bundles src/ into the folder named on the command line: site.js for every page, editor.js and editor.css for the page of the SPARQL
// editor; for a site of files also its search (files.js) and the SPARQL engine that runs in the browser (engine.js, oxigraph.wasm).
import { copyFile } from "node:fs/promises";
import { build } from "esbuild";

const [outdir] = process.argv.slice(2);
if (!outdir) throw new Error("Name the folder to build into: node build.mjs FOLDER");

await build({
  entryPoints: ["src/site.ts", "src/editor.ts", "src/files.ts", "src/engine.ts"],
  outdir,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2021",
  charset: "utf8",
  legalComments: "eof",
  logLevel: "warning",
  define: { "import.meta.url": '""' }, // the engine is told where its file lies
});
await copyFile("node_modules/oxigraph/web_bg.wasm", `${outdir}/oxigraph.wasm`);
