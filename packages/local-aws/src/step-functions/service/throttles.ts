import type { Clock } from '../clock';
import { ownValue } from '../json';
import { ServiceError } from './service-error';

/** The capacity of a token bucket and its refill rate. */
interface Bucket {
  readonly size: number;
  readonly perSecond: number;
}

const bucket = (size: number, perSecond: number): Bucket => ({ size, perSecond });

const LARGE_REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1'];

/** Bucket sizes in the large Regions and in all others. Source: the service quotas of AWS Step Functions. */
const BUCKETS: Readonly<Record<string, readonly [large: Bucket, other: Bucket]>> = {
  CreateStateMachine: [bucket(100, 1), bucket(100, 1)],
  DeleteStateMachine: [bucket(100, 1), bucket(100, 1)],
  DescribeExecution: [bucket(300, 15), bucket(250, 10)],
  DescribeMapRun: [bucket(200, 1), bucket(200, 1)],
  DescribeStateMachine: [bucket(200, 20), bucket(200, 20)],
  DescribeStateMachineForExecution: [bucket(200, 1), bucket(200, 1)],
  GetExecutionHistory: [bucket(400, 20), bucket(400, 20)],
  ListExecutions: [bucket(200, 5), bucket(100, 2)],
  ListMapRuns: [bucket(100, 1), bucket(100, 1)],
  ListStateMachines: [bucket(100, 5), bucket(100, 5)],
  ListTagsForResource: [bucket(100, 1), bucket(100, 1)],
  RedriveExecution: [bucket(1300, 300), bucket(800, 150)],
  SendTaskFailure: [bucket(3000, 500), bucket(1500, 300)],
  SendTaskHeartbeat: [bucket(3000, 500), bucket(1500, 300)],
  SendTaskSuccess: [bucket(3000, 500), bucket(1500, 300)],
  StartExecution: [bucket(1300, 300), bucket(800, 150)],
  StopExecution: [bucket(1000, 200), bucket(500, 25)],
  TagResource: [bucket(200, 1), bucket(200, 1)],
  UntagResource: [bucket(200, 1), bucket(200, 1)],
  UpdateMapRun: [bucket(100, 1), bucket(100, 1)],
  UpdateStateMachine: [bucket(100, 1), bucket(100, 1)],
  ValidateStateMachineDefinition: [bucket(100, 1), bucket(100, 1)],
};

/** One token bucket per operation and Region. Operations without a documented quota are not throttled. */
export class Throttles {
  private readonly levels = new Map<string, { tokens: number; atMs: number }>();

  constructor(
    private readonly region: string,
    private readonly clock: Clock,
  ) {}

  /** Takes a token, or throws ThrottlingException if the bucket is empty. */
  takeToken(operation: string): void {
    const [large, other] = ownValue(BUCKETS, operation) ?? [];
    const capacity = LARGE_REGIONS.includes(this.region) ? large : other;
    if (!capacity) return;
    const nowMs = this.clock.nowMs();
    const level = this.levels.get(operation) ?? { tokens: capacity.size, atMs: nowMs };
    const refill = ((nowMs - level.atMs) / 1000) * capacity.perSecond;
    const tokens = Math.min(capacity.size, level.tokens + refill);
    this.levels.set(operation, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs });
    if (tokens < 1) throw new ServiceError('ThrottlingException', 'Rate exceeded');
  }
}
