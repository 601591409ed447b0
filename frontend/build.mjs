// Bundles src/ into the folder named on the command line: site.js on every page, editor.js and editor.css on the page of the SPARQL editor.
import { build } from "esbuild";

const [outdir] = process.argv.slice(2);
if (!outdir) throw new Error("Name the folder to build into: node build.mjs FOLDER");

await build({
  entryPoints: ["src/site.ts", "src/editor.ts"],
  outdir,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2021",
  charset: "utf8",
  legalComments: "eof",
  logLevel: "warning",
});
