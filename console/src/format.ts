import type { Language } from "./words";

const MINUS = "−";

/** Return a number with a sensible number of figures; – for none. */
export function number(value: number | null | undefined, signed = false): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const shown = size >= 1000 ? Math.round(size).toLocaleString("en") : size >= 100 ? size.toFixed(1) : size >= 10 ? size.toFixed(2) : size.toFixed(4);
  const zero = Number(shown.replaceAll(",", "")) === 0;
  return (value < 0 && !zero ? MINUS : signed && !zero ? "+" : "") + shown;
}

export function percent(share: number | null | undefined, signed = false, decimals = 1): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const shown = Math.abs(100 * share).toFixed(decimals);
  const zero = Number(shown) === 0;
  return `${share < 0 && !zero ? MINUS : signed && !zero ? "+" : ""}${shown} %`;
}

export function compact(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 }).format(value);
}

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toLocaleString("en");
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Return a moment in the reader's own zone. */
export function moment(milliseconds: number, language: Language): string {
  const form: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };
  return new Date(milliseconds).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", form);
}

/** Return a value of a column, as text. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return typeof value === "number" ? String(Math.round(value * 1e4) / 1e4) : String(value);
}

const ERRORS = ["mae", "rmse", "mse", "log_loss", "ece", "hamming"];
/** Return a metric's name; errors are marked. */
export const metricName = (metric: string): string => (lowerIsBetter(metric) ? `${metric} ↓` : metric);
export const lowerIsBetter = (metric: string): boolean => ERRORS.includes(metric);
