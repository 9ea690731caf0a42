import { useEffect, useMemo, useRef, useState } from "react";
import { ask, useAsked } from "../api";
import { counting, foreseeable, ranked, type Weighing } from "../blend";
import { useKept } from "../kept";
import { Page, Slider, Trouble } from "../parts/common";
import { FilterPanel, type Filters, toRequest as filtersToRequest } from "../parts/filters";
import { type Listed, RankedItems, objectiveColour, useObjective } from "../parts/list";
import { NOBODY, type Who, WhoPanel, toRequest as whoToRequest } from "../parts/who";
import type { CandidatesOut, CatalogueInfo, FoundItems, ListOut } from "../types";
import { type Say, type Word, named, useSettings } from "../words";

interface Dials {
  /** Null: as the service weighs by itself. */
  weights: Record<string, number> | null;
  popularity: number | null;
  diversity: number;
  k: number;
}

interface Shown {
  items: Listed[];
  source: ListOut["source"];
  settled: boolean;
}

const FRESH: Dials = { weights: null, popularity: null, diversity: 0, k: 10 };
const LONGEST = { log: 3, value: 10 };

/** Move a slider, and the list follows: at once by the browser's own blend, then as the service answers. */
export function Playground() {
  const { say, language } = useSettings();
  const catalogue = useAsked<CatalogueInfo>("/v1/catalogue");
  const info = catalogue.data;
  const [who, setWho] = useKept<Who>("playground.who", NOBODY);
  const [filters, setFilters] = useKept<Filters>("playground.filters", {});
  const [excluded, setExcluded] = useKept<{ item: string; title: string }[]>("playground.excluded", []);
  const [seen, setSeen] = useKept<"auto" | "mask" | "allow">("playground.seen", "auto");
  const [dials, setDials] = useKept<Dials>("playground.dials", FRESH);
  const [kept, setKept] = useKept<Listed[] | null>("playground.kept", null);
  const [folded, setFolded] = useKept("playground.folded", false);
  const objective = useObjective();

  const question = useMemo(
    () => ({
      ...whoToRequest(who),
      filters: info ? filtersToRequest(filters, info.columns) : {},
      exclude: excluded.map(({ item }) => item),
      seen,
    }),
    [who, filters, excluded, seen, info],
  );
  const { candidates, shown, error, timing } = useLists(question, dials, language);
  const mode = candidates?.mode ?? "log";
  const weights = dials.weights ?? candidates?.weights ?? {};
  const tasks = candidates?.may_count ?? [];
  const set = (part: Partial<Dials>) => setDials((before) => ({ ...before, ...part }));

  return (
    <Page title={say("playground")} lead={say("playground_lead")} testid="page-playground">
      <div className="play">
        <div className="panel card">
          <WhoPanel who={who} info={info} onChange={setWho} />
          <fieldset data-testid="weights" className={folded ? "dials folded" : "dials"}>
            <legend>{say(mode === "value" ? "values" : "weights")}</legend>
            <button type="button" className="fold" aria-expanded={!folded} data-testid="fold" onClick={() => setFolded(!folded)}>
              {say(folded ? "unfold" : "fold")}
            </button>
            {tasks.map((task) => (
              <Slider
                key={task}
                label={objective(task)}
                value={weights[task] ?? 0}
                max={Math.max(LONGEST[mode], candidates?.weights[task] ?? 0)}
                colour={objectiveColour(tasks, task)}
                testid={`weight-${task}`}
                onChange={(value) => {
                  const given = Object.fromEntries(tasks.map((name) => [name, weights[name] ?? 0]));
                  set({ weights: { ...given, [task]: value } });
                }}
              />
            ))}
            <Slider
              label={say("popularity")}
              value={dials.popularity ?? candidates?.popularity ?? 0}
              max={1}
              colour="o6"
              testid="popularity"
              onChange={(popularity) => set({ popularity })}
            />
            <Slider label={say("diversity")} value={dials.diversity} max={1} testid="diversity" onChange={(diversity) => set({ diversity })} />
            <div className="two">
              <div className="field">
                <label htmlFor="k">{say("length")}</label>
                <select id="k" value={dials.k} data-testid="k" onChange={({ target }) => set({ k: Number(target.value) })}>
                  {[5, 10, 20, 50].map((k) => (
                    <option key={k}>{k}</option>
                  ))}
                </select>
              </div>
              <div className="field">
                <label htmlFor="seen">{say("seen")}</label>
                <select id="seen" value={seen} data-testid="seen" onChange={({ target }) => setSeen(target.value as typeof seen)}>
                  {(["auto", "mask", "allow"] as const).map((each) => (
                    <option key={each} value={each}>
                      {say(`seen_${each}`)}
                    </option>
                  ))}
                </select>
              </div>
            </div>
            <div className="row apart">
              <small data-testid="weights-from">
                {candidates && dials.weights === null && say("weights_from", { who: candidates.weights_from.map((who) => whoSaid(say, who)).join(say("comma")) })}
              </small>
              <button type="button" data-testid="reset" onClick={() => setDials((before) => ({ ...FRESH, k: before.k }))}>
                {say("reset")}
              </button>
            </div>
          </fieldset>
          {info && Object.keys(info.columns).length > 0 && <FilterPanel filters={filters} info={info} onChange={setFilters} />}
          {excluded.length > 0 && (
            <fieldset data-testid="excluded">
              <legend>{say("excluded")}</legend>
              <ul className="chips">
                {excluded.map(({ item, title }) => (
                  <li className="chip" key={item}>
                    {title}
                    <button
                      type="button"
                      className="bare"
                      aria-label={say("add", { name: title })}
                      onClick={() => setExcluded((before) => before.filter((each) => each.item !== item))}
                    >
                      ×
                    </button>
                  </li>
                ))}
              </ul>
            </fieldset>
          )}
        </div>
        <div>
          {error && <Trouble error={error} />}
          <div className={kept ? "lists two-lists" : "lists"}>
            <div className="card" data-testid="now">
              <div className="list-head">
                <h2>{say(kept ? "now" : "list")}</h2>
                {shown && <span className="pill">{say(`source_${shown.source}` as Word)}</span>}
                {shown && (
                  <span className="pill" role="status" data-testid="settled" data-settled={shown.settled}>
                    {say(shown.settled ? "settled" : "previewing")}
                  </span>
                )}
                <button type="button" disabled={!shown?.settled} data-testid="keep" onClick={() => setKept(shown!.items)}>
                  {say("keep")}
                </button>
              </div>
              {shown && shown.items.length > 0 && (
                <div className="legend">
                  {Object.keys(shown.items[0].contributions).map((part) => (
                    <span key={part}>
                      <span className={`swatch ${objectiveColour(tasks, part)}`} aria-hidden="true" />
                      {objective(part)}
                    </span>
                  ))}
                </div>
              )}
              {kept && shown && <Moved kept={kept} now={shown.items} />}
              {shown ? (
                <RankedItems
                  items={shown.items}
                  tasks={tasks}
                  before={kept ?? undefined}
                  hide={({ item, title }) => setExcluded((before) => [...before, { item, title }])}
                  testid="list"
                />
              ) : (
                !error && <p className="quiet">{say("loading")}</p>
              )}
              {shown && (
                <p className="gap row apart">
                  <small>{say("list_legend")}</small>
                  <small className="digits" data-testid="timing" data-shown={timing.shown} data-asked={timing.asked}>
                    {say("timing", { shown: timing.shown.toFixed(1), asked: timing.asked.toFixed(0) })}
                  </small>
                </p>
              )}
            </div>
            {kept && (
              <div className="card" data-testid="kept">
                <div className="list-head">
                  <h2>{say("kept")}</h2>
                  <button type="button" data-testid="stop-comparing" onClick={() => setKept(null)}>
                    {say("stop_comparing")}
                  </button>
                </div>
                <RankedItems items={kept} tasks={tasks} testid="kept-list" />
              </div>
            )}
          </div>
        </div>
      </div>
    </Page>
  );
}

