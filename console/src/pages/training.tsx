import { useEffect, useState } from "react";
import { ask, follow, useAsked } from "../api";
import { endsOf, fromScore, rangeOf } from "../axis";
import { metricName, moment, number } from "../format";
import { useKept } from "../kept";
import { Chart, axisStyle, colour } from "../parts/chart";
import { Page, Section, Trouble, Wait } from "../parts/common";
import { type Progress, withEpoch } from "../progress";
import type { Curve, Run, RunCurves } from "../types";
import { type Word, useSettings } from "../words";

const COLOURS = ["o0", "o1", "o2", "o3"];

export function Training() {
  const { say, language } = useSettings();
  const runs = useAsked<{ runs: Run[] }>("/v1/runs");
  const [chosen, setChosen] = useKept<string[] | null>("training.chosen", null);
  const [losses, setLosses] = useKept("training.losses", false);
  const { again } = runs;
  useEffect(() => {
    const timer = setInterval(again, 5000);
    return () => clearInterval(timer);
  }, [again]);
  const shown = chosen ?? (runs.data?.runs.length ? [runs.data.runs[0].name] : []);
  return (
    <Page title={say("training")} lead={say("training_lead")} testid="page-training">
      <Wait asked={runs}>
        {({ runs: found }) =>
          found.length === 0 ? (
            <p className="quiet" data-testid="no-runs">
              {say("runs_none")}
            </p>
          ) : (
            <>
              <Section title={say("runs")} lead={found.length > 1 ? say("compare_hint") : undefined} testid="runs">
                <ul className="card">
                  {found.map((run) => (
                    <li className="run" key={run.name} data-testid="run" data-run={run.name}>
                      <label>
                        <input
                          type="checkbox"
                          checked={shown.includes(run.name)}
                          disabled={!shown.includes(run.name) && shown.length >= COLOURS.length}
                          onChange={({ target }) => setChosen(target.checked ? [...shown, run.name] : shown.filter((name) => name !== run.name))}
                        />
                        {shown.includes(run.name) && <span className={`swatch ${COLOURS[shown.indexOf(run.name)]}`} aria-hidden="true" />}
                        {run.name}
                      </label>
                      <small>{moment(run.created * 1000, language)}</small>
                      <span className={run.state === "running" ? "pill live" : "pill"} data-testid="run-state">
                        {say(run.state)}
                      </span>
                    </li>
                  ))}
                </ul>
              </Section>
              <Curves runs={found.filter(({ name }) => shown.includes(name))} order={shown} losses={losses} setLosses={setLosses} />
            </>
          )
        }
      </Wait>
    </Page>
  );
}

