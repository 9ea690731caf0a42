import { useEffect, useState } from "react";
import { ask } from "../api";
import type { CatalogueInfo, FoundItems, Values } from "../types";
import { useSettings } from "../words";
import { Finder } from "./common";

export interface Who {
  kind: "known" | "invented";
  user: string;
  history: { item: string; title: string; behaviour: string }[];
  profile: Values;
  query: string;
}

export const NOBODY: Who = { kind: "known", user: "", history: [], profile: {}, query: "" };

/** Return what a request says of somebody. */
export function toRequest(who: Who): Record<string, unknown> {
  const query = who.query.trim() ? { query: who.query.trim() } : {};
  if (who.kind === "known") return { ...query, ...(who.user ? { user: who.user } : {}) };
  const history = who.history.map(({ item, behaviour }) => (behaviour ? { item, behaviour } : item));
  return { ...query, history, profile: who.profile };
}

export const findUsers = async (words: string) => {
  const { users } = await ask<{ users: string[] }>("GET", `/v1/users?take=12&q=${encodeURIComponent(words)}`);
  return users.map((user) => ({ value: user, label: user }));
};

export const findItems = async (words: string) => {
  const { items } = await ask<FoundItems>("GET", `/v1/items?take=12&q=${encodeURIComponent(words)}`);
  return items.map(({ id, title }) => ({ value: id, label: title, more: title === id ? undefined : id }));
};

/** Choose a known user, or make one up. */
export function WhoPanel({ who, info, onChange }: { who: Who; info: CatalogueInfo | null; onChange: (who: Who) => void }) {
  const { say } = useSettings();
  const set = (part: Partial<Who>) => onChange({ ...who, ...part });
  return (
    <fieldset data-testid="who">
      <legend>{say("for_whom")}</legend>
      <div className="toggle">
        {(["known", "invented"] as const).map((kind) => (
          <label key={kind}>
            <input type="radio" name="who" checked={who.kind === kind} data-testid={`who-${kind}`} onChange={() => set({ kind })} />
            {say(kind === "known" ? "known_user" : "invented")}
          </label>
        ))}
      </div>
      {who.kind === "known" ? (
        <>
          <Finder
            label={say("user")}
            hint={say("user_hint")}
            find={findUsers}
            choose={({ value }) => set({ user: value })}
            initial={who.user}
            free
            unknown={say("user_unknown")}
            testid="user"
          />
          {!who.user && <small>{say("anybody")}</small>}
          {!who.user && <Suggested choose={(user) => set({ user })} />}
        </>
      ) : (
        <>
          <Finder
            label={say("history")}
            hint={say("history_hint")}
            find={findItems}
            choose={({ value, label }) => set({ history: [...who.history, { item: value, title: label, behaviour: "" }] })}
            testid="history"
          />
          {who.history.length > 0 && (
            <ol className="chips" aria-label={say("history")} data-testid="history-items">
              {who.history.map((event, place) => (
                <li className="chip" key={`${event.item}-${place}`}>
                  {event.title}
                  {info && info.behaviours.length > 0 && (
                    <select
                      aria-label={`${say("what")}: ${event.title}`}
                      value={event.behaviour}
                      onChange={({ target }) =>
                        set({ history: who.history.map((each, at) => (at === place ? { ...each, behaviour: target.value } : each)) })
                      }
                    >
                      <option value="">·</option>
                      {info.behaviours.map((behaviour) => (
                        <option key={behaviour}>{behaviour}</option>
                      ))}
                    </select>
                  )}
                  <button
                    type="button"
                    className="bare"
                    aria-label={say("remove", { name: event.title })}
                    onClick={() => set({ history: who.history.filter((_, at) => at !== place) })}
                  >
                    ×
                  </button>
                </li>
              ))}
            </ol>
          )}
          {info &&
            Object.entries(info.profile).map(([name, column]) => (
              <div className="field" key={name}>
                <label htmlFor={`profile-${name}`}>{name}</label>
                {column.kind === "number" ? (
                  <input
                    id={`profile-${name}`}
                    type="number"
                    step="any"
                    value={(who.profile[name] as number) ?? ""}
                    onChange={({ target }) => set({ profile: told(who.profile, name, target.value === "" ? null : Number(target.value)) })}
                  />
                ) : (
                  <select
                    id={`profile-${name}`}
                    value={String(who.profile[name] ?? "")}
                    data-testid={`profile-${name}`}
                    onChange={({ target }) =>
                      set({ profile: told(who.profile, name, target.value === "" ? null : column.kind === "flag" ? target.value === "true" : target.value) })
                    }
                  >
                    <option value="">{say("unknown_value")}</option>
                    {column.values.map((value) => (
                      <option key={value} value={value}>
                        {value}
                      </option>
                    ))}
                  </select>
                )}
              </div>
            ))}
        </>
      )}
      <div className="field">
        <label htmlFor="query">{say("query")}</label>
        <input
          id="query"
          type="search"
          placeholder={say("query_hint")}
          maxLength={10000}
          value={who.query}
          data-testid="query"
          onChange={({ target }) => set({ query: target.value })}
        />
      </div>
    </fieldset>
  );
}

/** A few users to begin with; none where the key may not see who there is. */
function Suggested({ choose }: { choose: (user: string) => void }) {
  const { say } = useSettings();
  const [users, setUsers] = useState<string[]>([]);
  useEffect(() => {
    findUsers("").then(
      (found) => setUsers(found.slice(0, 4).map(({ value }) => value)),
      () => {},
    );
  }, []);
  if (users.length === 0) return null;
  return (
    <div className="chips" role="group" aria-label={say("try_user")} data-testid="suggested">
      <small>{say("try_user")}</small>
      {users.map((user) => (
        <button type="button" className="chip" key={user} onClick={() => choose(user)}>
          {user}
        </button>
      ))}
    </div>
  );
}

function told(profile: Values, name: string, value: Values[string] | null): Values {
  const { [name]: _, ...rest } = profile;
  return value === null ? rest : { ...rest, [name]: value };
}
