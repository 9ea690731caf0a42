/** What the service says; see /openapi.json. */

export type Plain = string | number | boolean | null;
export type Values = Record<string, Plain | Plain[]>;
export type Source = "history" | "query" | "profile" | "popular";

export interface ColumnInfo {
  kind: "category" | "tags" | "number" | "flag";
  values: string[];
  distinct: number;
  low: number | null;
  high: number | null;
}

export interface CatalogueInfo {
  items: number;
  available: number;
  columns: Record<string, ColumnInfo>;
  profile: Record<string, ColumnInfo>;
  behaviour: string | null;
  behaviours: string[];
  users: number;
  model: string;
}

export interface FoundItem {
  id: string;
  title: string;
  attributes: Values;
  events: number;
  available: boolean;
}

export interface FoundItems {
  items: FoundItem[];
  total: number;
}

export interface CandidatesOut {
  items: string[];
  numbers: number[];
  titles: string[];
  probability: Record<string, number[]>;
  popular: number[];
  preselect: string[];
  may_count: string[];
  limits: Record<string, { min: number; max: number | null }>;
  weights: Record<string, number>;
  weights_from: string[];
  mode: "log" | "value";
  popularity: number;
  source: Source;
  complete: boolean;
  model: string;
}

export interface ListedItem {
  item: string;
  score: number;
  scores: Record<string, number>;
  reasons: string[];
  contributions: Record<string, number>;
}

export interface ListOut {
  items: ListedItem[];
  source: Source;
  weights: Record<string, number>;
  weights_from: string[];
  mode: "log" | "value";
  model: string;
}

export interface Comparison {
  twin: number | null;
  joint: number | null;
  difference: number | null;
  low: number | null;
  high: number | null;
  holm_low?: number | null;
  verdict: string | null;
}

export interface CertificateRow extends Comparison {
  kind: string;
  metric: string;
  repair: string | null;
  repairs?: Record<string, number>;
  initial: string | null;
  needed?: number | null;
  needed_seeds?: number | null;
  before: Comparison | null;
  baseline: number | null;
  baseline_name: string | null;
}

export interface Certificate {
  tasks: Record<string, CertificateRow>;
  sharing?: Record<string, number | null>;
  seeds?: number[];
  margin?: number;
  claims?: string[];
}

type Counts = Record<string, number>;

export interface DataHealth {
  split?: string;
  tables?: Record<string, { rows_read: number; rows: number; duplicates: number; quarantined: number; outliers?: Counts }>;
  tasks?: Record<string, { train: number; valid: number; test: number; coverage: number; left_out?: Counts }>;
}

export interface Results {
  name: string;
  created: string;
  motet: string;
  seed: number;
  encoder: string | null;
  kinds: Record<string, string>;
  certificate: Certificate | null;
  metrics: {
    tasks?: Record<string, Record<string, number | null>>;
    overall?: { score?: number | null };
    lists?: Record<string, Record<string, number | null>>;
    data?: DataHealth;
  };
  affinity: Record<string, Record<string, number>>;
  cosines: Record<string, Record<string, Record<string, number>>>;
  model: string;
}

export interface Run {
  name: string;
  state: "finished" | "running" | "stopped";
  created: number;
}

export interface Curve {
  arm: string;
  seed: number;
  epochs: number[];
  kept: number | null;
  scores: Record<string, (number | null)[]>;
  losses: Record<string, (number | null)[]>;
}

export interface RunCurves extends Run {
  score: number | null;
  /** Task → what its scores are; of errors, they are the negative. */
  metrics: Record<string, string>;
  curves: Curve[];
}

export interface MapOut {
  items: string[];
  titles: string[];
  x: number[];
  y: number[];
  label: (string | null)[];
  by: string | null;
  explained: number[];
  total: number;
}

export interface UserOut {
  user: string;
  profile: Values | null;
  events: { seq: number; item: string | null; behaviour: string | null; time: number; text: string | null }[];
  learned: { events?: Record<string, Plain>[]; profile?: Values | null };
}

export interface ModelsOut {
  serving: string;
  models: { version: string; path: string; added: number; active: boolean }[];
  /** Never activated: by their paths. */
  folders: { path: string; created: number }[];
  history: { version: string; time: number; rolled_back: boolean }[];
  tasks: Record<string, { kind: string; output: string; sources: string[]; ranks_items: boolean }>;
  items: number;
}

export interface PredictOut {
  predictions: { label: string | null; probability: number | null; value: number | null }[];
}
