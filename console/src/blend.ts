/** The service's blend, in the browser: Σ weight · log p, or Σ value · p, less what popularity counts against an item. */

export interface Columns {
  numbers: number[];
  probability: Record<string, number[]>;
  popular: number[];
  preselect: string[];
}

export interface Weighing {
  weights: Record<string, number>;
  mode: "log" | "value";
  popularity: number;
}

export interface Scored {
  /** Place among the candidates. */
  place: number;
  score: number;
  contributions: Record<string, number>;
}

/** No task may veto an item: probabilities are clipped here. */
export const FLOOR = 1e-6;
/** The name under which a penalty on popularity counts. */
export const POPULARITY = "popularity";

/** Return what a task adds to the score. */
export function contribution(weight: number, p: number, mode: "log" | "value"): number {
  return mode === "value" ? weight * p : weight * Math.log(Math.min(Math.max(p, FLOOR), 1));
}

/** Return the weights, or values, within the project's limits that count: all above zero (values: all but zero). */
export function counting(
  weights: Record<string, number>,
  limits: Record<string, { min: number; max: number | null }>,
  mode: "log" | "value",
): Record<string, number> {
  const found = { ...weights };
  for (const [task, { min, max }] of Object.entries(limits)) {
    if (task in weights) found[task] = Math.min(Math.max(weights[task], min), max ?? Infinity);
  }
  return Object.fromEntries(Object.entries(found).filter(([, weight]) => (mode === "value" ? weight !== 0 : weight > 0)));
}

/** Return the k best candidates in the order of the service's list without diversity: by score, rank, catalogue. */
export function ranked(columns: Columns, weighing: Weighing, k: number): Scored[] {
  const { weights, mode, popularity } = weighing;
  const tasks = Object.entries(weights).map(([name, weight]) => ({ name, weight, p: columns.probability[name] }));
  const chosen = tasks.filter(({ name }) => columns.preselect.includes(name));
  const n = columns.numbers.length;
  const score = new Float64Array(n);
  const rank = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const penalty = popularity * columns.popular[i];
    let sum = 0;
    for (const { weight, p } of tasks) sum += contribution(weight, p[i], mode);
    score[i] = sum - penalty;
    rank[i] = -penalty;
    for (const { weight, p } of chosen) rank[i] += weight * (mode === "value" ? p[i] : Math.log(p[i]));
  }
  const order = Array.from({ length: n }, (_, i) => i);
  const numbers = columns.numbers;
  order.sort((a, b) => score[b] - score[a] || rank[b] - rank[a] || numbers[a] - numbers[b]);
  return order.slice(0, k).map((place) => {
    const contributions: Record<string, number> = {};
    for (const { name, weight, p } of tasks) contributions[name] = contribution(weight, p[place], mode);
    if (popularity > 0) contributions[POPULARITY] = -popularity * columns.popular[place];
    return { place, score: score[place], contributions };
  });
}

/** Whether the browser's list is the service's: the same candidates, and nothing that it cannot work out. */
export function foreseeable(
  columns: Columns & { complete: boolean; popularity: number },
  weighing: Weighing,
  diversity: number,
): boolean {
  return (
    columns.complete &&
    diversity === 0 &&
    weighing.popularity === columns.popularity &&
    columns.preselect.some((name) => (weighing.weights[name] ?? 0) > 0)
  );
}
