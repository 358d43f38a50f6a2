import type { Clock } from '../clock';
import type { Engine } from '../engine';
import type { Request, Shape } from './request';

export interface ServiceContext {
  readonly engine: Engine;
  readonly clock: Clock;
  /** How long DescribeExecution and ListExecutions still return the previous status after a change. */
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
/** Whether a description includes definitions, inputs and outputs. */
export type DataKind = (typeof DATA_KINDS)[number];

export const includedData = (request: Request): DataKind =>
  request.oneOf('includedData', DATA_KINDS) ?? 'ALL_DATA';
