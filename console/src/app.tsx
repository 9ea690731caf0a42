import { Component, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { ask, keepKey, keyOf, useAsked, whenLocked } from "./api";
import { forgetKept } from "./kept";
import { Certificate } from "./pages/certificate";
import { CatalogueAndUsers } from "./pages/catalogue";
import { Models } from "./pages/models";
import { Playground } from "./pages/playground";
import { Training } from "./pages/training";
import { Trouble } from "./parts/common";
import type { Results } from "./types";
import { type Language, type Word, Settings, sayer, useSettings } from "./words";

const PAGES = { playground: Playground, certificate: Certificate, training: Training, catalogue: CatalogueAndUsers, models: Models };
type PageName = keyof typeof PAGES;
type Theme = "system" | "light" | "dark";

/** The page that the address names after its #; what follows a slash is the page's own. */
function addressed(): { page: PageName; rest: string } {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const page = (Object.hasOwn(PAGES, name) ? name : "playground") as PageName;
  let said = "";
  try {
    said = decodeURIComponent(rest.join("/"));
  } catch {
    said = "";
  }
  return { page, rest: said };
}

function remembered<T extends string>(name: string, among: readonly T[], otherwise: T): T {
  const held = localStorage.getItem(name) as T | null;
  return held !== null && among.includes(held) ? held : otherwise;
}

/** Keeps the frame of the console standing when a page fails. */
class Guarded extends Component<{ children: ReactNode }, { error: Error | null }> {
  state = { error: null as Error | null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  render() {
    if (!this.state.error) return this.props.children;
    return <Trouble error={this.state.error} again={() => this.setState({ error: null })} />;
  }
}

export function App() {
  const first: Language = navigator.language.startsWith("zh") ? "zh" : "en";
  const [language, setLanguage] = useState<Language>(() => remembered("motet.language", ["en", "zh"] as const, first));
  const [theme, setTheme] = useState<Theme>(() => remembered("motet.theme", ["system", "light", "dark"] as const, "system"));
  const [systemDark, setSystemDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const [{ page, rest }, setAddress] = useState(addressed);
  const [locked, setLocked] = useState(false);
  const [opened, setOpened] = useState(0);
  const main = useRef<HTMLElement>(null);
  const dark = theme === "dark" || (theme === "system" && systemDark);
  document.documentElement.classList.toggle("dark", dark);

  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const onMedia = () => setSystemDark(media.matches);
    const onHash = () => {
      setAddress(addressed());
      scrollTo(0, 0);
    };
    media.addEventListener("change", onMedia);
    addEventListener("hashchange", onHash);
    whenLocked(() => setLocked(true));
    return () => {
      media.removeEventListener("change", onMedia);
      removeEventListener("hashchange", onHash);
    };
  }, []);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    localStorage.setItem("motet.language", language);
  }, [language]);
  useEffect(() => localStorage.setItem("motet.theme", theme), [theme]);

  const setting = useMemo(() => ({ language, dark, say: sayer(language) }), [language, dark]);
  const { say } = setting;
  useEffect(() => {
    // by hand: scrollIntoView would also move where the Tab key begins
    const link = document.querySelector<HTMLElement>(".bar nav [aria-current=page]");
    const nav = link?.closest("nav");
    if (link && nav) nav.scrollLeft = link.offsetLeft - nav.offsetLeft - 16;
  }, [page]);
  useEffect(() => {
    document.title = `${say(page)} · Motet`;
  }, [say, page]);
  const Shown = PAGES[page];
  return (
    <Settings.Provider value={setting}>
      <a
        className="skip"
        href={`#/${page}`}
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {say("skip")}
      </a>
      <header className="bar">
        <a className="brand" href="#/playground">
          <Mark /> Motet
        </a>
        <nav aria-label="Motet">
          <ul>
            {(Object.keys(PAGES) as PageName[]).map((name) => (
              <li key={name}>
                <a href={`#/${name}`} aria-current={name === page ? "page" : undefined} data-testid={`nav-${name}`}>
                  {say(name)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className="tools">
          {keyOf() && !locked && (
            <button type="button" data-testid="leave-key" onClick={() => (keepKey(""), forgetKept(), setLocked(true))}>
              {say("key_leave")}
            </button>
          )}
          <select
            aria-label={say("theme")}
            value={theme}
            data-testid="theme"
            onChange={(event) => setTheme(event.target.value as Theme)}
          >
            {(["system", "light", "dark"] as const).map((each) => (
              <option key={each} value={each}>
                {say(`theme_${each}` as Word)}
              </option>
            ))}
          </select>
          <button
            type="button"
            lang={language === "zh" ? "en" : "zh-CN"}
            aria-label={say("language_label")}
            data-testid="language"
            onClick={() => setLanguage(language === "zh" ? "en" : "zh")}
          >
            {say("language")}
          </button>
        </div>
      </header>
      <main ref={main} tabIndex={-1} key={opened}>
        {!locked && (
          <Guarded key={page}>
            <Shown rest={rest} />
          </Guarded>
        )}
      </main>
      {!locked && <Foot key={`foot-${opened}`} />}
      {locked && (
        <Lock
          enter={() => {
            setLocked(false);
            setOpened((before) => before + 1);
          }}
        />
      )}
    </Settings.Provider>
  );
}

function Foot() {
  const { say } = useSettings();
  const { data } = useAsked<Results>("/v1/results");
  return <footer className="foot">{data && say("made_by", { version: data.motet, model: data.model })}</footer>;
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--joint)" />
      <path
        d="M6 11c5-5 9 5 20 0M6 16.5c5-5 9 5 20 0M6 22c5-5 9 5 20 0"
        fill="none"
        stroke="var(--on-joint)"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
    </svg>
  );
}

/** Asks for a key, and tries it before it is kept. */
function Lock({ enter }: { enter: () => void }) {
  const { say } = useSettings();
  const [key, setKey] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const tryIt = async (event: React.FormEvent) => {
    event.preventDefault();
    keepKey(key.trim());
    try {
      await ask("GET", "/v1/models");
      dialog.current?.close();
      enter();
    } catch (reason) {
      keepKey("");
      setError(reason as Error);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="key-title" data-testid="key-dialog" onCancel={(event) => event.preventDefault()}>
      <form onSubmit={tryIt}>
        <h2 id="key-title">{say("key_title")}</h2>
        <p className="quiet">{say("key_lead")}</p>
        <div className="field">
          <label htmlFor="key">{say("key")}</label>
          <input id="key" type="password" autoComplete="off" value={key} data-testid="key" onChange={(event) => setKey(event.target.value)} />
        </div>
        {error && <Trouble error={error} />}
        <div>
          <button type="submit" className="main" disabled={!key.trim()} data-testid="key-enter">
            {say("key_enter")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
