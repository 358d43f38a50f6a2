/** The contents of both databases and the control table as one immutable value. Each statement produces a new one. */
import type { Side } from '../../../src/contract/sides';
import type { GuardState } from '../../../src/core/guard-ports';
import type { Key } from '../../../src/core/ports';

/** Rows of the one mapped table, `(id int PRIMARY KEY, v int)`, by id. */
export type Rows = Readonly<Record<string, number>>;

/** The guard of one side that was not removed; a table belongs to one guard only, so there is one at most. */
export interface GuardRow {
  /** Id of the control plane that it belongs to. */
  readonly owner: string;
  readonly generation: number;
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

/** A removed guard, which refuses older calls of its owner until the schema is dropped. */
export interface RemovedGuard {
  readonly generation: number;
  readonly epoch: number;
}

/** The guard's triggers on the table of one side. */
export interface Triggers {
  /** `enabled`: also by `ENABLE TRIGGER USER`, which a closing restores to `always`. */
  readonly state: 'absent' | 'disabled' | 'enabled' | 'always';
  /** Whether one was created, dropped, enabled or disabled since the fence recorded their versions. */
  readonly touched: boolean;
}

/** The installation in either database. */
export interface Installed {
  /** Whether the schema `sluice` exists. */
  readonly installed: boolean;
  readonly guard: GuardRow | null;
  /** Removed guards by owner. */
  readonly removed: Readonly<Record<string, RemovedGuard>>;
  /** @default complete at any time: the scenario does not explore them */
  readonly triggers?: Triggers;
}

export interface SourceState extends Installed {
  readonly rows: Rows;
  readonly captures: readonly {
    readonly id: string;
    readonly owner: string;
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

export interface TargetState extends Installed {
  readonly rows: Rows;
  /** Whether the table was empty when the side went dark, and the side has not been open since; null: not noted. */
  readonly wasEmpty: boolean | null;
  readonly leases: Readonly<Record<string, LeaseRow>>;
  readonly touches: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, readonly Key[]>>;
}

export type Item = Readonly<Record<string, unknown>>;

/**
 * Items of the control tables by sort key; there is one migration, so one partition key. The sort keys of a second control plane
 * start with its name.
 */
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

const NOTHING: Installed = { installed: false, guard: null, removed: {} };

export const EMPTY: State = {
  source: { ...NOTHING, rows: {}, captures: [], log: [], nextEntry: 1, open: null },
  target: { ...NOTHING, rows: {}, wasEmpty: null, leases: {}, touches: {}, skipped: {} },
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
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return Array.isArray(value) ? `[${value.map(canonical).join(',')}]` : canonicalFields(value, canonical);
}

/** The same of an object, whose fields are written by another function. Their names need no escaping. */
export function canonicalFields(value: object, write: (field: unknown) => string): string {
  let text = '';
  for (const name of Object.keys(value).sort())
    text += `${text === '' ? '' : ','}"${name}":${write((value as Record<string, unknown>)[name])}`;
  return `{${text}}`;
}

export const failed = (state: State, name: string, message: string, sqlState?: string): Effect => ({
  state,
  reply: { failure: { name, message, ...(sqlState === undefined ? {} : { sqlState }) } },
});

export const replyWith = (state: State, value: unknown): Effect => ({ state, reply: { value } });

/** The failure of a statement where the schema `sluice` does not exist. */
export const notInstalled = (state: State, sqlState = '42P01'): Effect =>
  failed(state, 'StatementRefused', 'schema sluice does not exist', sqlState);

export const withSource = (state: State, source: Partial<SourceState>): State => ({
  ...state,
  source: { ...state.source, ...source },
});

export const withTarget = (state: State, target: Partial<TargetState>): State => ({
  ...state,
  target: { ...state.target, ...target },
});
