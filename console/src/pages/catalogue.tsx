import { useEffect, useMemo, useRef, useState } from "react";
import { ask, useAsked } from "../api";
import { count, moment, percent, shown } from "../format";
import { useKept } from "../kept";
import { Chart, axisStyle, colour } from "../parts/chart";
import { Finder, Page, Section, Trouble, Wait } from "../parts/common";
import { findUsers } from "../parts/who";
import type { CatalogueInfo, FoundItem, FoundItems, MapOut, ModelsOut, PredictOut, UserOut } from "../types";
import { useSettings } from "../words";

const COLOURS = ["o0", "o1", "o2", "o3", "o4", "o5", "o7", "o8", "o9"];

export function CatalogueAndUsers({ rest }: { rest: string }) {
  const { say } = useSettings();
  const catalogue = useAsked<CatalogueInfo>("/v1/catalogue");
  const [chosen, setChosen] = useState<string | null>(rest || null);
  useEffect(() => setChosen(rest || null), [rest]);
  return (
    <Page title={say("catalogue")} testid="page-catalogue">
      <Wait asked={catalogue}>
        {(info) => (
          <>
            <div className="side-by-side">
              <ItemSearch chosen={chosen} choose={setChosen} />
              <ItemMap info={info} chosen={chosen} choose={setChosen} />
            </div>
            <Users info={info} choose={setChosen} />
          </>
        )}
      </Wait>
    </Page>
  );
}

function ItemSearch({ chosen, choose }: { chosen: string | null; choose: (item: string | null) => void }) {
  const { say } = useSettings();
  const [words, setWords] = useState("");
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const wait = setTimeout(() => setSettled(words), 150);
    return () => clearTimeout(wait);
  }, [words]);
  const items = useAsked<FoundItems>(`/v1/items?take=12&q=${encodeURIComponent(settled)}`);
  return (
    <Section title={say("items")} testid="items">
      <div className="card">
        {chosen && <ItemDetail id={chosen} choose={choose} />}
        <div className="field">
          <label htmlFor="find-items">{say("find_items")}</label>
          <input id="find-items" type="search" value={words} placeholder={say("find_items_hint")} data-testid="find-items" onChange={({ target }) => setWords(target.value)} />
        </div>
        <Wait asked={items}>
          {({ items: found, total }) => (
            <>
              <p className="quiet gap">
                <small role="status">{say("found", { n: count(total) })}</small>
              </p>
              <ul data-testid="found-items">
                {found.map((item) => (
                  <li className="run found" key={item.id}>
                    <button type="button" className="link" data-testid="found-item" onClick={() => choose(item.id)}>
                      {item.title} {item.title !== item.id && <small>{item.id}</small>}
                    </button>
                    <small>{item.available ? say("events_of", { n: count(item.events) }) : say("not_available")}</small>
                  </li>
                ))}
              </ul>
            </>
          )}
        </Wait>
      </div>
    </Section>
  );
}

function ItemDetail({ id, choose }: { id: string; choose: (item: string | null) => void }) {
  const { say } = useSettings();
  const article = useRef<HTMLElement>(null);
  const [found, setFound] = useState<{ item: FoundItem; near: (FoundItem & { similarity: number })[] } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    (async () => {
      try {
        setError(null);
        const path = `/v1/items/${encodeURIComponent(id)}/similar?k=8`;
        const { items: near } = await ask<{ items: { item: string; similarity: number }[] }>("GET", path, undefined, stop.signal);
        const ids = [id, ...near.map(({ item }) => item)];
        const { items } = await ask<FoundItems>("POST", "/v1/items/look-up", { items: ids }, stop.signal);
        const byId = new Map(items.map((item) => [item.id, item]));
        const known = near.flatMap(({ item, similarity }) => (byId.has(item) ? [{ ...byId.get(item)!, similarity }] : []));
        setFound({ item: byId.get(id)!, near: known });
      } catch (reason) {
        if (!stop.signal.aborted) setError(reason as Error);
      }
    })();
    return () => stop.abort();
  }, [id]);
  const shownId = found?.item.id;
  useEffect(() => {
    article.current?.scrollIntoView({ block: "nearest" }); // in braces: some browsers return a promise
  }, [shownId]);
  if (error) return <Trouble error={error} />;
  if (!found || found.item.id !== id) return <p className="quiet">{say("loading")}</p>;
  const { item, near } = found;
  return (
    <article ref={article} data-testid="item" style={{ marginBottom: "1.25rem", scrollMarginTop: "5rem" }}>
      <div className="row apart" style={{ flexWrap: "nowrap", alignItems: "flex-start" }}>
        <h3 className="big">{item.title}</h3>
        <button type="button" className="bare" aria-label={say("close")} onClick={() => choose(null)}>
          ×
        </button>
      </div>
      <dl className="pairs gap">
        <dt>id</dt>
        <dd>{item.id}</dd>
        {Object.entries(item.attributes).map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">
        <small>{item.available ? say("events_of", { n: count(item.events) }) : say("not_available")}</small>
      </p>
      <h3 className="gap">{say("neighbours")}</h3>
      <ol data-testid="neighbours">
        {near.map((each) => (
          <li className="bar-row" key={each.id} style={{ gridTemplateColumns: "minmax(0, 1fr) 5rem auto" }}>
            <button type="button" className="link" onClick={() => choose(each.id)}>
              {each.title}
            </button>
            <span className="track">
              <span className="j" style={{ width: `${100 * Math.max(0, each.similarity)}%` }} />
            </span>
            <span className="digits">{each.similarity.toFixed(2)}</span>
          </li>
        ))}
      </ol>
    </article>
  );
}

