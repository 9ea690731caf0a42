import { useState } from "react";
import { useAsked } from "../api";
import { compact, duration, lowerIsBetter, metricName, number, percent } from "../format";
import { Chart, axisStyle, colour } from "../parts/chart";
import { Page, Section, Verdict, Wait } from "../parts/common";
import { Forest } from "../parts/forest";
import { isRouted, isTwin, repairSaid, wouldTell } from "../repairs";
import type { Certificate as Held, CertificateRow, Results } from "../types";
import { known, named, useSettings, type Word } from "../words";

export function Certificate() {
  const { say } = useSettings();
  const results = useAsked<Results>("/v1/results");
  return (
    <Page title={say("certificate")} lead={results.data?.certificate ? say("certificate_lead") : undefined} testid="page-certificate">
      <Wait asked={results}>
        {(found) => (
          <>
            {found.certificate ? <Judged certificate={found.certificate} /> : <p data-testid="no-certificate">{say("certificate_none")}</p>}
            <Influence results={found} />
            <LanguagePart results={found} />
            {found.metrics.tasks && <MetricsTable tasks={found.metrics.tasks} judged={found.certificate?.tasks ?? {}} />}
          </>
        )}
      </Wait>
    </Page>
  );
}

function Judged({ certificate }: { certificate: Held }) {
  const { say } = useSettings();
  const rows = Object.entries(certificate.tasks);
  const verdicts = ["improved", "not worse", "unclear", "harmed"] as const;
  const routed = rows.filter(([, row]) => isRouted(row)).length;
  return (
    <>
      <div className="claim" data-testid="claim">
        {verdicts.map((verdict) => (
          <div key={verdict} className={`verdict v-${verdict.replace(" ", "-")}`}>
            <strong>{rows.filter(([, row]) => row.verdict === verdict).length}</strong>
            {say(verdict)}
          </div>
        ))}
        <div className="verdict">
          <strong>{routed}</strong>
          {say("routed")}
        </div>
      </div>
      <div className="card section">
        <Forest rows={certificate.tasks} margin={certificate.margin ?? 0.02} />
      </div>
      {certificate.sharing && <Savings sharing={certificate.sharing} />}
      <Section title={say("as_table")} testid="certificate-table">
        <div className="card scroll">
          <table>
            <thead>
              <tr>
                <th>{say("task_name")}</th>
                <th>{say("metric")}</th>
                <th className="n">{say("twin")}</th>
                <th className="n">{say("joint")}</th>
                <th className="n">{say("difference")}</th>
                <th className="n">{say("interval")}</th>
                <th>{say("verdict")}</th>
                <th>{say("repair")}</th>
                <th className="n">{say("baseline")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(([task, row]) => (
                <Row key={task} task={task} row={row} />
              ))}
            </tbody>
          </table>
        </div>
        <p className="quiet">
          <small>{say("errors_note")}</small>
        </p>
      </Section>
    </>
  );
}

function Row({ task, row }: { task: string; row: CertificateRow }) {
  const { say } = useSettings();
  return (
    <tr data-testid={`certificate-${task}`}>
      <td>
        {task}
        <small>{named(say, "kind", row.kind)}</small>
      </td>
      <td>{metricName(row.metric)}</td>
      <td className="n">{number(row.twin)}</td>
      <td className="n">{number(row.joint)}</td>
      <td className="n">{number(row.difference, true)}</td>
      <td className="n">{isTwin(row) || row.low === null ? "–" : `[${number(row.low, true)}, ${number(row.high, true)}]`}</td>
      <td>
        <Verdict verdict={row.verdict} />
        {wouldTell(row, say) && <small>{wouldTell(row, say)}</small>}
        {row.initial && row.initial !== row.verdict && <small>{say("was", { verdict: known(say, row.initial) })}</small>}
      </td>
      <td>{repairSaid(row, say) || "–"}</td>
      <td className="n">
        {number(row.baseline)}
        {row.baseline_name && <small>{named(say, "baseline", row.baseline_name)}</small>}
      </td>
    </tr>
  );
}

const PAIRS: [Word, string, string, (value: number) => string][] = [
  ["parameters", "parameters", "twin_parameters", compact],
  ["train_time", "train_seconds", "twin_seconds", duration],
  ["latency", "latency_ms", "twin_latency_ms", (value) => `${value.toFixed(1)} ms`],
];

