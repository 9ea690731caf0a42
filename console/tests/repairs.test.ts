import { describe, expect, it } from "vitest";
import { isRouted, isTwin, repairSaid } from "../src/repairs";
import type { CertificateRow } from "../src/types";
import { sayer } from "../src/words";

const row = (repair: string | null, repairs?: Record<string, number>) => ({ repair, repairs }) as CertificateRow;

describe("the repairs of a certificate over folds", () => {
  it.each([
    [row(null), false, false, "", ""],
    [row("valve"), false, false, "valve", "valve"],
    [row("twin"), true, true, "twin", "twin"],
    [row(null, { none: 5 }), false, false, "", ""],
    [row("twin", { twin: 5 }), true, true, "twin in 5 of 5 folds", "5 折中 twin 有 5 折"],
    [row(null, { twin: 3, valve: 1, none: 1 }), true, false, "twin in 3, valve in 1 of 5 folds; ships: none", "5 折中 twin 有 3 折、valve 有 1 折；交付：无"],
    [row("twin", { none: 4, twin: 1 }), false, false, "twin in 1 of 5 folds; ships: twin", "5 折中 twin 有 1 折；交付：twin"],
    [row("twin", { none: 2, twin: 2 }), false, false, "twin in 2 of 4 folds; ships: twin", "4 折中 twin 有 2 折；交付：twin"],
  ])("says of $0.repair, $0.repairs in how many", (each, routed, twin, english, chinese) => {
    expect([isRouted(each), isTwin(each)]).toEqual([routed, twin]);
    expect([repairSaid(each, sayer("en")), repairSaid(each, sayer("zh"))]).toEqual([english, chinese]);
  });
});
