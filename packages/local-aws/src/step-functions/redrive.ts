import { LIMITS } from './limits';
import type { ExecutionRecord } from './records';

export interface Redrivability {
  readonly status: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN';
  /** Why the execution is not redrivable. */
  readonly reason?: string;
}

const notRedrivable = (reason: string): Redrivability => ({ status: 'NOT_REDRIVABLE', reason });

export interface RedriveContext {
  readonly nowMs: number;
  readonly deleting: boolean;
  /** Whether the plan of the execution is known. It is lost when the engine restarts. */
  readonly hasPlan: boolean;
}

/** Determines whether an execution may be redriven now. */
export function determineRedrivability(
  record: ExecutionRecord,
  { nowMs, deleting, hasPlan }: RedriveContext,
): Redrivability {
  const { outcome, events, mapRunArn } = record;
  if (deleting) return notRedrivable('State machine is in DELETING status');
  if (outcome === undefined) return notRedrivable('Execution is RUNNING and cannot be redriven');
  if (outcome.status === 'SUCCEEDED') return notRedrivable('Execution is SUCCEEDED and cannot be redriven');
  // The redrive needs room for its own event and at least one other.
  if (events.length >= LIMITS.historyEventsMax - 1)
    return notRedrivable('Execution history event limit exceeded');
  if (nowMs - outcome.stopMs > LIMITS.redrivableMs)
    return notRedrivable('Execution redrivable period exceeded');
  if (!hasPlan)
    return notRedrivable('Execution was started before the engine restarted and cannot be redriven');
  return { status: mapRunArn === undefined ? 'REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN' };
}

const TOKENS_MAX = 10;
const TOKEN_LIFE_MS = 15 * 60 * 1000;

/** Remembers the client tokens of the last redrives of each execution. */
export class RedriveTokens {
  private readonly byExecution = new Map<string, { readonly token: string; readonly redriveMs: number }[]>();

  /** Returns the redrive that used the token, unless the token has expired. */
  find(executionArn: string, token: string | undefined, nowMs: number): { redriveMs: number } | undefined {
    const used = this.byExecution.get(executionArn)?.find((each) => each.token === token);
    return used && nowMs - used.redriveMs <= TOKEN_LIFE_MS ? { redriveMs: used.redriveMs } : undefined;
  }

  keep(executionArn: string, token: string | undefined, redriveMs: number): void {
    if (token === undefined) return;
    const used = this.byExecution.get(executionArn) ?? [];
    this.byExecution.set(executionArn, [...used, { token, redriveMs }].slice(-TOKENS_MAX));
  }
}
