import type { CertificateRow } from "./types";
import { type Say, named } from "./words";

const TWIN = "twin";
const NONE = "none";

/** Return in how many folds each repair was taken; nothing where there are no folds, or none is known of. */
const foldsOf = (row: CertificateRow) => Object.entries(row.repairs ?? {});

const total = (folds: [string, number][]) => folds.reduce((sum, [, count]) => sum + count, 0);

/** Return whether the twin answers a task; over folds, whether it does in most of them. */
export function isRouted(row: CertificateRow): boolean {
  const folds = foldsOf(row);
  return folds.length ? 2 * (row.repairs?.[TWIN] ?? 0) > total(folds) : row.repair === TWIN;
}

/** Return whether what is compared is the twin itself, in every fold, so that there is no interval. */
export function isTwin(row: CertificateRow): boolean {
  const folds = foldsOf(row);
  return folds.length ? folds.every(([rung]) => rung === TWIN) : row.repair === TWIN;
}

/** Return how a task was repaired, over folds in how many of them and how it ships; empty where nothing was. */
export function repairSaid(row: CertificateRow, say: Say): string {
  const folds = foldsOf(row);
  const taken = folds.filter(([rung]) => rung !== NONE).map(([rung, n]) => say("rung_in", { rung: named(say, "rung", rung), n }));
  const ships = named(say, "rung", row.repair ?? NONE);
  if (!taken.length) return row.repair ? ships : "";
  const said = say("of_folds", { taken: taken.join(say("comma")), n: total(folds) });
  return folds.length > 1 ? `${said}${say("semicolon")}${say("repair_ships", { repair: ships })}` : said;
}

const FEWEST = 10;

/** Return what would settle an unclear verdict, in words; empty for others, and where it cannot be known. */
export function wouldTell(row: CertificateRow, say: Say): string {
  if (row.verdict !== "unclear" || row.low === null) return "";
  const n = row.needed ?? 0;
  const seeds = row.needed_seeds ?? 0;
  if (n && n <= FEWEST && !seeds) return say("units_at_least", { n });
  if (foldsOf(row).length) return "";
  if (n && seeds) return say("both_needed", { n: n.toLocaleString("en"), seeds });
  if (n) return say("units_needed", { n: n.toLocaleString("en") });
  return seeds ? say("seeds_needed", { n: seeds }) : say("hardly_told");
}