/** Return who had a say in the weights: a word, or a word and a name. */
function whoSaid(say: Say, who: string): string {
  const [kind, ...rest] = who.split(" ");
  return [named(say, "from", kind), ...rest].join(" ");
}

/** How many stayed, moved and came, in a line. */
function Moved({ kept, now }: { kept: Listed[]; now: Listed[] }) {
  const { say } = useSettings();
  const places = new Map(kept.map(({ item }, place) => [item, place]));
  const stay = now.filter(({ item }, place) => places.get(item) === place).length;
  const fresh = now.filter(({ item }) => !places.has(item)).length;
  return (
    <p className="quiet" data-testid="moved">
      <small>{say("moved_said", { stay, move: now.length - stay - fresh, fresh })}</small>
    </p>
  );
}

/** The list for a question: blended here in the next frame where that is exact, and always as the service answers. */
function useLists(question: Record<string, unknown>, dials: Dials, language: string) {
  const [candidates, setCandidates] = useState<(CandidatesOut & { question: Record<string, unknown> }) | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const timing = useRef({ shown: 0, asked: 0 });
  const titles = useRef(new Map<string, string>());
  const reasons = useRef(new Map<string, string[]>());
  const asking = useRef<{ now: boolean; next: (() => void) | null }>({ now: false, next: null });
  const key = JSON.stringify(question);

  useEffect(() => {
    const stop = new AbortController();
    const wait = setTimeout(() => {
      ask<CandidatesOut>("POST", "/v1/candidates", question, stop.signal)
        .then((found) => {
          found.items.forEach((item, place) => titles.current.set(item, found.titles[place]));
          reasons.current.clear();
          setError(null);
          setCandidates({ ...found, question });
        })
        .catch((reason: Error) => !stop.signal.aborted && setError(reason));
    }, 120);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);

  useEffect(() => {
    if (!candidates) return;
    let gone = false;
    const began = performance.now();
    const popularity = dials.popularity ?? candidates.popularity;
    const weighing: Weighing = {
      weights: dials.weights === null ? candidates.weights : counting(dials.weights, candidates.limits, candidates.mode),
      mode: candidates.mode,
      popularity,
    };
    const frame = requestAnimationFrame(() => {
      if (!foreseeable(candidates, weighing, dials.diversity)) return;
      const items = ranked(candidates, weighing, dials.k).map(({ place, score, contributions }) => {
        const item = candidates.items[place];
        const scores = Object.fromEntries(Object.entries(candidates.probability).map(([task, p]) => [task, p[place]]));
        return { item, title: candidates.titles[place], score, contributions, scores, reasons: reasons.current.get(item) ?? [] };
      });
      timing.current.shown = performance.now() - began;
      setShown({ items, source: candidates.source, settled: false });
    });

    const given = dials.weights === null ? {} : candidates.mode === "value" ? { values: onlyNonZero(dials.weights) } : { weights: dials.weights };
    const asked = { ...candidates.question, ...given, popularity, diversity: dials.diversity, k: dials.k, explain: true, language };
    const settle = async () => {
      const from = performance.now();
      try {
        const found = await ask<ListOut>("POST", "/v1/recommend", asked);
        await nameItems(found, titles.current);
        timing.current.asked = performance.now() - from;
        if (gone) return;
        for (const one of found.items) reasons.current.set(one.item, one.reasons);
        setError(null);
        setShown({
          items: found.items.map((one) => ({ ...one, title: titles.current.get(one.item) ?? one.item })),
          source: found.source,
          settled: true,
        });
      } catch (reason) {
        if (!gone) setError(reason as Error);
      }
    };
    const turn = asking.current;
    const go = async () => {
      turn.now = true;
      await settle();
      turn.now = false;
      const next = turn.next;
      turn.next = null;
      next?.();
    };
    // one question at a time; of those that wait, only the latest is asked
    if (turn.now) turn.next = () => void go();
    else void go();
    return () => {
      gone = true;
      cancelAnimationFrame(frame);
    };
  }, [candidates, dials, language]);

  return { candidates, shown, error, timing: timing.current };
}

/** Values of zero say nothing; all of them zero is left to the service to refuse. */
function onlyNonZero(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0));
}

/** Learn the titles of items that were not among the candidates. */
async function nameItems(found: ListOut, titles: Map<string, string>): Promise<void> {
  const unnamed = found.items.map(({ item }) => item).filter((item) => !titles.has(item));
  if (unnamed.length === 0) return;
  const { items } = await ask<FoundItems>("POST", "/v1/items/look-up", { items: unnamed });
  for (const { id, title } of items) titles.set(id, title);
}
