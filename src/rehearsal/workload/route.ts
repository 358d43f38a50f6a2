/** Follows the migration's route, as the client of an application does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Side } from '../../contract/sides';

export interface Route {
  readonly side: Side;
  readonly epoch: number;
}

/** Reads the route once. Returns null if no route is written yet. */
export type ReadRoute = () => Promise<Route | null>;

/** Returns a function that reads the route from the control table. @param environment variables for SDK clients */
export function createRouteReader(
  migration: string,
  controlTable: string,
  environment: Readonly<Record<string, string>>,
): ReadRoute {
  const client = new DynamoDBClient({
    endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    region: environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  return async () => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: controlTable,
        Key: { pk: { S: migration }, sk: { S: 'route' } },
        ConsistentRead: true,
      }),
    );
    const side = Item?.writes?.S;
    if (side !== 'source' && side !== 'target') return null;
    return { side, epoch: Number(Item?.epoch?.N ?? 0) };
  };
}

const READ_EVERY_MS = 20;
/** Retry after this even without a new route, because a cancelled fence accepts writes again. */
const RETRY_AFTER_MS = 100;

/** The route that all writers of a process share. They read it only after a refused write. */
export class RouteFollower {
  private known: Route = { side: 'source', epoch: -1 };
  private reading: Promise<void> | undefined;

  constructor(
    private readonly readRoute: ReadRoute,
    private readonly stopped: AbortSignal,
  ) {}

  get side(): Side {
    return this.known.side;
  }

  /** Reads the route before the first write, because a resumed rehearsal may have flipped already. */
  async readFirst(): Promise<void> {
    await this.refresh();
  }

  /** Call it after a refusal. Returns when the route names the other side, or when the writer should retry. */
  async follow(refusedBy: Side): Promise<void> {
    const until = Date.now() + RETRY_AFTER_MS;
    while (!this.stopped.aborted && this.known.side === refusedBy && Date.now() < until) {
      this.reading ??= this.refresh().finally(() => (this.reading = undefined));
      await this.reading;
      if (this.known.side === refusedBy) await sleep(READ_EVERY_MS);
    }
  }

  private async refresh(): Promise<void> {
    const route = await this.readRoute().catch(() => null);
    if (route !== null && route.epoch >= this.known.epoch) this.known = route;
  }
}
