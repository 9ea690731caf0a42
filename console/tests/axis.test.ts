import { describe, expect, it } from "vitest";
import { endsOf, fromScore, rangeOf } from "../src/axis";

describe("the axis of a metric", () => {
  it.each([
    [[0.93, 1], "auc", 0.92, 1],
    [[1, 1], "auc", 0.9, 1],
    [[0, 0], "ndcg@10", 0, 0.1],
    [[0.41, 1.19], "mae", 0.4, 1.2],
    [[0.02, 0.03], "log_loss", 0.02, 0.03],
    [[-0.2, 0.4], "qwk", -0.2, 0.4],
    [[-3, 5], undefined, -4, 6],
  ])("of %j as %s runs from %d to %d", (values, metric, min, max) => {
    const ends = endsOf(values as number[], rangeOf(metric));
    expect([ends.min, ends.max]).toEqual([min, max]);
    expect((ends.max - ends.min) / ends.interval).toBeLessThan(6);
  });

  it("shows an error as it is, and a score as it is", () => {
    expect([fromScore("mae", -0.4), fromScore("auc", 0.7), fromScore(undefined, -2)]).toEqual([0.4, 0.7, -2]);
  });
});
