/** Descriptions of requests and replies for traces. */
import { OWNER } from './memory/scene';
import type { Reply, Request } from './memory/state';

type Values = Readonly<Record<string, unknown>>;

const text = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none');

const range = ({ lower, upper }: Values): string => `[${text(lower ?? '-∞')}, ${text(upper ?? '∞')})`;
const ticket = ({ scope, token, seq }: Values): string =>
  `${leaseName(scope)}, token ${text(token)}, number ${text(seq)}`;
const leaseName = (scope: unknown): string =>
  text(scope)
    .replace(/^.*~apply\/.*$/, 'the applier')
    .replace(/^.*\/(\d+)$/, 'chunk $1');
const rowsOf = (groups: unknown): string =>
  (groups as { columns: string[] }[]).map(({ columns }) => columns.join(' = ')).join(', ');
const changesOf = (changes: unknown): string =>
  (changes as { key: string; row: string[] | null }[])
    .map(({ key, row }) => `${key} ${row === null ? 'deleted' : `= ${row[1]}`}`)
    .join(', ');

const DESCRIPTIONS: Readonly<Record<string, (args: Values) => string>> = {
  readPage: (args) => `reads a page of ${range(args)} after ${text(args.after ?? 'its start')}`,
  writePage: (args) => `writes the page ${rowsOf(args.groups)} under the lease of ${ticket(args)}`,
  writePageConcurrently: (args) =>
    `writes the rows of ${rowsOf(args.groups)} that are absent, under the lease of ${ticket(args)}`,
  clearRange: (args) => `clears ${range(args)} under the lease of ${ticket(args)}`,
  skipRow: (args) => `skips ${text(args.last)} under the lease of ${ticket(args)}`,
  applyRows: (args) => `applies ${changesOf(args.changes)} under the lease of ${ticket(args)}`,
  applyEach: (args) => `applies one by one ${changesOf(args.changes)} under the lease of ${ticket(args)}`,
  installLease: ({ scope, token, attempt }) =>
    `installs token ${text(token)}, attempt ${text(attempt)}, in the lease of ${leaseName(scope)}`,
  readLease: ({ scope }) => `reads the lease of ${leaseName(scope)}`,
  closeLease: ({ scope, token }) => `closes the lease of ${leaseName(scope)} with token ${text(token)}`,
  closeLeases: () => 'closes every lease permanently',
  planPartition: () => 'creates the lease of its partition',
  planLeases: ({ boundaries, closedFrom }) =>
    `plans chunks at ${text(boundaries)}, closed from ${text(closedFrom ?? 'nowhere')}`,
  readSkipped: ({ scope }) => `reads the skipped keys of ${leaseName(scope)}`,
  touches: () => 'reads which chunks were written to',
  digest: (args) => `computes the checksum of ${range(args)}`,
  boundaries: () => 'samples the boundaries',
  lastKey: () => 'reads the last key',
  captures: () => 'checks the capture',
  dirtyPartitions: () => 'checks for dirty partitions',
  depth: () => 'measures the log',
  readDirty: ({ after }) => `reads dirty keys after entry ${text(after ?? 'none')}`,
  forget: ({ entries }) => `deletes the entries ${text(entries)}`,
  enqueue: ({ keys }) => `marks ${text(keys)} dirty`,
  readGuard: () => 'reads the guard',
  arm: ({ epoch }) => `arms the guard under epoch ${text(epoch)}`,
  disarm: ({ epoch }) => `disarms the guard under epoch ${text(epoch)}`,
  setGuard: ({ state, epoch }) => `sets the guard to ${text(state)} under epoch ${text(epoch)}`,
  install: () => 'installs',
  registerGuard: ({ epoch }) => `registers the guard under epoch ${text(epoch)}`,
  noteEmpty: () => 'notes whether the table is empty',
  startCapture: ({ epoch }) => `starts the capture under epoch ${text(epoch)}`,
  stopCapture: ({ epoch }) => `stops the capture under epoch ${text(epoch)}`,
  uninstall: ({ epoch }) => `removes everything under epoch ${text(epoch)}`,
  dropUnused: () => 'drops the schema if it is unused',
  restore: () => 'a copy of the ledger is restored',
  revoke: ({ epoch }) => `revokes the leases under epoch ${text(epoch)}`,
  write: ({ changes }) => `writes ${writtenOf(changes)}`,
  begin: ({ changes }) => `writes ${writtenOf(changes)} in a transaction that stays open`,
  commit: () => 'commits',
  draw: () => 'draws a mark',
  alter: () => 'the owner alters the table',
  alterTriggers: ({ side, to }) => `the owner of the ${text(side)} makes the guard's triggers ${text(to)}`,
  writeAstray: ({ changes }) => `writes ${writtenOf(changes)} to the closed target`,
  expire: () => 'the fence expires',
};

