import { type Dispatch, type SetStateAction, useEffect, useState } from "react";

const held = new Map<string, unknown>();

/** A page's state that is still there when one comes back to the page; gone with the tab, the key and the model. */
export function useKept<T>(name: string, initial: T): [T, Dispatch<SetStateAction<T>>] {
  const [value, set] = useState<T>(() => (held.has(name) ? (held.get(name) as T) : initial));
  useEffect(() => void held.set(name, value), [name, value]);
  return [value, set];
}

/** Forget what pages kept: all of it, or that of the pages whose names begin so. */
export function forgetKept(prefix = ""): void {
  for (const name of [...held.keys()]) if (name.startsWith(prefix)) held.delete(name);
}
