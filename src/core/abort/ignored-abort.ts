import type { AbortInput } from '../../contract/payloads';
import { MalformedInput } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { World } from '../world';

/** Result of a step of an abort; `nothing`: the abort ends here. */
export type AbortStep<V extends string> =
  | { readonly verdict: V; readonly done: boolean; readonly because: null }
  | { readonly verdict: 'nothing'; readonly done: false; readonly because: string };

export const abortStep = <V extends string>(verdict: V, done = false): AbortStep<V> => ({
  verdict,
  done,
  because: null,
});

/**
 * Why an abort does not concern the migration as it is now, or null. A late, repeated or early abort is not an error.
 * @throws MalformedInput if the input is not one
 */
export function ignoredBecause(record: MigrationRecord, input: AbortInput): string | null {
  const { migration, generation, runStartedAt } = record;
  checkInput(input);
  if (input.generation !== generation)
    return input.generation < generation
      ? `generation ${input.generation} of migration ${migration} has ended; the migration is in generation ${generation}`
      : `generation ${input.generation} of migration ${migration} has not started; the migration is in generation ${generation}`;
  if (record.status !== 'running' && record.status !== 'held') return null;
  const requested = input.runStartedAt ?? '';
  if (requested !== '' && Date.parse(requested) < Date.parse(runStartedAt))
    return `the run of ${requested} has ended; migration ${migration} was resumed at ${runStartedAt}`;
  return null;
}

function checkInput({ migration, generation, runStartedAt = '' }: AbortInput): void {
  if (!Number.isInteger(generation) || generation < 1)
    throw new MalformedInput(
      `the generation to abort is ${JSON.stringify(generation) ?? 'missing'}. Give a whole number: npx sluice status ${migration} shows it, and npx sluice abort ${migration} fills it in`,
    );
  if (runStartedAt !== '' && Number.isNaN(Date.parse(runStartedAt)))
    throw new MalformedInput(
      `runStartedAt is ${JSON.stringify(runStartedAt)}. Give an instant such as 2026-01-31T12:00:00Z, or leave it out`,
    );
}

/** Journals that an abort did nothing, and why. */
export async function ignoreAbort(
  { control }: Pick<World, 'control'>,
  record: MigrationRecord,
  input: AbortInput,
  because: string,
): Promise<AbortStep<never>> {
  await control.journal.append(record.migration, record.generation, 'abort ignored', {
    ...{ generation: input.generation, runStartedAt: input.runStartedAt ?? '' },
    ...{ reason: input.reason, because },
  });
  return { verdict: 'nothing', done: false, because };
}