function ItemMap({ info, chosen, choose }: { info: CatalogueInfo; chosen: string | null; choose: (item: string) => void }) {
  const { say } = useSettings();
  const columns = Object.entries(info.columns).filter(([, { kind }]) => kind !== "number");
  const [by, setBy] = useState(columns.find(([, { distinct }]) => distinct <= 30)?.[0] ?? columns[0]?.[0] ?? "");
  const map = useAsked<MapOut>(`/v1/map${by ? `?by=${encodeURIComponent(by)}` : ""}`);
  const groups = useMemo(() => (map.data ? grouped(map.data.label) : []), [map.data]);
  const drawn = map.data;
  return (
    <Section title={say("map")} testid="map">
      <div className="card">
        <div className="row apart">
          <div className="row">
            <label htmlFor="by" className="quiet">
              <small>{say("colour_by")}</small>
            </label>
            <select id="by" value={by} data-testid="colour-by" onChange={({ target }) => setBy(target.value)}>
              <option value="">{say("no_colour")}</option>
              {columns.map(([name]) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </div>
          {drawn && <small data-testid="map-size">{say("map_sample", { n: count(drawn.items.length), total: count(drawn.total) })}</small>}
        </div>
        {map.error && <Trouble error={map.error} again={map.again} />}
        {drawn && (
          <>
            <Chart
              testid="map-chart"
              label={`${say("map")}: ${say("map_sample", { n: drawn.items.length, total: drawn.total })}`}
              height={460}
              of={[drawn, chosen]}
              onPick={(place) => choose(drawn.items[place])}
              option={() => ({
                animation: false,
                grid: { left: 4, right: 4, top: 12, bottom: 4 },
                xAxis: { type: "value", scale: true, ...axisStyle(), axisLabel: { show: false }, axisLine: { show: false } },
                yAxis: { type: "value", scale: true, ...axisStyle(), axisLabel: { show: false }, axisLine: { show: false } },
                tooltip: {
                  formatter: ({ dataIndex }: { dataIndex: number }) =>
                    drawn.titles[dataIndex].slice(0, 80) + (drawn.label[dataIndex] ? `\n${drawn.label[dataIndex]}` : ""),
                },
                series: [
                  {
                    type: "scatter",
                    large: false,
                    data: drawn.items.map((item, place) => ({
                      value: [drawn.x[place], drawn.y[place]],
                      symbolSize: item === chosen ? 16 : drawn.items.length > 1500 ? 5 : 8,
                      itemStyle: {
                        color: colour(colourOf(groups, drawn.label[place], Boolean(by))),
                        opacity: item === chosen ? 1 : 0.72,
                        borderColor: item === chosen ? colour("ink") : undefined,
                        borderWidth: item === chosen ? 2 : 0,
                      },
                    })),
                  },
                ],
              })}
            />
            {by && (
              <p className="legend gap" data-testid="map-legend">
                {groups.map((value, place) => (
                  <span key={value}>
                    <span className={`swatch ${COLOURS[place]}`} aria-hidden="true" />
                    {value}
                  </span>
                ))}
                <span>
                  <span className="swatch o6" aria-hidden="true" />
                  {say("other_values")}
                </span>
              </p>
            )}
            <small>{say("map_lead", { share: percent(drawn.explained[0] + drawn.explained[1], false, 0) })}</small>
          </>
        )}
      </div>
    </Section>
  );
}

/** Return the commonest values, as many as there are colours. */
function grouped(labels: (string | null)[]): string[] {
  const counts = new Map<string, number>();
  for (const label of labels) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, COLOURS.length).map(([value]) => value);
}

function colourOf(groups: string[], label: string | null, coloured: boolean): string {
  if (!coloured) return "o0";
  const place = label === null ? -1 : groups.indexOf(label);
  return place < 0 ? "o6" : COLOURS[place];
}

function Users({ info, choose }: { info: CatalogueInfo; choose: (item: string) => void }) {
  const { say } = useSettings();
  const [user, setUser] = useKept("catalogue.user", "");
  const [done, setDone] = useState("");
  return (
    <Section title={say("users")} testid="users">
      <div className="card">
        <div style={{ maxWidth: "24rem" }}>
          <Finder
            label={say("user")}
            hint={say("user_hint")}
            find={findUsers}
            free
            initial={user}
            choose={({ value }) => {
              setUser(value);
              setDone("");
            }}
            testid="find-user"
          />
        </div>
        {done && (
          <p className="trouble done gap" role="status" data-testid="forgotten">
            {done}
          </p>
        )}
        {user && (
          <OneUser
            key={user}
            user={user}
            info={info}
            choose={choose}
            gone={(said) => {
              setUser("");
              setDone(said);
            }}
          />
        )}
      </div>
    </Section>
  );
}

interface HeldEvent {
  item: string | null;
  what: string;
  time: number | null;
  logged: boolean;
}

const LATEST = 100;

/** Return what is held of a user, the latest first. */
function eventsOf(held: UserOut, behaviour: string | null): HeldEvent[] {
  const learned = (held.learned.events ?? []).map((event) => {
    const rest = Object.entries(event).filter(([name, value]) => !["item", "time", behaviour].includes(name) && value !== null);
    const said = [behaviour && event[behaviour], ...rest.map(([name, value]) => `${name} ${shown(value)}`)].filter(Boolean);
    return { item: event.item as string | null, what: said.join(", "), time: event.time as number | null, logged: false };
  });
  const logged = held.events.map((event) => ({
    item: event.item,
    what: [event.behaviour, event.text].filter(Boolean).join(", "),
    time: event.time,
    logged: true,
  }));
  return [...learned, ...logged].reverse();
}

function OneUser({ user, info, choose, gone }: { user: string; info: CatalogueInfo; choose: (item: string) => void; gone: (said: string) => void }) {
  const { say, language } = useSettings();
  const held = useAsked<UserOut>(`/v1/users/${encodeURIComponent(user)}`);
  const [items, setItems] = useState<Map<string, FoundItem>>(new Map());
  const events = useMemo(() => (held.data ? eventsOf(held.data, info.behaviour) : []), [held.data, info.behaviour]);
  useEffect(() => {
    const ids = [...new Set(events.flatMap(({ item }) => (item === null ? [] : [item])))].slice(0, 1000);
    if (ids.length === 0) return;
    const stop = new AbortController();
    ask<FoundItems>("POST", "/v1/items/look-up", { items: ids }, stop.signal)
      .then((found) => setItems(new Map(found.items.map((item) => [item.id, item]))))
      .catch(() => {});
    return () => stop.abort();
  }, [events]);
  return (
    <div className="gap" data-testid="one-user">
      <Wait asked={held}>
        {(found) => (
          <>
            <div className="row apart">
              <h3 className="big">{user}</h3>
              <Forget user={user} gone={gone} />
            </div>
            {Object.entries({ ...found.learned.profile, ...found.profile }).some(([, value]) => value !== null) && (
              <dl className="pairs gap" data-testid="profile">
                {Object.entries({ ...found.learned.profile, ...found.profile }).map(([name, value]) => (
                  <div key={name} style={{ display: "contents" }}>
                    <dt>{name}</dt>
                    <dd>{shown(value)}</dd>
                  </div>
                ))}
              </dl>
            )}
            <div className="side-by-side gap">
              <Interests user={user} info={info} events={events} items={items} />
              <div>
                <div className="row apart">
                  <h3>{say("held_events")}</h3>
                  <small>{say("latest", { n: Math.min(LATEST, events.length), total: count(events.length) })}</small>
                </div>
                <div className="scroll" style={{ maxHeight: "26rem", overflow: "auto" }} tabIndex={0} role="region" aria-label={say("held_events")}>
                  <table data-testid="events">
                    <thead>
                      <tr>
                        <th>{say("when")}</th>
                        <th>{say("what")}</th>
                        <th>{say("items")}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {events.slice(0, LATEST).map((event, place) => (
                        <tr key={place}>
                          <td>
                            {event.time === null ? "–" : event.time > 1e11 ? moment(event.time, language) : shown(event.time)}
                            <small>{say(event.logged ? "logged_events" : "learned_events")}</small>
                          </td>
                          <td>{event.what || "–"}</td>
                          <td>
                            {event.item === null ? (
                              "–"
                            ) : (
                              <button type="button" className="link" onClick={() => (choose(event.item!), scrollTo({ top: 0 }))}>
                                {items.get(event.item)?.title ?? event.item}
                              </button>
                            )}
                          </td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              </div>
            </div>
          </>
        )}
      </Wait>
    </div>
  );
}

/** What a user's items are like, and what the tasks about interests predict. */
function Interests({ user, info, events, items }: { user: string; info: CatalogueInfo; events: HeldEvent[]; items: Map<string, FoundItem> }) {
  const { say } = useSettings();
  const models = useAsked<ModelsOut>("/v1/models");
  const [predicted, setPredicted] = useState<[string, string][]>([]);
  const columns = Object.entries(info.columns).filter(([, { kind, distinct }]) => kind !== "number" && kind !== "flag" && distinct > 1);
  const [chosen, setColumn] = useState<string | null>(null);
  const column = chosen ?? columns[0]?.[0];
  useEffect(() => {
    const tasks = Object.entries(models.data?.tasks ?? {}).filter(([, { sources }]) => sources.length === 1 && sources[0] === "history");
    let stopped = false;
    Promise.all(
      tasks
        .filter(([, { output }]) => output !== "ranking")
        .map(async ([task]): Promise<[string, string]> => {
          const { predictions } = await ask<PredictOut>("POST", `/v1/predict/${encodeURIComponent(task)}`, { users: [user] });
          const { label, probability, value } = predictions[0];
          const sure = probability === null ? "" : percent(probability, false, 0);
          return [task, label !== null ? `${label} (${sure})` : value !== null ? shown(value) : sure];
        }),
    )
      .then((found) => !stopped && setPredicted(found))
      .catch(() => {});
    return () => {
      stopped = true;
    };
  }, [user, models.data]);
  const counts = new Map<string, number>();
  for (const { item } of events) {
    const value = item === null ? null : items.get(item)?.attributes[column];
    for (const each of Array.isArray(value) ? value : [value]) if (each) counts.set(String(each), (counts.get(String(each)) ?? 0) + 1);
  }
  const top = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 10);
  return (
    <div data-testid="interests">
      <div className="row apart">
        <h3>{say("interests")}</h3>
        {columns.length > 1 && (
          <select aria-label={say("interests")} value={column} onChange={({ target }) => setColumn(target.value)} data-testid="interest-column">
            {columns.map(([name]) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </div>
      <small>{say("interests_lead")}</small>
      {top.map(([value, n]) => (
        <div className="bar-row" key={value}>
          <span>{value}</span>
          <span className="track">
            <span className="j" style={{ width: `${(100 * n) / top[0][1]}%` }} />
          </span>
          <span className="digits">{n}</span>
        </div>
      ))}
      {predicted.length > 0 && (
        <>
          <h3 className="gap">{say("predicted")}</h3>
          <dl className="pairs" data-testid="predicted">
            {predicted.map(([task, said]) => (
              <div key={task} style={{ display: "contents" }}>
                <dt>{task}</dt>
                <dd>{said}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  );
}

/** Erases a user, after asking twice. */
function Forget({ user, gone }: { user: string; gone: (said: string) => void }) {
  const { say } = useSettings();
  const dialog = useRef<HTMLDialogElement>(null);
  const [step, setStep] = useState<0 | 1 | 2>(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const forget = async () => {
    setBusy(true);
    try {
      const found = await ask<{ events: number; models: string[] }>("DELETE", `/v1/users/${encodeURIComponent(user)}`);
      dialog.current?.close();
      gone(say("forgotten", { user, events: found.events, models: found.models.length }));
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  return (
    <>
      <button
        type="button"
        className="danger"
        data-testid="forget"
        onClick={() => {
          setStep(1);
          setError(null);
          dialog.current?.showModal();
        }}
      >
        {say("forget")}
      </button>
      <dialog ref={dialog} aria-label={say("forget")} data-testid="forget-dialog" onClose={() => setStep(0)}>
        <div className="stack-y">
          <h2>{say("forget")}</h2>
          <p aria-live="polite">{say(step === 2 ? "forget_again" : "forget_ask", { user })}</p>
          {error && <Trouble error={error} />}
          <div className="row">
            {step === 2 ? (
              <button type="button" key="yes" className="danger" disabled={busy} data-testid="forget-yes" onClick={forget}>
                {say(busy ? "loading" : "forget_yes")}
              </button>
            ) : (
              <button type="button" key="on" data-testid="forget-go-on" onClick={() => setStep(2)}>
                {say("forget_go_on")}
              </button>
            )}
            <button type="button" autoFocus data-testid="forget-cancel" onClick={() => dialog.current?.close()}>
              {say("cancel")}
            </button>
          </div>
        </div>
      </dialog>
    </>
  );
}
