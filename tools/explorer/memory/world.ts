/** Implements the core's ports: each call becomes the requests that its adapter would send. */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Side } from '../../../src/contract/sides';
import { ControlTable } from '../../../src/adapters/dynamodb/control-table';
import { refusal } from '../../../src/adapters/postgres/refusal';
import { StatementRefused } from '../../../src/adapters/postgres/statement-refused';
import type { Definition } from '../../../src/core/definition/definition';
import {
  FencedOut,
  FenceExpired,
  ForeignOwner,
  TransientFailure,
  WrongState,
} from '../../../src/core/errors';
import { freezeDefinition } from '../../../src/core/definition/frozen-definition';
import type { Guard, Installer } from '../../../src/core/guard-ports';
import type { End } from '../../../src/core/ends';
import type { Authority, ChangeLog, Clock, Leases, Reader, Verifier, Writer } from '../../../src/core/ports';
import type { Control, World } from '../../../src/core/world';
import { deployedOf, FIRST, LAYOUT, TABLE, type Plane } from './scene';
import type { Failure, Request } from './state';

/** Sends one request and returns its reply. */
export type Send = (request: Request) => Promise<unknown>;

export interface Setting {
  readonly definition: Definition;
  readonly send: Send;
  readonly clock: Clock;
  /** Number of boundaries in a plan: none, or one in the middle. */
  readonly cuts: 0 | 1;
  readonly isRunning: (execution: string) => boolean;
  /** @default the first control plane */
  readonly plane?: Plane;
  /** Whether guards are armed and disarmed. @default false: their triggers are always complete */
  readonly triggers?: boolean;
}

/** The error that a worker sees for a failure. */
export function errorOf({ name, message, sqlState }: Failure): Error {
  switch (name) {
    case 'TransientFailure':
      return new TransientFailure(message);
    case 'FencedOut':
      return new FencedOut(message);
    case 'WrongState':
      return new WrongState(message);
    case 'ForeignOwner':
      return new ForeignOwner(message);
    case 'FenceExpired':
      return new FenceExpired(message);
    case 'StatementRefused':
      return new StatementRefused(message, sqlState ?? null, null);
    default:
      return Object.assign(new Error(message), { name });
  }
}

export function worldOf(setting: Setting): World {
  const { definition, clock } = setting;
  const planned = { table: TABLE, layout: LAYOUT, heapBytes: 8192, rowsPerChunk: 1 };
  return {
    definition,
    clock,
    control: controlOf(setting),
    ends: { source: endOf(setting, 'source'), target: endOf(setting, 'target') },
    refusalOf: (error) => (error instanceof StatementRefused ? refusal(error.sqlState, null) : null),
    assess: async () => ({ problems: [], notices: [] }),
    schemaFiles: async () => [],
    describe: async () => [planned],
    isRunning: async (execution) => setting.isRunning(execution),
    stop: async () => undefined,
  };
}

/** The real adapter with a client that only forwards. The journal decides nothing; the frozen definition and the owner never change. */
function controlOf({ send, clock, definition, plane = FIRST }: Setting): Control {
  const carrier = new Carrier(send, plane.items);
  const client = { send: (command: Command) => carrier.send(command) };
  const control = new ControlTable(client as unknown as DynamoDBDocumentClient, 'control', () => clock.now());
  const journal = { append: async () => undefined, last: async () => [] };
  const frozen = freezeDefinition(definition, deployedOf(definition.shape));
  const definitions = { store: async () => ({ hash: 'frozen', parts: 1 }), read: async () => frozen };
  return Object.defineProperties(control, {
    journal: { value: journal },
    definitions: { value: definitions },
    owner: { value: async () => plane.owner },
  });
}

interface Command {
  readonly input: Readonly<Record<string, unknown>>;
  readonly constructor: { readonly name: string };
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Turns the client's commands into requests. Values that the adapter draws at random would differ on each run, so they are
 * replaced by numbered marks, and restored where the adapter reads back what it wrote.
 */
class Carrier {
  private readonly drawn = new Map<unknown, unknown>();

  constructor(
    private readonly sendRequest: Send,
    /** Prefix of this ledger's sort keys. */
    private readonly items: string,
  ) {}

