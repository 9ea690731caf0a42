import { useLayoutEffect, useRef } from "react";
import { POPULARITY } from "../blend";
import { number, percent } from "../format";
import { useSettings } from "../words";

export interface Listed {
  item: string;
  title: string;
  score: number;
  contributions: Record<string, number>;
  scores: Record<string, number>;
  reasons: string[];
}

/** Return the class of an objective's colour. */
export const objectiveColour = (tasks: string[], name: string): string =>
  name === POPULARITY ? "o6" : `o${[0, 1, 2, 3, 4, 5, 7, 8, 9][Math.max(0, tasks.indexOf(name)) % 9]}`;

/** What an objective is called in a list. */
export const useObjective = () => {
  const { say } = useSettings();
  return (name: string) => (name === POPULARITY ? say("popularity") : name === "query" ? say("query") : name);
};

interface Props {
  items: Listed[];
  tasks: string[];
  /** The list to compare with: places by item. */
  before?: Listed[];
  hide?: (item: Listed) => void;
  testid: string;
}

/** A ranked list, each item's score split by objective. Items glide to their new places. */
export function RankedItems({ items, tasks, before, hide, testid }: Props) {
  const { say } = useSettings();
  const list = useRef<HTMLOListElement>(null);
  useGlide(list, items);
  const parts = [...new Set(items.flatMap((item) => Object.keys(item.contributions)))];
  const least = Object.fromEntries(parts.map((part) => [part, Math.min(...items.map((item) => item.contributions[part] ?? 0))]));
  const lifts = items.map((item) => parts.map((part) => Math.max(0, (item.contributions[part] ?? 0) - least[part])));
  const most = Math.max(1e-12, ...lifts.map((each) => each.reduce((sum, lift) => sum + lift, 0)));
  const places = before && new Map(before.map((item, place) => [item.item, place]));
  const objective = useObjective();
  if (items.length === 0) return <p className="quiet">{say("list_empty")}</p>;
  return (
    <ol className="list" ref={list} data-testid={testid}>
      {items.map((item, place) => (
        <li className="item" key={item.item} data-item={item.item} data-testid="list-item">
          <span className="place">{place + 1}</span>
          <div>
            <a className="name" href={`#/catalogue/${encodeURIComponent(item.item)}`} style={{ color: "inherit", textDecoration: "none" }}>
              {item.title}
            </a>{" "}
            {item.title !== item.item && <small>{item.item}</small>}
            <div
              className="stack"
              role="img"
              data-testid="stack"
              aria-label={parts.map((part, at) => `${objective(part)} +${lifts[place][at].toFixed(2)}`).join(", ")}
            >
              {parts.map((part, at) => (
                <span
                  key={part}
                  className={objectiveColour(tasks, part)}
                  title={`${objective(part)} +${lifts[place][at].toFixed(2)}`}
                  style={{ width: `${(100 * lifts[place][at]) / most}%` }}
                />
              ))}
            </div>
            {item.reasons.length > 0 && (
              <ul className="why" aria-label={say("reasons")} data-testid="reasons">
                {item.reasons.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            )}
          </div>
          <div className="side">
            {places && <Move from={places.get(item.item)} to={place} />}
            <span className="score" title={say("score")}>
              {number(item.score)}
            </span>
            {hide && (
              <button type="button" className="bare" aria-label={say("hide", { name: item.title })} data-testid="hide" onClick={() => hide(item)}>
                ×
              </button>
            )}
          </div>
          <details>
            <summary>{say("details")}</summary>
            <table>
              <thead>
                <tr>
                  <th>{say("objective")}</th>
                  <th className="n">{say("probability")}</th>
                  <th className="n">{say("adds")}</th>
                </tr>
              </thead>
              <tbody>
                {[...new Set([...Object.keys(item.scores), ...parts])].map((part) => (
                  <tr key={part}>
                    <td>{objective(part)}</td>
                    <td className="n">{part in item.scores ? percent(item.scores[part], false, 2) : "–"}</td>
                    <td className="n">{part in item.contributions ? number(item.contributions[part], true) : "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </li>
      ))}
    </ol>
  );
}

/** Where an item was in the other list. */
function Move({ from, to }: { from: number | undefined; to: number }) {
  const { say } = useSettings();
  const [kind, sign, said] =
    from === undefined
      ? (["new", "＋", say("moved_new")] as const)
      : from > to
        ? (["up", `↑${from - to}`, say("moved_up", { n: from - to })] as const)
        : from < to
          ? (["down", `↓${to - from}`, say("moved_down", { n: to - from })] as const)
          : (["same", "=", say("moved_same")] as const);
  return (
    <span className={`move ${kind}`} data-testid="move" data-move={kind} title={said}>
      <span aria-hidden="true">{sign}</span>
      <span className="sr">{said}</span>
    </span>
  );
}

/** Let rows that changed places begin where they were. */
function useGlide(list: React.RefObject<HTMLOListElement | null>, items: Listed[]) {
  const tops = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const rows = [...(list.current?.children ?? [])] as HTMLElement[];
    const now = new Map(rows.map((row) => [row.dataset.item!, row.offsetTop]));
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
      for (const row of rows) {
        const moved = (tops.current.get(row.dataset.item!) ?? now.get(row.dataset.item!)!) - now.get(row.dataset.item!)!;
        if (moved === 0) continue;
        row.style.transition = "none";
        row.style.transform = `translateY(${moved}px)`;
        requestAnimationFrame(() => {
          row.style.transition = "";
          row.style.transform = "";
        });
      }
    }
    tops.current = now;
  }, [list, items]);
}