const writtenOf = (changes: unknown): string =>
  (changes as { id: string; v: number | null }[])
    .map(({ id, v }) => (v === null ? `row ${id} deleted` : `row ${id} = ${v}`))
    .join(', ');

/** Describes a request. */
export function describeRequest({ at, op, args }: Request): string {
  if (at === 'ledger') return describeLedgerRequest(op, args);
  const phrase = (DESCRIPTIONS[op]?.(args) ?? op) + foreign(args);
  const place = at === 'application' ? '' : `, ${at === 'source' ? 'in the source' : 'in the target'}`;
  return phrase + place;
}

/** The owner of a controlling call, if it is not the first control plane. */
const foreign = ({ owner }: Values): string =>
  owner === undefined || owner === OWNER ? '' : ` by ${text(owner)}`;

const itemName = (sk: unknown): string =>
  text(sk)
    .replace(/#0{9}(?=\d)/g, ' ')
    .replace('#shop.t', '');

function describeLedgerRequest(op: string, args: Values): string {
  if (op === 'get') return `reads ${itemName(args.sk)} in the ledger`;
  if (op === 'query') return `lists ${itemName(args.prefix)}… in the ledger`;
  if (op === 'put') return `creates ${itemName(args.sk)} in the ledger unless it exists`;
  if (op === 'delete') return `deletes ${itemName(args.sk)} from the ledger`;
  const values = args.ExpressionAttributeValues as Values;
  const named = (expression: unknown) =>
    text(expression)
      .replace(/[#]/g, '')
      .replace(/:\w+/g, (name) => text(values[name]));
  const condition = args.ConditionExpression;
  const only = condition === undefined || condition === '' ? ' unconditionally' : `, if ${named(condition)}`;
  return `updates ${itemName(args.sk)} in the ledger: ${shortened(named(args.UpdateExpression))}${only}`;
}

const LENGTH_MAX = 110;
const shortened = (long: string): string =>
  long.length > LENGTH_MAX ? `${long.slice(0, LENGTH_MAX)}…` : long;

/** Describes a reply. */
export function describeReply({ at, op }: Request, reply: Reply): string {
  if ('failure' in reply) {
    const { name, message } = reply.failure;
    return name === 'ConditionalCheckFailedException' ? 'refused' : `${name}: ${message}`;
  }
  const { value } = reply;
  if (at === 'ledger') return describeLedgerReply(op, value);
  return value === null && !op.startsWith('read') && op !== 'installLease' ? 'done' : shortened(text(value));
}

const SHOWN = ['stage', 'status', 'writes', 'state', 'token', 'comparison', 'reopened'];

function describeLedgerReply(op: string, value: unknown): string {
  if (value === null) return op === 'get' ? 'nothing' : 'done';
  if (Array.isArray(value)) return `[${value.map((item) => describeLedgerReply(op, item)).join('; ')}]`;
  const item = value as Values;
  const shown = SHOWN.filter((name) => item[name] !== undefined).map((name) => `${name} ${text(item[name])}`);
  return shown.length === 0 ? 'found' : shown.join(', ');
}
