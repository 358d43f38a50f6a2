/** Disables protections, for the mutations. */
import type { Request } from './memory/state';
import type { Mutation, Scenario } from './scenario';

export interface MutationTest extends Mutation {
  /** Name of the disabled protection. */
  readonly protection: string;
  readonly scenario: Scenario;
  /** The harm shows only after a recovery, not in an invariant. */
  readonly inTheEnd?: boolean;
}

/** Rewrites the statement to run without a protection. */
export const disabling =
  (protections: string | readonly string[], concerns: (request: Request) => boolean) =>
  (request: Request): Request =>
    concerns(request) ? { ...request, args: { ...request.args, without: [protections].flat() } } : request;

export const isOp =
  (...ops: readonly string[]) =>
  ({ op }: Request): boolean =>
    ops.includes(op);

/** Removes a part of an operation's condition. */
export const unconditional =
  (part: RegExp, concerns: (values: Readonly<Record<string, unknown>>) => boolean) =>
  (request: Request): Request => {
    const { ConditionExpression: condition, ExpressionAttributeValues: values } = request.args;
    if (request.at !== 'ledger' || typeof condition !== 'string') return request;
    if (!concerns((values ?? {}) as Record<string, unknown>)) return request;
    return {
      ...request,
      args: { ...request.args, ConditionExpression: condition.replace(part, '') },
    };
  };

/** Restricts a scenario to some workers, and faults to some requests. */
export const part = (
  scenario: Scenario,
  workers: readonly string[],
  faulty: ((request: Request) => boolean) | null = null,
): Scenario => ({
  ...scenario,
  workers: scenario.workers.filter(({ name }) => workers.includes(name)),
  zombiesMax: 0,
  ...(faulty ? { faulty, faultsMax: 1 } : { faultsMax: 0 }),
});
