// Bundles what the pages load, from npm packages and our own sources, into src/allmende/web/static/dist.
// Every file carries a hash of its content in its name; manifest.json maps the plain name to it, so that the server
// may call the files unchangeable (Cache-Control: immutable) and templates find them through {% asset %}.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import subsetFont from "subset-font";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = join(root, "node_modules");
const target = join(root, "src/allmende/web/static/dist");
const fontCache = join(root, "node_modules/.cache/allmende");

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await subsetFonts();

const result = await build({
  absWorkingDir: root,
  entryPoints: {
    kern: "frontend/css/kern.css",
    site: "frontend/css/site.css",
    map: "frontend/map.js",
    app: "frontend/app.js",
    maplibre: "maplibre-gl/dist/maplibre-gl.css",
    "map-worker": "maplibre-gl/dist/maplibre-gl-worker.mjs",
  },
  outdir: target,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  metafile: true,
  legalComments: "none", // the licences of all packages stand together in licences.txt
  target: ["chrome111", "firefox115", "safari16"],
  loader: { ".woff2": "file" },
});

writeManifest(result.metafile);
writeLicences(result.metafile);
compress();

// The two weights we use, reduced to Latin letters, punctuation, arrows and the signs of units: 260 kB become about 70.
async function subsetFonts() {
  mkdirSync(fontCache, { recursive: true });
  const ranges = [[0x20, 0x7e], [0xa0, 0x24f], [0x2000, 0x206f], [0x2070, 0x209f], [0x20a0, 0x20bf], [0x2100, 0x214f]];
  ranges.push([0x2190, 0x2199], [0x2200, 0x22ff], [0x3b1, 0x3c9], [0x394, 0x394], [0x3a9, 0x3a9]);
  const text = ranges.map(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => String.fromCodePoint(a + i)).join(""));
  for (const weight of ["Regular", "SemiBold"]) {
    const font = readFileSync(join(packages, `@kern-ux/native/dist/fonts/fira-sans/FiraSans-${weight}.woff2`));
    const subset = await subsetFont(font, text.join(""), { targetFormat: "woff2" });
    writeFileSync(join(fontCache, `fira-${weight.toLowerCase()}.woff2`), subset);
  }
}

function writeManifest(metafile) {
  const manifest = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    const file = basename(path);
    const plain = file.replace(/-[A-Z0-9]{8}(?=\.)/, "");
    if (output.entryPoint || extname(file) === ".woff2" || extname(file) === ".css") manifest[plain] = `dist/${file}`;
  }
  writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 1) + "\n");
}

function writeLicences(metafile) {
  const used = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found && found[1] !== ".cache") used.add(found[1]);
  }
  const parts = ["Fira Sans: Copyright The Mozilla Foundation and Telefonica S.A., SIL Open Font License 1.1,\n"
    + "https://openfontlicense.org. The files here hold a part of its letters."];
  for (const name of [...used].sort()) {
    const folder = join(packages, name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
    parts.push(`${name} ${version} (${license})\n\n${text}`);
  }
  writeFileSync(join(target, "licences.txt"), parts.join(`\n\n${"-".repeat(100)}\n\n`) + "\n");
}

// WhiteNoise hands out the .br or .gz neighbour of a file to browsers that take it.
function compress() {
  for (const file of readdirSync(target)) {
    if (![".js", ".css", ".txt"].includes(extname(file))) continue;
    const path = join(target, file);
    const content = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }));
  }
  const sizes = readdirSync(target).filter((file) => /\.(js|css|woff2)$/.test(file));
  for (const file of sizes.sort()) {
    const raw = statSync(join(target, file)).size;
    const sent = /woff2$/.test(file) ? raw : statSync(join(target, `${file}.br`)).size;
    console.log(`${relative(root, join(target, file)).padEnd(70)} ${String(Math.round(raw / 1024)).padStart(5)} kB ${String(Math.round(sent / 1024)).padStart(5)} kB sent`);
  }
}
