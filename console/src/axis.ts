import { lowerIsBetter } from "./format";

/** Return the ends within which a metric can lie; null where it has none. */
export function rangeOf(metric: string | undefined): [number | null, number | null] {
  if (metric === undefined) return [null, null];
  const family = metric.split("@")[0];
  if (family === "qwk") return [-1, 1];
  if (["mae", "rmse", "mse", "log_loss"].includes(family)) return [0, null];
  return [0, 1];
}

/** Return the value of a metric for its score: of errors, training keeps the negative. */
export const fromScore = (metric: string | undefined, score: number): number => (metric !== undefined && lowerIsBetter(metric) ? Math.abs(score) : score);

export interface Ends {
  min: number;
  max: number;
  interval: number;
}

/** Return round ends around values with a few steps between them, within a range. */
export function endsOf(values: number[], [least, most]: [number | null, number | null]): Ends {
  let low = values.length ? Math.min(...values) : 0;
  let high = values.length ? Math.max(...values) : 1;
  if (high - low < 1e-9 * Math.max(1, Math.abs(high))) {
    const around = 0.1 * (Math.abs(high) || 1);
    [low, high] = [low - around, high + around];
  }
  const raw = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const interval = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw * 0.999)!;
  const round = (value: number) => Number(value.toPrecision(12));
  const min = Math.max(least ?? -Infinity, Math.floor(low / interval + 1e-9) * interval);
  const max = Math.min(most ?? Infinity, Math.ceil(high / interval - 1e-9) * interval);
  return { min: round(min), max: round(max), interval: round(interval) };
}
