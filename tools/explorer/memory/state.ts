/** The contents of both databases and the control table as one immutable value. Each statement produces a new one. */
import type { Side } from '../../../src/contract/sides';
import type { GuardState, Key } from '../../../src/core/ports';

/** Rows of the one mapped table, `(id int PRIMARY KEY, v int)`, by id. */
export type Rows = Readonly<Record<string, number>>;

export interface GuardRow {
  readonly epoch: number;
  readonly state: GuardState;
  /** Whether a fence has a deadline, and whether it has passed. The explorer chooses the moment. */
  readonly deadline: 'none' | 'ahead' | 'passed';
}

export interface Entry {
  readonly id: number;
  readonly capture: string;
  readonly key: Key;
}

/** An application's transaction between its statement and its commit: it holds locks, and its changes are invisible. */
export interface OpenTransaction {
  readonly ids: readonly number[];
  readonly changes: readonly Change[];
}

export interface Change {
  readonly id: string;
  /** Null: the row is deleted. */
  readonly v: number | null;
}

export interface SourceState {
  readonly rows: Rows;
  /** Null: Sluice is not installed. */
  readonly guard: GuardRow | null;
  readonly captures: readonly {
    readonly id: string;
    readonly generation: number;
    /** Why changes may be missing, or null. */
    readonly lost: string | null;
  }[];
  readonly log: readonly Entry[];
  /** Next id; a statement draws ids before it commits. */
  readonly nextEntry: number;
  readonly open: OpenTransaction | null;
}

export interface LeaseRow {
  readonly token: number;
  readonly seq: number;
  readonly open: boolean;
  readonly attempt: number;
  readonly lower: Key | null;
  readonly upper: Key | null;
  readonly cursor: Key | null;
}

export interface TargetState {
  readonly rows: Rows;
  readonly guard: GuardRow | null;
  readonly leases: Readonly<Record<string, LeaseRow>>;
  readonly touches: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, readonly Key[]>>;
}

export type Item = Readonly<Record<string, unknown>>;

/** Items of the control table by sort key; there is one migration, so one partition key. */
export interface LedgerState {
  readonly items: Readonly<Record<string, Item>>;
  /** Marks drawn so far: values that are random elsewhere are consecutive numbers here. */
  readonly draws: number;
}

export interface State {
  readonly source: SourceState;
  readonly target: TargetState;
  readonly ledger: LedgerState;
  /** Rows according to the application: every acknowledged write, on either side. */
  readonly truth: Rows;
}

export const EMPTY: State = {
  source: { rows: {}, guard: null, captures: [], log: [], nextEntry: 1, open: null },
  target: { rows: {}, guard: null, leases: {}, touches: {}, skipped: {} },
  ledger: { items: {}, draws: 0 },
  truth: {},
};

/** One request to a database or to the control table: one statement, one operation on one item. */
export interface Request {
  readonly at: Side | 'ledger' | 'application' | 'clock';
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly sqlState?: string;
}

export type Reply = { readonly value: unknown } | { readonly failure: Failure };

export interface Effect {
  readonly state: State;
  readonly reply: Reply;
}

/** Null: the statement waits for a lock. */
export type Execute = (state: State, request: Request) => Effect | null;

export const idOf = (key: Key): number => Number(key.slice(1, -1));
export const keyOf = (id: string | number): Key => `{${id}}`;

/** JSON with sorted keys, so equal values give equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const names = Object.keys(value).sort();
  const fields = names.map(
    (name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`,
  );
  return `{${fields.join(',')}}`;
}
