import type { Curve } from "./types";

/** A line of a run's progress about an epoch; see the service's /v1/runs/{id}/events. */
export interface Progress {
  arm: string;
  seed: number;
  /** From 0. */
  epoch: number;
  best: boolean;
  [column: string]: unknown;
}

/** Return the curves with an epoch; one that was told already takes the place of the old. */
export function withEpoch(curves: Curve[], told: Progress): Curve[] {
  const mine = (curve: Curve) => curve.arm === told.arm && curve.seed === told.seed;
  const old = curves.find(mine) ?? { arm: told.arm, seed: told.seed, epochs: [], kept: null, scores: {}, losses: {} };
  const epoch = told.epoch + 1;
  const at = old.epochs.indexOf(epoch);
  const epochs = at < 0 ? [...old.epochs, epoch] : old.epochs;
  const place = at < 0 ? epochs.length - 1 : at;
  const columns = (prefix: string, before: Record<string, (number | null)[]>) => {
    const names = Object.keys(told).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    return Object.fromEntries(
      [...new Set([...Object.keys(before), ...names])].map((name) => {
        const values = epochs.map((_, each) => before[name]?.[each] ?? null);
        const value = told[prefix + name];
        values[place] = typeof value === "number" ? value : null;
        return [name, values];
      }),
    );
  };
  const made: Curve = {
    ...old,
    epochs,
    kept: told.best ? epoch : old.kept,
    scores: columns("score/", old.scores),
    losses: columns("loss/", old.losses),
  };
  return curves.some(mine) ? curves.map((curve) => (mine(curve) ? made : curve)) : [...curves, made];
}
