import type { CertificateRow, Comparison } from "../types";
import { lowerIsBetter, metricName, number, percent } from "../format";
import { isTwin, repairSaid, wouldTell } from "../repairs";
import { known, useSettings } from "../words";
import { Verdict } from "./common";

interface Standing {
  change: number | null;
  low: number | null;
  high: number | null;
}

/** Return a comparison in parts of its twin, signed so that positive is better. */
export function standing(row: Comparison): Standing {
  const part = (value: number | null) => (value === null || row.twin === null || row.twin === 0 ? null : value / Math.abs(row.twin));
  return { change: part(row.difference), low: part(row.low), high: part(row.high) };
}

function baselineChange(row: CertificateRow): number | null {
  if (row.baseline === null || row.baseline === undefined || row.twin === null || row.twin === 0) return null;
  const change = (row.baseline - row.twin) / Math.abs(row.twin);
  return lowerIsBetter(row.metric) ? -change : change;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Return ends for one axis around all intervals; a single wide one squeezes no other. */
export function commonAxis(rows: CertificateRow[], margin: number): [number, number] {
  const least = 1.5 * margin || 0.01;
  const drawn = rows.map(standing);
  const extents = drawn.map(({ low, high }) => Math.max(Math.abs(low ?? 0), Math.abs(high ?? 0))).filter((extent) => extent > 0);
  const widest = extents.length > 0 ? Math.max(least, 2.5 * median(extents)) : least;
  const low = Math.min(-least, ...drawn.map((each) => Math.max(-widest, each.low ?? 0)));
  const high = Math.max(least, ...drawn.map((each) => Math.min(widest, each.high ?? 0)));
  const pad = 0.04 * (high - low);
  return [low - pad, high + pad];
}

function ticksOf(low: number, high: number): number[] {
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw)!;
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(k * step);
  return found;
}

/** The certificate as a picture: where what ships stands against its twin, on one axis for all tasks. */
export function Forest({ rows, margin }: { rows: Record<string, CertificateRow>; margin: number }) {
  const { say } = useSettings();
  const [low, high] = commonAxis(Object.values(rows), margin);
  const at = (value: number) => `${(100 * (value - low)) / (high - low)}%`;
  const inside = (value: number) => Math.min(high, Math.max(low, value));
  const ticks = ticksOf(low, high);
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 0.01;
  const decimals = Math.max(0, -Math.floor(Math.log10(100 * step) + 1e-9));
  return (
    <figure className="forest" data-testid="forest">
      <ul>
        <li className="axis" aria-hidden="true">
          <span className="who" />
          <svg>
            {ticks.map((tick) => (
              <text key={tick} x={at(tick)} y="14" textAnchor="middle">
                {Math.abs(tick) < 1e-12 ? say("twin_zero") : percent(tick, true, decimals)}
              </text>
            ))}
          </svg>
          <span className="what" />
        </li>
        {Object.entries(rows).map(([task, row]) => {
          const ships = standing(row);
          const repair = repairSaid(row, say);
          const interval = ships.low === null || isTwin(row) ? "" : ` [${percent(ships.low, true)}, ${percent(ships.high, true)}]`;
          const said = ships.change === null ? say("undefined") : `${percent(ships.change, true)}${interval}`;
          const base = baselineChange(row);
          return (
            <li key={task} data-testid={`forest-${task}`}>
              <div className="who">
                <strong>{task}</strong>
                <small className="digits">
                  {metricName(row.metric)} {number(row.twin)} → {number(row.joint)}
                </small>
              </div>
              <svg role="img" aria-label={`${task}: ${row.verdict ? known(say, row.verdict) : ""} ${said}`} className={`verdict v-${(row.verdict ?? "").replace(" ", "-")}`}>
                <rect className="f-margin" x={at(inside(-margin))} width={`${(100 * (0 - inside(-margin))) / (high - low)}%`} y="0" height="100%" />
                {ticks.map((tick) => (
                  <line key={tick} className="f-grid" x1={at(tick)} x2={at(tick)} y1="0" y2="100%" />
                ))}
                <line className="f-zero" x1={at(0)} x2={at(0)} y1="0" y2="100%" />
                {base !== null && <Diamond x={at(inside(base))} beyond={base < low ? "<" : base > high ? ">" : ""} />}
                {repair && row.before && <Interval found={standing(row.before)} y="22%" at={at} inside={inside} ghost low={low} high={high} />}
                <Interval found={ships} y="55%" at={at} inside={inside} low={low} high={high} />
              </svg>
              <div className="what">
                <Verdict verdict={row.verdict} />
                <small className="digits">{said}</small>
                {wouldTell(row, say) && <small>{wouldTell(row, say)}</small>}
                {repair && <small>{row.repair === "twin" && isTwin(row) && !Object.keys(row.repairs ?? {}).length ? say("repaired_twin") : say("repaired", { repair })}</small>}
              </div>
            </li>
          );
        })}
      </ul>
      <figcaption className="legend">
        <span>
          <svg className="verdict v-improved">
            <line className="f-line" x1="4" x2="24" y1="8" y2="8" />
            <circle className="f-dot" cx="14" cy="8" r="4.5" />
          </svg>
          {say("joint_mark")}
        </span>
        <span>
          <svg>
            <rect className="f-margin" x="4" y="1" width="20" height="14" />
          </svg>
          {say("margin_band", { margin: percent(margin, false, 0) })}
        </span>
        <span>
          <svg>
            <line className="f-ghost" x1="4" x2="24" y1="8" y2="8" />
            <circle className="f-ghost-dot" cx="14" cy="8" r="3.5" />
          </svg>
          {say("before_mark")}
        </span>
        <span>
          <svg>
            <path className="f-base" d="M14 3l5 5-5 5-5-5z" />
          </svg>
          {say("baseline_mark")}
        </span>
      </figcaption>
    </figure>
  );
}

interface IntervalProps {
  found: Standing;
  y: string;
  at: (value: number) => string;
  inside: (value: number) => number;
  low: number;
  high: number;
  ghost?: boolean;
}

function Interval({ found, y, at, inside, low, high, ghost }: IntervalProps) {
  if (found.change === null) return null;
  const drawn = found.low !== null && found.high !== null && found.high > found.low;
  return (
    <g>
      {drawn && <line className={ghost ? "f-ghost" : "f-line"} x1={at(inside(found.low!))} x2={at(inside(found.high!))} y1={y} y2={y} />}
      {drawn && !ghost && found.low! < low && <Arrow x={at(low)} y={y} left />}
      {drawn && !ghost && found.high! > high && <Arrow x={at(high)} y={y} />}
      {found.change >= low && found.change <= high && <circle className={ghost ? "f-ghost-dot" : "f-dot"} cx={at(found.change)} cy={y} r={ghost ? 3.5 : 5.5} />}
    </g>
  );
}

function Arrow({ x, y, left }: { x: string; y: string; left?: boolean }) {
  return (
    <svg x={x} y={y} overflow="visible">
      <path className="f-cap" d={left ? "M6-5 0 0 6 5" : "M-6-5 0 0-6 5"} />
    </svg>
  );
}

function Diamond({ x, beyond }: { x: string; beyond: string }) {
  return (
    <svg x={x} y="55%" overflow="visible">
      <path className="f-base" d={beyond === "<" ? "M5-5 0 0 5 5" : beyond === ">" ? "M-5-5 0 0-5 5" : "M0-5.5 5.500 0 0 5.500-5.500 0Z"} />
    </svg>
  );
}
