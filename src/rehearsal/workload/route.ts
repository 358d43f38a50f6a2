/** The side to which the application writes: it reads the migration's route, as a client would. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Side } from '../../contract/sides';

export interface Route {
  readonly side: Side;
  readonly epoch: number;
}

/** Reads the route once. Null if none is written yet. */
export type AskRoute = () => Promise<Route | null>;

/** Reads the route from the control table. @param environment variables with its endpoint for SDK clients */
export function routeOf(
  migration: string,
  controlTable: string,
  environment: Readonly<Record<string, string>>,
): AskRoute {
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

const ASK_EVERY_MS = 20;
/** A side that refuses may take writes again without a new route: a fence that was cancelled. */
const TRY_AGAIN_AFTER_MS = 100;

/** The route as all writers of a process know it. It is read after the first refusal. */
export class RouteFollower {
  private known: Route = { side: 'source', epoch: -1 };
  private asking: Promise<void> | undefined;

  constructor(
    private readonly readRoute: AskRoute,
    private readonly stopped: AbortSignal,
  ) {}

  get side(): Side {
    return this.known.side;
  }

  /** Learns the route before anything is written, e.g. in a rehearsal that is gone on with. */
  async begin(): Promise<void> {
    await this.refresh();
  }

  /** After a refusal: returns when the route names another side, or when it is time to retry. */
  async follow(refusedBy: Side): Promise<void> {
    const until = Date.now() + TRY_AGAIN_AFTER_MS;
    while (!this.stopped.aborted && this.known.side === refusedBy && Date.now() < until) {
      this.asking ??= this.refresh().finally(() => (this.asking = undefined));
      await this.asking;
      if (this.known.side === refusedBy) await sleep(ASK_EVERY_MS);
    }
  }

  private async refresh(): Promise<void> {
    const route = await this.readRoute().catch(() => null);
    if (route !== null && route.epoch >= this.known.epoch) this.known = route;
  }
}
