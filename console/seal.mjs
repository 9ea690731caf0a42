// Written into the build: the hash of its sources, and the licences of what it carries.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = join(here, "../src/motet/serve/console");
const CARRIED = ["react", "react-dom", "scheduler", "echarts", "zrender", "tslib"];

function filesUnder(folder) {
  return readdirSync(join(here, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    return statSync(join(here, path)).isDirectory() ? filesUnder(path) : [path];
  });
}

/** Every source, by name in the order of its bytes: name, NUL, content, NUL. */
const names = ["index.html", "package-lock.json", "package.json", "seal.mjs", "tsconfig.json", "vite.config.ts"]
  .concat(filesUnder("src"), filesUnder("public"))
  .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const hash = createHash("sha256");
for (const name of names) hash.update(name).update("\0").update(readFileSync(join(here, name))).update("\0");
writeFileSync(join(out, "console.json"), `${JSON.stringify({ sources: hash.digest("hex"), files: names.length })}\n`);

for (const name of ["index.html", "icon.svg", ...readdirSync(join(out, "assets")).map((each) => `assets/${each}`)]) {
  const text = readFileSync(join(out, name), "utf8");
  if (!text.endsWith("\n")) writeFileSync(join(out, name), `${text}\n`);
}

const notices = CARRIED.map((name) => {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = ["NOTICE", "LICENSE", "LICENSE.txt"].filter((file) => existsSync(join(folder, file)));
  const said = texts.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
  return `${name} ${version} (${license})\n\n${said}\n`;
});
writeFileSync(join(out, "licences.txt"), notices.join(`\n${"-".repeat(78)}\n\n`));
