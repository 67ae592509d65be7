// Bundles what the pages load from npm packages and our own sources into src/allmende/web/static/dist.
import { mkdirSync } from "node:fs";
mkdirSync("src/allmende/web/static/dist", { recursive: true });
