import type { Clock } from '../clock';
import type { Engine } from '../engine';
import type { Request, Shape } from './request';

export interface ServiceContext {
  readonly engine: Engine;
  readonly clock: Clock;
  /** How long a change of status stays unseen by DescribeExecution and ListExecutions. */
  readonly describeLagMs: number;
}

/** One operation of the API. */
export interface Operation {
  readonly shape: Shape;
  /** Throws ServiceError. */
  run(request: Request, context: ServiceContext): object;
}

export const PAGED = { maxResults: 'integer', nextToken: 'string' } as const;

const DATA_KINDS = ['ALL_DATA', 'METADATA_ONLY'] as const;
/** Whether a description holds definitions, inputs and outputs. */
export type DataKind = (typeof DATA_KINDS)[number];

export const includedData = (request: Request): DataKind =>
  request.oneOf('includedData', DATA_KINDS) ?? 'ALL_DATA';