  async send({ input, constructor }: Command): Promise<unknown> {
    const { ConditionExpression, UpdateExpression, ExpressionAttributeNames } = input;
    const values = (input.ExpressionAttributeValues ?? {}) as Values;
    const expression = { UpdateExpression, ConditionExpression, ExpressionAttributeNames };
    switch (constructor.name) {
      case 'GetCommand':
        return { Item: this.putBack(await this.ledger('get', this.keyOf(input))) ?? undefined };
      case 'QueryCommand': {
        const { Limit: limit, ScanIndexForward } = input;
        const newestFirst = ScanIndexForward === false;
        return {
          Items: await this.ledger('query', {
            prefix: `${this.items}${String(values[':prefix'])}`,
            limit,
            newestFirst,
          }),
        };
      }
      case 'PutCommand': {
        const item = unsalted(input.Item as Values);
        return this.ledger('put', { sk: `${this.items}${String(item.sk)}`, item, ...expression });
      }
      case 'UpdateCommand': {
        const args = {
          ...this.keyOf(input),
          ...expression,
          ExpressionAttributeValues: await this.marked(values),
        };
        return { Attributes: this.putBack(await this.ledger('update', args)) };
      }
      case 'DeleteCommand':
        return this.ledger('delete', this.keyOf(input));
      default:
        throw new Error(`the model of the control table does not support ${constructor.name}`);
    }
  }

  private keyOf(input: Command['input']): { pk: string; sk: string } {
    const { pk, sk } = input.Key as { pk: string; sk: string };
    return { pk, sk: this.items + sk };
  }

  private ledger(op: string, args: Values): Promise<unknown> {
    return this.sendRequest({ at: 'ledger', op, args });
  }

  private async marked(values: Values): Promise<Values> {
    const marked = { ...values };
    for (const name of MARKS.map((mark) => `:${mark}`).filter((mark) => values[mark] !== undefined)) {
      marked[name] = await this.sendRequest({ at: 'application', op: 'draw', args: {} });
      this.drawn.set(marked[name], values[name]);
    }
    return marked;
  }

