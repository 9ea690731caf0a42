import type { CertificateRow } from "./types";
import type { Say } from "./words";

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
  const taken = folds.filter(([rung]) => rung !== NONE).map(([rung, n]) => say("rung_in", { rung, n }));
  if (!taken.length) return row.repair ?? "";
  const said = say("of_folds", { taken: taken.join(say("comma")), n: total(folds) });
  return folds.length > 1 ? `${said}${say("semicolon")}${say("repair_ships", { repair: row.repair ?? say("none") })}` : said;
}
