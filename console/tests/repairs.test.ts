import { describe, expect, it } from "vitest";
import { isRouted, isTwin, repairSaid, wouldTell } from "../src/repairs";
import type { CertificateRow } from "../src/types";
import { sayer } from "../src/words";

const row = (repair: string | null, repairs?: Record<string, number>) => ({ repair, repairs }) as CertificateRow;

describe("the repairs of a certificate over folds", () => {
  it.each([
    [row(null), false, false, "", ""],
    [row("valve"), false, false, "valve", "阀"],
    [row("twin"), true, true, "twin", "孪生模型"],
    [row(null, { none: 5 }), false, false, "", ""],
    [row("twin", { twin: 5 }), true, true, "twin in 5 of 5 folds", "5 折中 孪生模型 有 5 折"],
    [row(null, { twin: 3, valve: 1, none: 1 }), true, false, "twin in 3, valve in 1 of 5 folds; ships: none", "5 折中 孪生模型 有 3 折、阀 有 1 折；交付：无"],
    [row("twin", { none: 4, twin: 1 }), false, false, "twin in 1 of 5 folds; ships: twin", "5 折中 孪生模型 有 1 折；交付：孪生模型"],
    [row("twin", { none: 2, twin: 2 }), false, false, "twin in 2 of 4 folds; ships: twin", "4 折中 孪生模型 有 2 折；交付：孪生模型"],
  ])("says of $0.repair, $0.repairs in how many", (each, routed, twin, english, chinese) => {
    expect([isRouted(each), isTwin(each)]).toEqual([routed, twin]);
    expect([repairSaid(each, sayer("en")), repairSaid(each, sayer("zh"))]).toEqual([english, chinese]);
  });
});

describe("what would settle an unclear verdict", () => {
  const unclear = (needed: number | null, needed_seeds: number | null, repairs = {}) => ({ verdict: "unclear", low: -1, needed, needed_seeds, repairs }) as unknown as CertificateRow;
  it.each([
    [unclear(null, 3), "about 3 seeds would tell"],
    [unclear(1200, null), "about 1,200 users or rows would tell"],
    [unclear(1280, 32), "about 1,280 users or rows and 32 seeds would tell"],
    [unclear(8, null, { none: 5 }), "at least 8 users or rows are needed"],
    [unclear(1200, null, { none: 5 }), ""],
    [unclear(null, null), "more data would hardly tell"],
    [{ ...unclear(null, 3), verdict: "improved" }, ""],
  ])("is told as the report tells it", (row, said) => {
    expect(wouldTell(row, sayer("en"))).toBe(said);
  });
});
