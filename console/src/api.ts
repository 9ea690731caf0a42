import { useCallback, useEffect, useState } from "react";

const KEPT = "motet.key";

/** An answer that is none, in the service's own words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

let onLocked: () => void = () => {};

/** Tell who is called when the service wants a key. */
export function whenLocked(listener: () => void): void {
  onLocked = listener;
}

export const keyOf = (): string => sessionStorage.getItem(KEPT) ?? "";

export function keepKey(key: string): void {
  if (key) sessionStorage.setItem(KEPT, key);
  else sessionStorage.removeItem(KEPT);
}

/** Return the raw answer; throws a Refusal for one that is none. */
export async function asked(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  if (keyOf()) headers.Authorization = `Bearer ${keyOf()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(path, { method, headers, body: sent, signal, credentials: "omit" });
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => null)) as { error?: { message: string; remedy: string } } | null;
  if (answer.status === 401) onLocked();
  throw new Refusal(answer.status, told?.error?.message ?? `HTTP ${answer.status}`, told?.error?.remedy ?? "");
}

/** Return the answer as JSON. */
export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return (await asked(method, path, body, signal)).json() as Promise<T>;
}

export interface Asked<T> {
  data: T | null;
  error: Error | null;
  again: () => void;
}

/** Ask for something as long as `path` stays; null asks for nothing. */
export function useAsked<T>(path: string | null): Asked<T> {
  const [found, setFound] = useState<{ path: string; data: T } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    setError(null);
    ask<T>("GET", path, undefined, stop.signal)
      .then((data) => setFound({ path, data }))
      .catch((reason: Error) => {
        if (!stop.signal.aborted) setError(reason);
      });
    return () => stop.abort();
  }, [path, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  return { data: found !== null && found.path === path ? found.data : null, error, again };
}

/** Follow server-sent events until `signal`; the stream ends now and then, and is asked for again. */
export async function follow(
  path: string,
  told: (data: Record<string, unknown>) => void,
  signal: AbortSignal,
): Promise<void> {
  let after = 0;
  while (!signal.aborted) {
    try {
      const answer = await asked("GET", `${path}?after=${after}`, undefined, signal);
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const parts = (rest + value).split("\n\n");
        rest = parts.pop()!;
        for (const part of parts) {
          const field = (name: string) =>
            part.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
          if (field("id")) after = Number(field("id"));
          if (field("event") === "done") return;
          const data = field("data");
          if (data) told(JSON.parse(data) as Record<string, unknown>);
        }
      }
    } catch (error) {
      if (signal.aborted || (error instanceof Refusal && error.status < 500)) return;
    }
    await new Promise((wake) => setTimeout(wake, 1000));
  }
}