function Curves(props: { runs: Run[]; order: string[]; losses: boolean; setLosses: (losses: boolean) => void }) {
  const { say } = useSettings();
  const { held, steps, errors } = useCurves(props.runs);
  const runs = props.order.flatMap((name) => (held[name] ? [held[name]] : []));
  const tasks = [...new Set(runs.flatMap(({ curves }) => curves.flatMap((curve) => Object.keys(props.losses ? curve.losses : curve.scores))))];
  return (
    <Section testid="curves">
      <div className="row apart">
        <div className="legend" style={{ margin: 0 }}>
          {runs.length < 2 ? (
            [...new Set(runs.flatMap((run) => run.curves.map((curve) => armOf(run, curve))))].map((arm) => (
              <Key key={arm} name={say(arm)} colour={arm === "joint" ? "joint" : "twin"} dashed={arm !== "joint"} />
            ))
          ) : (
            runs.map(({ name, score }, place) => (
              <Key key={name} name={score === null ? name : `${name} · ${say("overall")} ${number(score)}`} colour={COLOURS[place]} />
            ))
          )}
        </div>
        <div className="toggle" style={{ minWidth: "16rem" }}>
          {[false, true].map((each) => (
            <label key={String(each)}>
              <input type="radio" name="what" checked={props.losses === each} data-testid={each ? "show-losses" : "show-scores"} onChange={() => props.setLosses(each)} />
              {say(each ? "show_losses" : "show_scores")}
            </label>
          ))}
        </div>
      </div>
      {Object.values(errors).map((error) => (
        <Trouble key={error.message} error={error} />
      ))}
      {props.runs
        .filter(({ state }) => state === "running")
        .map(({ name }) => (
          <p key={name} className="gap" data-testid="progress" role="status">
            <span className="pill live">{say("live")}</span>{" "}
            <small>
              {name}: {steps[name] ? say("training_now", { ...steps[name], epoch: steps[name].epoch + 1 }) : say("waiting")}
            </small>
          </p>
        ))}
      {tasks.length === 0 && runs.length > 0 && <p className="quiet gap">{say("no_curves")}</p>}
      <div className="cards gap">
        {tasks.map((task) => (
          <div className="card" key={task} data-testid={`curve-${task}`}>
            <div className="row apart">
              <h3>
                {task} <small data-testid={`metric-${task}`}>{props.losses ? say("show_losses") : metricName(metricOf(runs, task) ?? "")}</small>
              </h3>
              <Latest task={task} runs={runs} losses={props.losses} />
            </div>
            <TaskChart task={task} runs={runs} losses={props.losses} />
          </div>
        ))}
      </div>
    </Section>
  );
}

function Key({ name, colour: own, dashed }: { name: string; colour: string; dashed?: boolean }) {
  return (
    <span>
      <svg width="24" height="10" aria-hidden="true">
        <line x1="0" x2="24" y1="5" y2="5" stroke={`var(--${own})`} strokeWidth="2.5" strokeDasharray={dashed ? "5 3" : undefined} />
      </svg>
      {name}
    </span>
  );
}

/** Where the first run stands. */
function Latest({ task, runs, losses }: { task: string; runs: RunCurves[]; losses: boolean }) {
  const { say } = useSettings();
  const curve = runs[0] && drawnOf(runs[0], task, true).at(-1);
  const values = curve && (losses ? curve.losses : curve.scores)[task];
  if (!curve || !values) return null;
  const last = values.at(-1);
  const value = losses || last === null || last === undefined ? last : fromScore(metricOf(runs, task), last);
  const told = { pass: curve.epochs.at(-1) ?? 0, value: number(value) };
  return (
    <small className="digits" data-testid={`latest-${task}`}>
      {say("latest_pass", told)}
    </small>
  );
}

/** Return what a task's scores are, as the first of the runs that knows it says. */
const metricOf = (runs: RunCurves[], task: string): string | undefined => runs.map(({ metrics }) => metrics?.[task]).find(Boolean);

/** A run's curves of a task: the joint model's and the twin's, or, to compare, only what the run is about. */
function drawnOf(run: RunCurves, task: string, compared: boolean): Curve[] {
  const joint = run.curves.some(({ arm }) => arm === "joint");
  return run.curves.filter(({ arm }) => arm === "joint" || (arm === task && !(joint && compared)));
}

