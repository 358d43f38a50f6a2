/** What the two databases and the control table hold, as one immutable value: a statement makes a new one of it. */
import type { Side } from '../../../src/contract/sides';
import type { GuardState, Key } from '../../../src/core/ports';

/** Rows of the one mapped table, `(id int PRIMARY KEY, v int)`, by id. */
export type Rows = Readonly<Record<string, number>>;

export interface GuardRow {
  readonly epoch: number;
  readonly state: GuardState;
  /** A fence with a deadline, and whether that has passed. Which moment that is, the explorer chooses. */
  readonly deadline: 'none' | 'ahead' | 'passed';
}

export interface Entry {
  readonly id: number;
  readonly capture: string;
  readonly key: Key;
}

/** An application's transaction between its statement and its commit: it holds its locks, and nobody sees what it did. */
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
  /** Null: nothing of Sluice's is installed. */
  readonly guard: GuardRow | null;
  readonly captures: readonly {
    readonly id: string;
    readonly generation: number;
    /** Why changes may be missing, or null. */
    readonly lost: string | null;
  }[];
  readonly log: readonly Entry[];
  /** Ids are drawn by a statement, before it commits. */
  readonly nextEntry: number;
  readonly open: OpenTransaction | null;
}

export interface LeaseRow {
  readonly token: number;
  readonly seq: number;
  readonly open: boolean;
  readonly life: number;
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
  /** Marks that were drawn so far: what is drawn at random elsewhere is the next number here. */
  readonly draws: number;
}

export interface State {
  readonly source: SourceState;
  readonly target: TargetState;
  readonly ledger: LedgerState;
  /** Rows as the application knows them: every write that was acknowledged, on whichever side. */
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

export type Answer = { readonly value: unknown } | { readonly failure: Failure };

export interface Effect {
  readonly state: State;
  readonly answer: Answer;
}

/** Null: the statement waits for a lock that another one holds. */
export type Execute = (state: State, request: Request) => Effect | null;

export const idOf = (key: Key): number => Number(key.slice(1, -1));
export const keyOf = (id: string | number): Key => `{${id}}`;

/** JSON with sorted names: equal values are equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const names = Object.keys(value).sort();
  const fields = names.map(
    (name) => `${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`,
  );
  return `{${fields.join(',')}}`;
}
