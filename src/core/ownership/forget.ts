import type { Side } from '../../contract/sides';
import type { Problem } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { DatabaseAddress } from '../definition/same-database';
import { databaseUse, type DatabaseUse } from './database-use';
import { describeGuard, isLive } from './describe-guard';
import { inUseProblems } from './in-use';
import type { FoundGuard, FoundSide, NamedDatabase, OwnershipLedger, SideGuards } from './ports';

/** One database whose guards of a migration are to be released. */
export interface ForgetWorld {
  readonly migration: string;
  readonly environment: string;
  readonly side: Side;
  readonly address: DatabaseAddress;
  readonly guards: SideGuards;
  /** Null if the environment has no control table. */
  readonly control: Pick<OwnershipLedger, 'owner' | 'record' | 'journal'> | null;
  /** The databases that the record's generation was started with, and those of the deployed definition. */
  readonly namedBy: (record: MigrationRecord) => Promise<readonly NamedDatabase[]>;
}

export interface ForgetPlan {
  readonly kind: 'forget';
  readonly seen: readonly FoundGuard[];
  readonly record: MigrationRecord | null;
  /** Address of the database that a person states to be lost. */
  readonly lost: DatabaseAddress | null;
  /** Sentences about what would happen. */
  readonly effects: readonly string[];
}

export type ForgetDecision =
  | ForgetPlan
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** Decisions that a person states. */
export interface ForgetChoices {
  /** Whose guards to release. @default those of the only control plane that has any, if they are of the world's environment */
  readonly owner?: string | undefined;
  /** The database that the generation was started with at this side is lost for good. @default false */
  readonly isOriginalLost?: boolean;
}

/** Reads the database and the ledger, and decides what `forget` would do. Changes nothing. */
export async function decideForgetting(
  world: ForgetWorld,
  choices: ForgetChoices = {},
): Promise<{ readonly found: FoundSide; readonly decision: ForgetDecision }> {
  const found = await world.guards.find(world.migration);
  return { found, decision: await decide(world, found, choices) };
}

async function decide(
  world: ForgetWorld,
  found: FoundSide,
  { owner: of, isOriginalLost = false }: ForgetChoices,
): Promise<ForgetDecision> {
  const { migration, side, control } = world;
  const seen = found.guards.filter((guard) => isLive(guard) && (of === undefined || guard.owner === of));
  if (seen.length === 0) {
    const whose = of === undefined ? '' : ` that belongs to control plane ${of}`;
    return {
      kind: 'nothing',
      why: `the database has no guard of the ${side} of migration ${migration}${whose}`,
    };
  }
  const record = (await control?.record(migration)) ?? null;
  const use = record === null ? null : await databaseUse(world, record, found);
  const problems = [
    ...loginProblems(side, found),
    ...severalOwners(side, seen),
    ...(of === undefined ? otherEnvironments(world, seen) : []),
    ...(record === null
      ? withoutRecord(world, isOriginalLost)
      : inUseProblems({ ...world, owner: await control!.owner(), record, use: use!, isOriginalLost }, seen)),
  ];
  if (problems.length > 0) return { kind: 'refused', problems };
  const lost = isOriginalLost ? (use?.lost ?? null) : null;
  return { kind: 'forget', seen, record, lost, effects: effectsOf(world, seen, use) };
}

/**
 * Opens the guards as planned, and removes them with captures and leases. Keeps every row and every object of the application.
 * Safe to repeat.
 * @throws FencedOut if a guard has changed since it was planned
 */
export async function forget(
  { migration, side, guards, control }: ForgetWorld,
  { seen, record, lost }: ForgetPlan,
  person: string,
): Promise<void> {
  const journalled = (event: string) =>
    control?.journal.append(migration, record?.generation ?? 0, event, {
      ...{ person, side, guards: seen },
      ...(lost === null ? {} : { statedAsLost: `database ${lost.database} of ${lost.clusterArn}` }),
    });
  await journalled('forgetting decided');
  await guards.install(null);
  for (const guard of seen) await guards.forget(migration, guard);
  await journalled('forgotten');
}

/** Only a record names an original. */
const withoutRecord = ({ migration, environment, side }: ForgetWorld, isOriginalLost: boolean): Problem[] =>
  isOriginalLost
    ? [
        {
          check: 'original-is-lost',
          subject: side,
          found: `environment ${environment} has no record of migration ${migration}, so no original is known`,
          remedy: 'Check --env, or repeat the command without --original-is-lost',
        },
      ]
    : [];

/** The ledger of another environment decides about its guards; a mistyped environment has none. */
const otherEnvironments = (
  { migration, environment, side }: ForgetWorld,
  seen: readonly FoundGuard[],
): Problem[] =>
  seen
    .filter((guard) => guard.environment !== environment)
    .map((guard) => ({
      check: 'own-environment',
      subject: side,
      found: `the guard is not of environment ${environment}: ${describeGuard(guard)}`,
      remedy: `${guard.environment === '' ? '' : `Name its environment: npx sluice forget ${migration} --side ${side} --env ${guard.environment}. `}If control plane ${guard.owner} no longer exists, name it: --owner ${guard.owner}`,
    }));

/** One of them may be of a living control plane, whose sealed side would open. */
function severalOwners(side: Side, seen: readonly FoundGuard[]): Problem[] {
  const owners = [...new Set(seen.map(({ owner }) => owner))];
  if (owners.length < 2) return [];
  return [
    {
      check: 'one-owner',
      subject: side,
      found: `guards of ${owners.length} control planes are there: ${seen.map(describeGuard).join('; ')}`,
      remedy: `Name the one that no longer exists: --owner ${owners.join(' or --owner ')}`,
    },
  ];
}

function loginProblems(side: Side, { login, schemaOwner }: FoundSide): Problem[] {
  if (schemaOwner === null || schemaOwner === login) return [];
  return [
    {
      check: 'owner-login',
      subject: side,
      found: `schema sluice belongs to login ${schemaOwner}, and the secret logs in as ${login}`,
      remedy: `Use a secret of ${schemaOwner}`,
    },
  ];
}

const effectsOf = (
  { migration, side, control }: ForgetWorld,
  seen: readonly FoundGuard[],
  use: DatabaseUse | null,
): string[] => [
  ...seen.flatMap((guard) => [
    `Opens the ${side} of migration ${migration} for writes and removes its guard (${describeGuard(guard)}), with ${guard.captures} captures and ${guard.leases} leases. Tables: ${guard.tables.join(', ') || 'none'}.`,
    `If control plane ${guard.owner} still runs the migration in this very database, forgetting ends it: both sides could then accept writes. Let that control plane abort instead.`,
  ]),
  ...(use?.lost == null
    ? []
    : [
        `Database ${use.lost.database} of ${use.lost.clusterArn}, which the migration was started with, cannot be reached and counts as lost. Make sure that this database is a copy of it, not the same cluster under another name.`,
      ]),
  'Keeps every row and every object of the application, including tables that Sluice created.',
  ...(control === null ? ['There is no control table, so the decision is not journalled.'] : []),
];
