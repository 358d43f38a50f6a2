/** Pools database sessions by cluster, login and database. */
import { connect } from 'node:net';

import { Pool, type PoolClient } from 'pg';

import { connectionError, databaseError } from './errors';
import { SessionClient } from './session-client';

export interface SessionTarget {
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

const SESSIONS_MAX = 20;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_SESSION_MS = 60_000;

type PooledClient = PoolClient & SessionClient;

/** A session that one call or one transaction holds. */
export class Session {
  private released = false;
  private cancelled = false;

  constructor(
    readonly client: PooledClient,
    private readonly onRelease: (session: Session) => void,
  ) {}

  /** The server's process id, which the Data API calls the connection's id. */
  get processId(): number {
    return keysOf(this.client).processID ?? 0;
  }

  get isInTransaction(): boolean {
    return this.client.getTransactionStatus() !== 'I';
  }

  /** True after `cancel`: the session must not be used again. */
  get isCancelled(): boolean {
    return this.cancelled;
  }

  /** Why the server or the network ended the session; undefined while it is usable. */
  get ending(): Error | undefined {
    return this.client.ending;
  }

  /**
   * Sends the server a cancel request for the running statement, over a separate connection. The request may arrive
   * after that statement's end and cancel the next one, so the session is never used again.
   */
  cancel(): void {
    this.cancelled = true;
    const { processID, secretKey } = keysOf(this.client);
    const request = Buffer.alloc(16);
    [16, 80_877_102, processID ?? 0, secretKey ?? 0].forEach((word, index) => {
      request.writeInt32BE(word, index * 4);
    });
    const socket = connect(this.client.port, this.client.host, () => socket.end(request));
    // An unreachable server has no statement to cancel.
    socket.on('error', () => socket.destroy());
  }

  /**
   * Returns the session to its pool, which drops it if it was cancelled or has ended.
   * @param reusable false: its state must not be visible to the next caller, so the pool drops it
   */
  release(reusable: boolean): void {
    if (this.released) return;
    this.released = true;
    this.client.release(!reusable || this.cancelled || this.ending !== undefined);
    this.onRelease(this);
  }
}

/** node-postgres keeps them for its own `cancel`, outside its declared types. */
interface CancelKeys {
  readonly processID: number | null;
  readonly secretKey: number | null;
}
const keysOf = (client: SessionClient): CancelKeys => client as unknown as CancelKeys;

/** Two pools in alternation, so that consecutive calls use different sessions: a call must not rely on session state. */
interface Rotation {
  readonly pools: readonly [Pool, Pool];
  turn: 0 | 1;
}

export class Sessions {
  private readonly rotations = new Map<string, Rotation>();
  private readonly open = new Set<Session>();

  /** @throws ServiceError if no session can be opened, it ends immediately, or none becomes free within 10 s */
  async acquire(target: SessionTarget): Promise<Session> {
    const client = await this.nextPool(target)
      .connect()
      .catch((error: unknown) => {
        throw connectionError(error as Error);
      });
    const session = new Session(client as PooledClient, (released) => this.open.delete(released));
    if (session.ending !== undefined) {
      session.release(false);
      throw databaseError(session.ending);
    }
    this.open.add(session);
    return session;
  }

  /** Cancels running statements and closes every session. */
  async close(): Promise<void> {
    const ended = [...this.rotations.values()].flatMap(({ pools }) => pools.map((pool) => pool.end()));
    for (const session of this.open) {
      session.cancel();
      session.release(false);
    }
    await Promise.all(ended);
  }

  private nextPool(target: SessionTarget): Pool {
    const key = [target.clusterArn, target.secretArn, target.database].join('\n');
    const rotation = this.rotations.get(key) ?? newRotation(target);
    this.rotations.set(key, rotation);
    rotation.turn = rotation.turn === 0 ? 1 : 0;
    return rotation.pools[rotation.turn];
  }
}

function newRotation(target: SessionTarget): Rotation {
  return { pools: [newPool(target), newPool(target)], turn: 0 };
}

function newPool(target: SessionTarget): Pool {
  const pool = new Pool({
    Client: SessionClient,
    host: target.host,
    port: target.port,
    user: target.username,
    password: target.password,
    database: target.database,
    max: SESSIONS_MAX,
    idleTimeoutMillis: IDLE_SESSION_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Values stay as the server wrote them.
    types: { getTypeParser: () => (value: string) => value },
  });
  // The server ended an idle session: the pool has already dropped it.
  pool.on('error', () => undefined);
  return pool;
}