/** A task's curves: of one run the joint model and the twin, of several the joint models, or what was trained alone. */
function TaskChart({ task, runs, losses }: { task: string; runs: RunCurves[]; losses: boolean }) {
  const { say, language } = useSettings();
  const several = runs.length > 1;
  const metric = metricOf(runs, task);
  const series = runs.flatMap((run, place) =>
    drawnOf(run, task, several).flatMap((curve) => {
      const data = pointsOf(curve, task, losses, metric);
      const own = several ? COLOURS[place] : curve.arm === "joint" ? "joint" : "twin";
      return data.length ? [{ data, own, name: `${run.name}: ${say(armOf(run, curve))}, ${curve.seed}`, kept: curve.kept }] : [];
    }),
  );
  const ends = endsOf(series.flatMap(({ data }) => data.map(([, value]) => value)), losses ? [null, null] : rangeOf(metric));
  const points = runs.reduce((sum, run) => sum + run.curves.reduce((n, curve) => n + curve.epochs.length, 0), 0);
  return (
    <Chart
      height={215}
      label={say("curve_label", { task, runs: runs.map(({ name }) => name).join(", ") })}
      of={[points, losses, runs.map(({ name }) => name).join("\n"), task, metric, language]}
      option={() => ({
        grid: { left: 4, right: 12, top: 12, bottom: 24, containLabel: true },
        xAxis: { type: "value", min: 1, minInterval: 1, name: say("pass_axis"), nameLocation: "middle", nameGap: 22, ...axisStyle(), splitLine: { show: false } },
        yAxis: { type: "value", ...ends, ...axisStyle() },
        tooltip: {
          trigger: "item",
          formatter: ({ seriesName, data }: { seriesName: string; data: number[] }) => `${seriesName}\n${say("pass")} ${data[0]}: ${number(data[1])}`,
        },
        series: series.map(lineOf),
      })}
    />
  );
}

/** Return what a curve is called. A twin is one only beside a joint model. */
const armOf = (run: RunCurves, { arm }: Curve): Word => (arm === "joint" ? "joint" : run.curves.some((each) => each.arm === "joint") ? "twin" : "alone");

function pointsOf(curve: Curve, task: string, losses: boolean, metric: string | undefined): [number, number][] {
  const values = (losses ? curve.losses : curve.scores)[task] ?? [];
  return curve.epochs.flatMap((epoch, place): [number, number][] => {
    const value = values[place];
    return value === null || value === undefined ? [] : [[epoch, losses ? value : fromScore(metric, value)]];
  });
}

function lineOf({ data, own, name, kept }: { data: [number, number][]; own: string; name: string; kept: number | null }) {
  return {
    type: "line",
    name,
    data,
    showSymbol: true,
    symbol: "circle",
    symbolSize: ([epoch]: number[]) => (epoch === kept ? 9 : data.length === 1 ? 6 : 3),
    lineStyle: { color: colour(own), width: 2, type: own === "twin" ? "dashed" : "solid" },
    itemStyle: { color: colour(own) },
    emphasis: { focus: "series" },
  };
}

/** The curves of some runs; those under way grow as the service tells of them. */
function useCurves(runs: Run[]) {
  const [held, setHeld] = useState<Record<string, RunCurves>>({});
  const [steps, setSteps] = useState<Record<string, { arm: string; seed: number; epoch: number; done: number; total: number }>>({});
  const [errors, setErrors] = useState<Record<string, Error>>({});
  const key = JSON.stringify(runs.map(({ name, state }) => [name, state]));
  useEffect(() => {
    const stop = new AbortController();
    for (const [name, state] of JSON.parse(key) as [string, Run["state"]][]) {
      const path = `/v1/runs/${encodeURIComponent(name)}`;
      ask<RunCurves>("GET", path, undefined, stop.signal)
        .then((found) => {
          setHeld((before) => ({ ...before, [name]: found }));
          setErrors(({ [name]: _, ...rest }) => rest);
          if (state !== "running") return;
          const told = (data: Record<string, unknown>) => {
            if (data.event === "step") setSteps((before) => ({ ...before, [name]: data as unknown as (typeof before)[string] }));
            if (data.event === "epoch")
              setHeld((before) => {
                const { metrics, curves, ...rest } = before[name];
                const said = { ...metrics, ...(data.metrics as Record<string, string> | undefined) };
                return { ...before, [name]: { ...rest, metrics: said, curves: withEpoch(curves, data as unknown as Progress) } };
              });
          };
          void follow(`${path}/events`, told, stop.signal);
        })
        .catch((reason: Error) => !stop.signal.aborted && setErrors((before) => ({ ...before, [name]: reason })));
    }
    return () => stop.abort();
  }, [key]);
  return { held, steps, errors };
}
