/** Pooled database sessions by cluster, login and database. */
import { connect } from 'node:net';

import { Pool, type PoolClient } from 'pg';

import { connectionError } from './errors';

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

/** A session in the hands of one call or one transaction. */
export class Session {
  private released = false;
  private spoiled = false;
  /** Why the session ended while nothing ran on it. */
  ending: Error | undefined;

  private readonly noteEnding = (error: Error): void => {
    this.ending ??= error;
  };

  constructor(
    readonly client: PoolClient,
    private readonly onRelease: (session: Session) => void,
  ) {
    client.on('error', this.noteEnding);
  }

  /** The server's process id, which the service calls the connection's id. */
  get processId(): number {
    return keysOf(this.client).processID ?? 0;
  }

  get isInTransaction(): boolean {
    return this.client.getTransactionStatus() !== 'I';
  }

  /** True after `cancel`: the session must not be used again. */
  get isStopped(): boolean {
    return this.spoiled;
  }

  /**
   * Asks the server to cancel what runs, as a client does that has no other connection. The request may arrive after
   * the statement's end and hit the next one, so the session is never used again.
   */
  cancel(): void {
    this.spoiled = true;
    const { processID, secretKey } = keysOf(this.client);
    const request = Buffer.alloc(16);
    [16, 80_877_102, processID ?? 0, secretKey ?? 0].forEach((word, index) => {
      request.writeInt32BE(word, index * 4);
    });
    const socket = connect(this.client.port, this.client.host, () => socket.end(request));
    // An unreachable server runs nothing that must be cancelled.
    socket.on('error', () => socket.destroy());
  }

  /** @param reusable false: the session's state is not what the next caller may see */
  release(reusable: boolean): void {
    if (this.released) return;
    this.released = true;
    // A spoiled client may still report its end; without a listener that would end this process.
    if (reusable) this.client.removeListener('error', this.noteEnding);
    this.client.release(!reusable || this.spoiled || this.ending !== undefined);
    this.onRelease(this);
  }
}

/** node-postgres keeps them for its own `cancel`, outside its declared types. */
interface CancelKeys {
  readonly processID: number | null;
  readonly secretKey: number | null;
}
const keysOf = (client: PoolClient): CancelKeys => client as unknown as CancelKeys;

/** Two pools that take turns, so that two calls in a row never meet on one session: state left there is lost. */
interface Rotation {
  readonly pools: readonly [Pool, Pool];
  turn: 0 | 1;
}

export class Sessions {
  private readonly rotations = new Map<string, Rotation>();
  private readonly open = new Set<Session>();

  /** @throws ServiceError if no session can be opened, or none becomes free within 10 s */
  async acquire(target: SessionTarget): Promise<Session> {
    const key = [target.clusterArn, target.secretArn, target.database].join('\n');
    const rotation = this.rotations.get(key) ?? newRotation(target);
    this.rotations.set(key, rotation);
    rotation.turn = rotation.turn === 0 ? 1 : 0;
    const pool = rotation.pools[rotation.turn];
    try {
      const session = new Session(await pool.connect(), (released) => this.open.delete(released));
      this.open.add(session);
      return session;
    } catch (error) {
      throw connectionError(error as Error);
    }
  }

  /** Cancels what runs and closes every session. */
  async close(): Promise<void> {
    const ended = [...this.rotations.values()].flatMap(({ pools }) => pools.map((pool) => pool.end()));
    for (const session of this.open) {
      session.cancel();
      session.release(false);
    }
    await Promise.all(ended);
  }
}

function newRotation(target: SessionTarget): Rotation {
  return { pools: [newPool(target), newPool(target)], turn: 0 };
}

function newPool(target: SessionTarget): Pool {
  const pool = new Pool({
    host: target.host,
    port: target.port,
    user: target.username,
    password: target.password,
    database: target.database,
    application_name: 'rds-data-api',
    max: SESSIONS_MAX,
    idleTimeoutMillis: IDLE_SESSION_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Values stay as the server wrote them.
    types: { getTypeParser: () => (value: string) => value },
  });
  // An idle session that the server ended: the pool has dropped it already.
  pool.on('error', () => undefined);
  return pool;
}
