import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Refusal, type Asked } from "../api";
import { known, useSettings } from "../words";

/** A heading with what it means below it, and the page's content. */
export function Page({ title, lead, children, testid }: { title: string; lead?: string; children: ReactNode; testid: string }) {
  return (
    <div className="page" data-testid={testid}>
      <header className="page-head">
        <h1>{title}</h1>
        {lead && <p className="lead">{lead}</p>}
      </header>
      {children}
    </div>
  );
}

export function Section({ title, lead, children, testid }: { title?: string; lead?: string; children: ReactNode; testid?: string }) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={title ? id : undefined} data-testid={testid}>
      {title && <h2 id={id}>{title}</h2>}
      {lead && <p className="lead">{lead}</p>}
      {children}
    </section>
  );
}

/** What went wrong, in the service's words. */
export function Trouble({ error, again }: { error: Error; again?: () => void }) {
  const { say } = useSettings();
  return (
    <div className="trouble" role="alert" data-testid="trouble">
      <p>
        <strong>{error instanceof Refusal && error.status === 403 ? say("scope") : error.message}</strong>{" "}
        {error instanceof Refusal && error.remedy}
      </p>
      {again && (
        <button type="button" onClick={again}>
          {say("again")}
        </button>
      )}
    </div>
  );
}

/** What was asked for, as soon as it is there. */
export function Wait<T>({ asked, children }: { asked: Asked<T>; children: (data: T) => ReactNode }) {
  const { say } = useSettings();
  if (asked.data !== null) return <>{children(asked.data)}</>;
  if (asked.error) return <Trouble error={asked.error} again={asked.again} />;
  return (
    <p className="quiet" role="status">
      {say("loading")}
    </p>
  );
}

export function Verdict({ verdict }: { verdict: string | null }) {
  const { say } = useSettings();
  const signs: Record<string, string> = { improved: "▲", "not worse": "●", unclear: "?", harmed: "▼" };
  if (!verdict) return <span className="quiet">–</span>;
  return (
    <span className={`verdict v-${verdict.replace(" ", "-")}`}>
      <span aria-hidden="true">{signs[verdict] ?? "·"}</span> {known(say, verdict)}
    </span>
  );
}

interface Choice {
  value: string;
  label: string;
  /** Shown beside it, quieter. */
  more?: string;
}

/** A text field that suggests; arrows and Enter choose. What is typed counts too where `free`. */
export function Finder(props: {
  label: string;
  hint: string;
  find: (words: string) => Promise<Choice[]>;
  choose: (choice: Choice) => void;
  free?: boolean;
  initial?: string;
  /** Said of a chosen value that is not among what is found by it. */
  unknown?: string;
  testid: string;
}) {
  const [words, setWords] = useState(props.initial ?? "");
  const [choices, setChoices] = useState<Choice[]>([]);
  const [at, setAt] = useState(-1);
  const [open, setOpen] = useState(false);
  const [missing, setMissing] = useState("");
  const id = useId();
  const turn = useRef(0);
  const look = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(look.current), []);
  useEffect(() => setWords(props.initial ?? ""), [props.initial]);
  const { find, unknown, initial = "" } = props;
  useEffect(() => {
    setMissing("");
    if (!unknown || !initial) return;
    let gone = false;
    find(initial).then(
      (found) => !gone && setMissing(found.some(({ value }) => value === initial) ? "" : initial),
      () => {},
    );
    return () => {
      gone = true;
    };
  }, [find, unknown, initial]);
  const search = (typed: string, pause: number) => {
    const mine = ++turn.current;
    clearTimeout(look.current);
    look.current = setTimeout(() => {
      props
        .find(typed)
        .then((found) => mine === turn.current && (setChoices(found), setAt(-1)))
        .catch(() => mine === turn.current && setChoices([]));
    }, pause);
  };
  const take = (choice: Choice) => {
    turn.current++;
    setOpen(false);
    setWords(props.free ? choice.value : "");
    props.choose(choice);
  };
  const onKey = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setAt((before) => Math.min(choices.length - 1, Math.max(-1, before + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (open && at >= 0) take(choices[at]);
      else if (props.free) take({ value: words.trim(), label: words.trim() });
      else if (choices.length > 0 && words.trim()) take(choices[0]);
    } else if (event.key === "Escape") setOpen(false);
  };
  return (
    <div className="finder">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type="search"
        role="combobox"
        autoComplete="off"
        aria-expanded={open && choices.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && at >= 0 ? `${id}-${at}` : undefined}
        placeholder={props.hint}
        value={words}
        data-testid={props.testid}
        onChange={(event) => {
          setWords(event.target.value);
          setOpen(true);
          search(event.target.value, 120);
          if (props.free && event.target.value === "") props.choose({ value: "", label: "" });
        }}
        onFocus={() => {
          setOpen(true);
          search(props.free ? "" : words, 0);
        }}
        onBlur={() => {
          setOpen(false);
          if (props.free && words.trim() !== initial) take({ value: words.trim(), label: words.trim() });
        }}
        onKeyDown={onKey}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={props.label} hidden={!open || choices.length === 0}>
        {choices.map((choice, place) => (
          <li
            key={choice.value}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === at}
            onPointerDown={(event) => {
              event.preventDefault();
              take(choice);
            }}
          >
            <span>{choice.label}</span> {choice.more && <small>{choice.more}</small>}
          </li>
        ))}
      </ul>
      {missing && missing === initial && (
        <small className="missing" role="status" data-testid={`${props.testid}-missing`}>
          {unknown}
        </small>
      )}
    </div>
  );
}

/** A slider with its number beside it. */
export function Slider(props: {
  label: string;
  value: number;
  max: number;
  step?: number;
  min?: number;
  colour?: string;
  onChange: (value: number) => void;
  testid: string;
}) {
  const id = useId();
  return (
    <div className="slider">
      <label htmlFor={id}>
        {props.colour && <span className={`swatch ${props.colour}`} aria-hidden="true" />}
        {props.label}
      </label>
      <output htmlFor={id}>{props.value.toFixed(2)}</output>
      <input
        id={id}
        type="range"
        min={props.min ?? 0}
        max={props.max}
        step={props.step ?? 0.05}
        value={props.value}
        data-testid={props.testid}
        onChange={(event) => props.onChange(Number(event.target.value))}
      />
    </div>
  );
}
