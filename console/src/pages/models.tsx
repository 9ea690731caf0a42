import { useState } from "react";
import { ask, useAsked } from "../api";
import { count, moment, number, percent } from "../format";
import { forgetKept } from "../kept";
import { Page, Section, Trouble, Wait } from "../parts/common";
import type { DataHealth, ModelsOut, Results } from "../types";
import { known, named, useSettings, type Say, type Word } from "../words";

export function Models() {
  const { say } = useSettings();
  const models = useAsked<ModelsOut>("/v1/models");
  const results = useAsked<Results>("/v1/results");
  return (
    <Page title={say("models")} lead={say("models_lead")} testid="page-models">
      <Wait asked={models}>
        {(found) => (
          <Versions
            found={found}
            again={() => {
              models.again();
              results.again();
            }}
          />
        )}
      </Wait>
      {results.data?.metrics.data && <Health data={results.data.metrics.data} />}
      {results.data?.metrics.lists && <Lists lists={results.data.metrics.lists} />}
    </Page>
  );
}

function Versions({ found, again }: { found: ModelsOut; again: () => void }) {
  const { say, language } = useSettings();
  const [asking, setAsking] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const earlier = [...found.history].reverse().find(({ version }) => version !== found.serving)?.version;
  const activate = async (which: { version: string } | { path: string }) => {
    setAsking(null);
    setBusy(true);
    setDone("");
    setError(null);
    try {
      const { golden, version } = await ask<{ golden: number; version: string }>("POST", "/v1/models/activate", which);
      setDone(say("activated", { version, golden }));
      forgetKept("playground."); // weights and lists of another model say nothing of this one
      again();
    } catch (reason) {
      setError(reason as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Section testid="versions">
        <div className="card">
          <div className="scroll">
            <table>
              <thead>
                <tr>
                  <th>{say("version")}</th>
                  <th>{say("added")}</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {found.models.map((model) => (
                  <tr key={model.version} data-testid="version" data-version={model.version}>
                    <td>
                      {model.version}
                      <small className="path">{model.path}</small>
                    </td>
                    <td className="moment">{moment(model.added, language)}</td>
                    <td className="n">
                      {model.version === found.serving ? (
                        <span className="pill live" data-testid="serving">
                          {say("serving")}
                        </span>
                      ) : (
                        <Activate name={model.version} asking={asking} busy={busy} setAsking={setAsking} go={() => activate({ version: model.version })} />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="gap row">
            {earlier ? (
              <button type="button" disabled={busy} data-testid="roll-back" onClick={() => setAsking(earlier)}>
                {say("roll_back", { version: earlier })}
              </button>
            ) : (
              <small>{say("no_earlier")}</small>
            )}
            {busy && <small role="status">{say("loading")}</small>}
          </p>
        </div>
        {found.folders?.length > 0 && (
          <div className="card gap" data-testid="folders">
            <h3>{say("never_active")}</h3>
            <small>{say("never_lead")}</small>
            <ul>
              {found.folders.map(({ path, created }) => (
                <li className="run" key={path} data-testid="folder" data-path={path}>
                  <span style={{ marginRight: "auto" }}>{path}</span>
                  <small>{moment(created * 1000, language)}</small>
                  <Activate name={path} asking={asking} busy={busy} setAsking={setAsking} go={() => activate({ path })} />
                </li>
              ))}
            </ul>
          </div>
        )}
        {done && (
          <p className="trouble done gap" role="status" data-testid="activated">
            {done}
          </p>
        )}
        {error && <Trouble error={error} />}
      </Section>
      <Section title={say("past")} testid="past">
        <ol className="card">
          {[...found.history]
            .reverse()
            .slice(0, 20)
            .map((each, place) => (
              <li className="run" key={place}>
                <span>{each.version}</span>
                <small>{moment(each.time, language)}</small>
              </li>
            ))}
        </ol>
      </Section>
    </>
  );
}

/** A button that asks once more before another model takes over. */
function Activate(props: { name: string; asking: string | null; busy: boolean; setAsking: (name: string | null) => void; go: () => void }) {
  const { say } = useSettings();
  if (props.asking !== props.name)
    return (
      <button type="button" disabled={props.busy} data-testid="activate" aria-label={`${say("activate")} ${props.name}`} onClick={() => props.setAsking(props.name)}>
        {say("activate")}
      </button>
    );
  return (
    <span className="row">
      <small>{say("activate_ask", { version: props.name })}</small>
      <button type="button" className="main" data-testid="activate-yes" onClick={props.go}>
        {say("activate")}
      </button>
      <button type="button" onClick={() => props.setAsking(null)}>
        {say("cancel")}
      </button>
    </span>
  );
}

/** Return reasons with their counts, in words. */
function reasons(counts: Record<string, number> | undefined, say: Say): string {
  const entries = Object.entries(counts ?? {});
  return entries.length === 0 ? say("none") : entries.map(([name, n]) => `${known(say, name)} ${count(n)}`).join(", ");
}

function Health({ data }: { data: DataHealth }) {
  const { say } = useSettings();
  return (
    <Section title={say("health")} lead={say("health_lead")} testid="health">
      {data.tables && (
        <div className="card scroll">
          <table data-testid="health-tables">
            <thead>
              <tr>
                {(["table", "rows_read", "rows_kept", "duplicates", "quarantined", "outliers"] as Word[]).map((word, place) => (
                  <th key={word} className={place > 0 && place < 5 ? "n" : undefined}>
                    {say(word)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Object.entries(data.tables).map(([name, each]) => (
                <tr key={name}>
                  <td>{name}</td>
                  <td className="n">{count(each.rows_read)}</td>
                  <td className="n">{count(each.rows)}</td>
                  <td className="n">{count(each.duplicates)}</td>
                  <td className="n">{count(each.quarantined)}</td>
                  <td>{reasons(each.outliers, say)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data.tasks && (
        <div className="card scroll gap">
          <table data-testid="health-labels">
            <thead>
              <tr>
                <th>{say("task_name")}</th>
                <th className="n">{say("train")}</th>
                <th className="n">{say("valid")}</th>
                <th className="n">{say("test")}</th>
                <th>{say("split")}</th>
                <th className="n">{say("coverage")}</th>
                <th>{say("left_out")}</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(data.tasks).map(([name, each]) => {
                const total = Math.max(1, each.train + each.valid + each.test);
                return (
                  <tr key={name}>
                    <td>{name}</td>
                    <td className="n">{count(each.train)}</td>
                    <td className="n">{count(each.valid)}</td>
                    <td className="n">{count(each.test)}</td>
                    <td style={{ verticalAlign: "middle" }}>
                      <span className="split-bar" aria-hidden="true">
                        {(["train", "valid", "test"] as const).map((part) => (
                          <span key={part} className={`p-${part}`} style={{ width: `${(100 * each[part]) / total}%` }} />
                        ))}
                      </span>
                    </td>
                    <td className="n">{percent(each.coverage)}</td>
                    <td className="reasons">{reasons(each.left_out, say)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

/** Return a measure of lists in words, with the places that it is of. */
function called(say: Say, measure: string): string {
  const [family, k] = measure.split("@");
  return `${named(say, "health", family)}${k ? ` @${k}` : ""}`;
}

function Lists({ lists }: { lists: NonNullable<Results["metrics"]["lists"]> }) {
  const { say } = useSettings();
  const tasks = Object.entries(lists).filter(([, measures]) => Object.keys(measures).length > 0);
  if (tasks.length === 0) return null;
  return (
    <Section title={say("lists")} lead={say("lists_lead")} testid="lists-health">
      <div className="cards">
        {tasks.map(([task, measures]) => (
          <div className="card" key={task}>
            <h3>{task}</h3>
            <dl className="pairs worded gap">
              {Object.entries(measures).map(([measure, value]) => (
                <div key={measure} style={{ display: "contents" }}>
                  <dt>{called(say, measure)}</dt>
                  <dd className="digits">{number(value)}</dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </Section>
  );
}
