import { describe, expect, it } from "vitest";
import { counting, foreseeable, ranked, type Columns, type Weighing } from "../src/blend";
import { withEpoch } from "../src/progress";
import cases from "./blend.json";

interface Case {
  columns: Columns;
  weighing: Weighing;
  order: number[];
  score: number[];
}

describe("the blend", () => {
  it.each(cases as unknown as Case[])("is the service's: $weighing.mode $weighing.weights", ({ columns, weighing, order, score }) => {
    const found = ranked(columns, weighing, order.length);
    expect(found.map(({ place }) => place)).toEqual(order);
    found.forEach((one, place) => {
      expect(one.score).toBeCloseTo(score[place], 9);
      const sum = Object.values(one.contributions).reduce((total, part) => total + part, 0);
      expect(sum).toBeCloseTo(one.score, 9);
    });
  });

  it("holds the project's limits and drops what does not count", () => {
    const limits = { buy: { min: 0.5, max: 1 }, next: { min: 0, max: null } };
    expect(counting({ next: 2, buy: 3, high: 0 }, limits, "log")).toEqual({ next: 2, buy: 1 });
    expect(counting({ next: 2, buy: 0 }, limits, "log")).toEqual({ next: 2, buy: 0.5 });
    expect(counting({ next: -2, buy: 0 }, {}, "value")).toEqual({ next: -2 });
    expect(counting({ next: -2, buy: 20 }, { buy: { min: 0, max: 1 } }, "value")).toEqual({ next: -2, buy: 1 });
  });

  it("is foreseen only where the candidates are the service's", () => {
    const { columns, weighing } = (cases as unknown as Case[])[1];
    const held = { ...columns, complete: true, popularity: 0 };
    expect(foreseeable(held, weighing, 0)).toBe(true);
    expect(foreseeable({ ...held, complete: false }, weighing, 0)).toBe(false);
    expect(foreseeable(held, weighing, 0.1)).toBe(false);
    expect(foreseeable(held, { ...weighing, popularity: 0.5 }, 0)).toBe(false);
    expect(foreseeable(held, { ...weighing, weights: { buy: 1 } }, 0)).toBe(false);
  });

  it("re-ranks a thousand candidates well within a frame", () => {
    const n = 1000;
    const p = Array.from({ length: n }, (_, i) => ((i * 7919) % n) / n + 1e-4);
    const columns = { numbers: p.map((_, i) => i), probability: { next: p, buy: p }, popular: p, preselect: ["next"] };
    const began = performance.now();
    for (let i = 0; i < 20; i++) ranked(columns, { weights: { next: 1, buy: 2 }, mode: "log", popularity: 0 }, 10);
    expect((performance.now() - began) / 20).toBeLessThan(50);
  });
});

describe("a run's progress", () => {
  it("grows the curves, and an epoch told again takes the place of the old", () => {
    const told = (epoch: number, score: number, best = false) => ({ arm: "joint", seed: 0, epoch, best, "score/a": score, "loss/a": null });
    let curves = withEpoch([], told(0, 0.1, true));
    curves = withEpoch(curves, told(1, 0.2, true));
    curves = withEpoch(curves, told(1, 0.3));
    curves = withEpoch(curves, { arm: "a", seed: 0, epoch: 0, best: true, "score/a": 0.5, "score/b": 0.6 });
    expect(curves).toEqual([
      { arm: "joint", seed: 0, epochs: [1, 2], kept: 2, scores: { a: [0.1, 0.3] }, losses: { a: [null, null] } },
      { arm: "a", seed: 0, epochs: [1], kept: 1, scores: { a: [0.5], b: [0.6] }, losses: {} },
    ]);
  });
});