function Savings({ sharing }: { sharing: NonNullable<Held["sharing"]> }) {
  const { say } = useSettings();
  const pairs = PAIRS.map(([name, ours, theirs, show]) => ({ name, ours: sharing[ours], theirs: sharing[theirs], show }));
  return (
    <Section title={say("savings")} testid="savings">
      <div className="cards">
        {pairs.map(({ name, ours, theirs, show }) => {
          if (!ours || !theirs) return null;
          const change = 1 - ours / theirs;
          const share = percent(Math.abs(change), false, 0);
          return (
            <div className="card" key={name}>
              <h3>{say(name)}</h3>
              <p className="big">{Math.abs(change) < 0.005 ? say("same") : say(change > 0 ? "less" : "more", { share })}</p>
              {(
                [
                  ["ships", ours, "j"],
                  ["all_twins", theirs, "t"],
                ] as const
              ).map(([label, value, kind]) => (
                <div className="bar-row" key={label}>
                  <span>{say(label)}</span>
                  <span className="track">
                    <span className={kind} style={{ width: `${(100 * value) / Math.max(ours, theirs)}%` }} />
                  </span>
                  <span className="digits">{show(value)}</span>
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </Section>
  );
}

type Pairs = Record<string, Record<string, number>>;

function Influence({ results }: { results: Results }) {
  const { say } = useSettings();
  const blocks = Object.keys(results.cosines);
  const [chosen, setBlock] = useState<string | null>(null);
  const block = chosen ?? loudest(results.cosines);
  const tasks = Object.keys(results.kinds);
  if (Object.keys(results.affinity).length === 0 && blocks.length === 0) return null;
  const others = Object.entries(results.affinity).flatMap(([a, row]) => Object.entries(row).flatMap(([b, z]) => (a === b ? [] : [Math.abs(z)])));
  const large = Object.values(results.affinity).some((row) => Object.values(row).some((z) => Math.abs(z) > 0.25));
  return (
    <Section title={say("influence")} testid="influence">
      <div className="side-by-side">
        {Object.keys(results.affinity).length > 0 && (
          <div className="card">
            <h3>{say("affinity")}</h3>
            <p className="quiet">
              <small>
                {say("affinity_lead")} {large && say("affinity_note")}
              </small>
            </p>
            <Heat pairs={results.affinity} tasks={tasks} most={Math.max(1e-9, ...others)} scale={100} itself={false} label={say("affinity")} testid="affinity" />
          </div>
        )}
        {block && (
          <div className="card">
            <div className="row apart">
              <h3>{say("cosine")}</h3>
              <select aria-label={say("block")} value={block} onChange={({ target }) => setBlock(target.value)} data-testid="block">
                {blocks.map((each) => (
                  <option key={each} value={each}>
                    {named(say, "block", each)}
                  </option>
                ))}
              </select>
            </div>
            <p className="quiet">
              <small>{say("cosine_lead")}</small>
            </p>
            <Heat pairs={bothWays(results.cosines[block])} tasks={tasks} most={1} scale={1} decimals={2} label={`${say("cosine")} ${named(say, "block", block)}`} testid="cosines" />
          </div>
        )}
      </div>
    </Section>
  );
}

/** Return the block of weights in which the tasks' gradients have most to say to one another. */
function loudest(cosines: Record<string, Pairs>): string | undefined {
  const sizes = Object.entries(cosines).map(([block, pairs]) => {
    const values = Object.values(pairs).flatMap((row) => Object.values(row).map(Math.abs));
    return [block, values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)] as const;
  });
  return sizes.sort((a, b) => b[1] - a[1])[0]?.[0];
}

function bothWays(pairs: Pairs): Pairs {
  const found: Pairs = {};
  for (const [a, row] of Object.entries(pairs)) {
    for (const [b, value] of Object.entries(row)) {
      (found[a] ??= {})[b] = value;
      (found[b] ??= {})[a] = value;
    }
  }
  return found;
}

/** A number for every pair of tasks, coloured by sign and size; the numbers are printed. */
function Heat(props: { pairs: Pairs; tasks: string[]; most: number; scale: number; decimals?: number; itself?: boolean; label: string; testid: string }) {
  const { pairs, tasks, most, scale, label, testid } = props;
  const inside = new Set(Object.entries(pairs).flatMap(([a, row]) => [a, ...Object.keys(row)]));
  const names = tasks.filter((task) => inside.has(task));
  const decimals = props.decimals ?? Math.max(0, Math.min(4, 1 - Math.floor(Math.log10(most * scale))));
  const cells = names.flatMap((a, y) =>
    names.flatMap((b, x) => (pairs[a]?.[b] === undefined ? [] : [[x, y, a === b && props.itself === false ? 0 : Math.max(-most, Math.min(most, pairs[a][b])), pairs[a][b]]])),
  );
  const said = (value: number) => {
    const size = Math.abs(value * scale).toFixed(decimals);
    return Number(size) === 0 ? "0" : `${value < 0 ? "−" : "+"}${size}`;
  };
  const small = names.length > 7;
  return (
    <div className="scroll">
      <div style={{ minWidth: `${6 + names.length * 2.9}rem` }}>
        <Chart
          label={label}
          testid={testid}
          height={60 + names.length * 34}
          of={[pairs]}
          option={() => ({
            grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
            xAxis: { type: "category", data: names, position: "top", ...axisStyle(), axisLabel: { color: colour("soft"), fontSize: 11, rotate: 35, interval: 0 }, splitLine: { show: false } },
            yAxis: { type: "category", data: names, inverse: true, ...axisStyle(), axisLabel: { color: colour("ink"), fontSize: 12, interval: 0 }, splitLine: { show: false } },
            visualMap: { show: false, min: -most, max: most, dimension: 2, inRange: { color: [colour("o1"), colour("card"), colour("joint")] } },
            tooltip: { formatter: ({ data }: { data: number[] }) => `${names[data[1]]} → ${names[data[0]]}  ${said(data[3])}${scale === 100 ? " %" : ""}` },
            series: [
              {
                type: "heatmap",
                data: cells,
                label: { show: true, fontSize: small ? 9.5 : 11, color: colour("ink"), formatter: ({ data }: { data: number[] }) => said(data[3]) },
                itemStyle: { borderColor: colour("card"), borderWidth: 2, opacity: 0.75 },
                emphasis: { itemStyle: { borderColor: colour("soft") } },
              },
            ],
          })}
        />
      </div>
    </div>
  );
}

interface LanguageRow {
  metric?: string;
  without?: number | null;
  with?: number | null;
}

/** What texts brought, where the folder holds a comparison; else by what they were read. */
function LanguagePart({ results }: { results: Results }) {
  const { say } = useSettings();
  if (!results.encoder) return null;
  const held = (results.certificate as { language?: Record<string, LanguageRow> } | null)?.language;
  return (
    <Section title={say("language_added")} testid="language-added">
      {held ? (
        <div className="card scroll">
          <table>
            <thead>
              <tr>
                <th>{say("task_name")}</th>
                <th>{say("metric")}</th>
                <th className="n">{say("without_text")}</th>
                <th className="n">{say("with_text")}</th>
                <th className="n">{say("difference")}</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(held).map(([task, row]) => {
                const change = typeof row.with === "number" && typeof row.without === "number" ? row.with - row.without : null;
                const signed = change !== null && row.metric && lowerIsBetter(row.metric) ? -change : change;
                return (
                  <tr key={task}>
                    <td>{task}</td>
                    <td>{row.metric ? metricName(row.metric) : "–"}</td>
                    <td className="n">{number(row.without)}</td>
                    <td className="n">{number(row.with)}</td>
                    <td className="n">{number(signed, true)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="quiet">{say("language_alone", { name: results.encoder.split(":")[0] })}</p>
      )}
    </Section>
  );
}

function MetricsTable({ tasks, judged }: { tasks: Record<string, Record<string, number | null>>; judged: Record<string, CertificateRow> }) {
  const { say } = useSettings();
  return (
    <Section title={say("metrics")} lead={say(Object.keys(judged).length > 0 ? "metrics_lead" : "metrics_alone")} testid="metrics">
      <div className="cards">
        {Object.entries(tasks).map(([task, metrics]) => (
          <div className="card" key={task}>
            <h3>{task}</h3>
            <dl className="pairs gap">
              {Object.entries(metrics).map(([metric, value]) => (
                <div key={metric} style={{ display: "contents" }}>
                  <dt>{metricName(metric)}</dt>
                  <dd className="digits" style={judged[task]?.metric === metric ? { fontWeight: 600 } : undefined}>
                    {number(value)}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </Section>
  );
}