  private putBack(item: unknown): unknown {
    if (item === null || item === undefined) return item;
    const random = MARKS.flatMap((mark) => {
      const drawn = this.drawn.get((item as Values)[mark]);
      return drawn === undefined ? [] : [[mark, drawn] as const];
    });
    return random.length === 0 ? item : { ...(item as Values), ...Object.fromEntries(random) };
  }
}

/** Random attributes that distinguish writes of equal values. */
const MARKS = ['decision', 'captureLostMark'];

/** Replaces the random salt, so that every run is the same. */
const unsalted = (item: Record<string, unknown>): Record<string, unknown> =>
  'salt' in item ? { ...item, salt: 'salt' } : item;

/** There is only one migration. */
const own = ({ owner, generation, epoch }: Authority) => ({ owner, generation, epoch });

const guardOf = ({ send, triggers = false }: Setting, at: Side): Guard => ({
  setGuard: (authority, change) =>
    send({ at, op: 'setGuard', args: { ...own(authority), ...change } }) as Promise<string | null>,
  readGuard: ({ owner }) => send({ at, op: 'readGuard', args: { owner } }) as ReturnType<Guard['readGuard']>,
  arm: async (authority) => {
    if (triggers) await send({ at, op: 'arm', args: own(authority) });
  },
  disarm: async (authority) => {
    if (triggers) await send({ at, op: 'disarm', args: own(authority) });
  },
  // Sessions outside of the rules are not modelled.
  fenceObstacles: async () => [],
  // The registered table never changes, and is not modelled.
  guardedTables: async () => [LAYOUT.from],
  changedTables: async () => [],
  guardChanges: async () => [],
  revoke: async (authority) => void (await send({ at, op: 'revoke', args: own(authority) })),
  sequencePosition: async () => '1',
  advanceSequence: async () => '1',
});

const endOf = (setting: Setting, side: Side): End => ({
  side,
  reader: readerOf(setting, side),
  writer: writerOf(setting, side),
  verifier: verifierOf(setting, side),
  log: logOf(setting, side),
  guard: guardOf(setting, side),
  leases: leasesOf(setting, side),
  installer: installerOf(setting.send, side),
  logins: { names: async () => ({ control: 'c', worker: 'w', verifier: 'v' }) },
});

const sender =
  ({ send }: Setting, at: Side) =>
  <T>(op: string, args: Request['args']) =>
    send({ at, op, args }) as Promise<T>;

function readerOf(setting: Setting, side: Side): Reader {
  const send = sender(setting, side);
  return {
    readPage: (_, { lower, upper }, after) => send('readPage', { lower, upper, after }),
    // The model has no large rows, so no row is measured or sent in slices.
    measureRow: () => Promise.reject(new Error('no row is large')),
    firstKey: () => Promise.reject(new Error('no row is refused')),
    readSlices: () => Promise.reject(new Error('no row is large')),
    boundaries: () => send('boundaries', { cuts: setting.cuts }),
    lastKey: () => send('lastKey', {}),
  };
}

function logOf(setting: Setting, side: Side): ChangeLog {
  const send = sender(setting, side);
  return {
    captures: ({ owner, generation }) => send('captures', { owner, generation, table: TABLE }),
    readDirty: (_, capture, __, after) => send('readDirty', { capture, after }),
    forget: async (capture, _, entries) => {
      if (entries.length > 0) await send('forget', { capture, entries });
    },
    enqueue: async (_, capture, keys) => {
      if (keys.length > 0) await send('enqueue', { capture, keys });
    },
    dirtyPartitions: async (captures) => ({
      dirty: new Set(await send<string[]>('dirtyPartitions', { captures })),
      atMs: setting.clock.now(),
    }),
    depth: () => send('depth', { table: TABLE }),
  };
}

function writerOf(setting: Setting, side: Side): Writer {
  const send = sender(setting, side);
  return {
    clearRange: (_, { lower, upper }, ticket) => send('clearRange', { lower, upper, ...ticket }),
    writePage: (_, ticket, groups) => send('writePage', { ...ticket, groups }),
    writePageConcurrently: (_, ticket, groups) => send('writePageConcurrently', { ...ticket, groups }),
    skipToApplier: (ticket, last) => send('skipToApplier', { ...ticket, last }),
    skipRow: (ticket, last) => send('skipRow', { ...ticket, last }),
    dropSlices: () => Promise.reject(new Error('no row is large')),
    stageSlices: () => Promise.reject(new Error('no row is large')),
    moveStaged: () => Promise.reject(new Error('no row is large')),
    placeKeys: (_, prefix, keys) => send('placeKeys', { prefix, keys }),
    applyRows: (_, prefix, ticket, changes) => send('applyRows', { prefix, ...ticket, changes }),
    applyEach: (_, prefix, ticket, changes) => send('applyEach', { prefix, ...ticket, changes }),
    applyStaged: () => Promise.reject(new Error('no row is large')),
    parkRow: () => Promise.reject(new Error('no row is large')),
  };
}

function verifierOf(setting: Setting, side: Side): Verifier {
  const send = sender(setting, side);
  return {
    digestFrom: (_, { lower, upper }) => send('digest', { lower, upper }),
    digestTo: (_, { lower, upper }) => send('digest', { lower, upper }),
    // The table has no foreign key.
    orphans: async () => 0,
    readLease: (scope) => send('readLease', { scope }),
    touches: async (prefix) => new Map(await send<[number, number][]>('touches', { prefix })),
  };
}

function leasesOf(setting: Setting, side: Side): Leases {
  const send = sender(setting, side);
  return {
    install: (authority, scope, token, attempt) =>
      send('installLease', { ...own(authority), scope, token, attempt }),
    read: (scope) => send('readLease', { scope }),
    close: (scope, token) => send('closeLease', { scope, token }),
    closeAll: (authority) => send('closeLeases', own(authority)),
    planPartition: (authority, scope) => send('planPartition', { ...own(authority), scope }),
    readSkipped: (scope) => send('readSkipped', { scope }),
    plan: (authority, _, prefix, boundaries, closedFrom = null) =>
      send('planLeases', { ...own(authority), prefix, boundaries, closedFrom }),
  };
}

const installerOf = (send: Send, at: Side): Installer => ({
  install: async (_, authority) =>
    void (await send({ at, op: 'install', args: authority ? own(authority) : {} })),
  createTables: async () => 0,
  register: async (authority) => void (await send({ at, op: 'registerGuard', args: own(authority) })),
  noteEmpty: (authority) => send({ at, op: 'noteEmpty', args: own(authority) }) as Promise<string[]>,
  uninstall: async (authority) => {
    const kept = (await send({ at, op: 'uninstall', args: own(authority) })) as string[];
    await send({ at, op: 'dropUnused', args: {} });
    return kept;
  },
  startCapture: (authority, table) =>
    send({ at, op: 'startCapture', args: { ...own(authority), table } }) as ReturnType<
      Installer['startCapture']
    >,
  stopCapture: async (authority) => void (await send({ at, op: 'stopCapture', args: own(authority) })),
});
