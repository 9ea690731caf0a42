import { createContext, useContext } from "react";
import words from "./words.json";

export type Language = "en" | "zh";
export type Word = keyof typeof words;
export type Say = (word: Word, values?: Record<string, string | number>) => string;

/** Return what says a word of the console in a language; {…} is filled in. */
export function sayer(language: Language): Say {
  return (word, values = {}) => {
    const said = words[word][language === "zh" ? 1 : 0] as string;
    return said.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
  };
}

/** Return the console's word for something the service says, or that itself where there is none. */
export function known(say: Say, word: string): string {
  return Object.hasOwn(words, word) ? say(word as Word) : word;
}

/** Return the console's word for a name of some family, such as a block of weights; or the name itself. */
export const named = (say: Say, family: string, name: string): string => {
  const key = `${family} ${name}`;
  return Object.hasOwn(words, key) ? say(key as Word) : name;
};

export interface Setting {
  language: Language;
  dark: boolean;
  say: Say;
}

export const Settings = createContext<Setting>({ language: "en", dark: false, say: sayer("en") });
export const useSettings = (): Setting => useContext(Settings);
