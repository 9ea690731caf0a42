import type { CatalogueInfo, ColumnInfo } from "../types";
import { useSettings } from "../words";

export type Filter = { values: string[] } | { min: string; max: string };
export type Filters = Record<string, Filter>;

/** Return the filters that say something, as a request has them. */
export function toRequest(filters: Filters, columns: Record<string, ColumnInfo>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, filter] of Object.entries(filters)) {
    if ("values" in filter) {
      const flag = columns[name]?.kind === "flag";
      if (filter.values.length > 0) found[name] = flag ? filter.values.map((value) => value === "true") : filter.values;
    } else {
      const ends = Object.entries(filter).filter(([, end]) => end !== "" && Number.isFinite(Number(end)));
      if (ends.length > 0) found[name] = Object.fromEntries(ends.map(([end, value]) => [end, Number(value)]));
    }
  }
  return found;
}

/** Filters by what items are like. */
export function FilterPanel({ filters, info, onChange }: { filters: Filters; info: CatalogueInfo; onChange: (filters: Filters) => void }) {
  const { say } = useSettings();
  const unused = Object.keys(info.columns).filter((name) => !(name in filters));
  const without = (name: string) => Object.fromEntries(Object.entries(filters).filter(([each]) => each !== name));
  return (
    <fieldset data-testid="filters">
      <legend>{say("filters")}</legend>
      {Object.entries(filters).map(([name, filter]) => (
        <div className="filter" key={name} role="group" aria-label={name} data-testid={`filter-${name}`}>
          <div className="row apart">
            <h3>{name}</h3>
            <button type="button" className="bare" aria-label={say("remove", { name })} onClick={() => onChange(without(name))}>
              ×
            </button>
          </div>
          {"values" in filter ? (
            <div className="checks">
              {info.columns[name].values.map((value) => (
                <label key={value}>
                  <input
                    type="checkbox"
                    checked={filter.values.includes(value)}
                    onChange={({ target }) =>
                      onChange({
                        ...filters,
                        [name]: { values: target.checked ? [...filter.values, value] : filter.values.filter((each) => each !== value) },
                      })
                    }
                  />
                  {info.columns[name].kind === "flag" ? say(value === "true" ? "yes" : "no") : value}
                </label>
              ))}
            </div>
          ) : (
            <div className="two">
              {(["min", "max"] as const).map((end) => (
                <div className="field" key={end}>
                  <label htmlFor={`${name}-${end}`}>{say(end === "min" ? "at_least" : "at_most")}</label>
                  <input
                    id={`${name}-${end}`}
                    type="number"
                    step="any"
                    placeholder={String(info.columns[name][end === "min" ? "low" : "high"] ?? "")}
                    value={filter[end]}
                    data-testid={`filter-${name}-${end}`}
                    onChange={({ target }) => onChange({ ...filters, [name]: { ...filter, [end]: target.value } })}
                  />
                </div>
              ))}
            </div>
          )}
        </div>
      ))}
      {unused.length > 0 && (
        <select
          aria-label={say("add_filter")}
          value=""
          data-testid="add-filter"
          onChange={({ target }) => {
            const number = info.columns[target.value].kind === "number";
            onChange({ ...filters, [target.value]: number ? { min: "", max: "" } : { values: [] } });
          }}
        >
          <option value="">{say("add_filter")}</option>
          {unused.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <small>{say("available_note")}</small>
    </fieldset>
  );
}
