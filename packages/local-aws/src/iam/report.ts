/** What the roles of a template allowed, and what of it a run has used. */
import { grantKey, type Denial, type Usage } from './authorizer';
import { resourceMatches } from './patterns';
import type { Policies, Principal } from './policy';
import { EVALUATED } from './requests';

/** One action on one resource that a policy allows. */
export interface Grant {
  /** Names of the functions and state machines that have the role. */
  readonly principals: readonly string[];
  /** Where the template has it. */
  readonly place: string;
  readonly action: string;
  readonly resource: string;
}

export interface MissingGrant extends Denial {
  /** What to add to the role's policy; null if a Deny is in the way. */
  readonly statement: { readonly Effect: 'Allow'; readonly Action: string; readonly Resource: string } | null;
}

export interface AccessReport {
  readonly denied: readonly MissingGrant[];
  /** Granted and never used since the engine started. */
  readonly unused: readonly Grant[];
  /** Granted for what the engine does not do. */
  readonly notExercised: readonly (Grant & { readonly reason: string })[];
}

/** @param served ARNs of the clusters and secrets that the engine has */
export function reportOf(
  policies: Policies,
  usages: readonly Usage[],
  served: readonly string[],
): AccessReport {
  const used = new Set(usages.flatMap((usage) => usage.used));
  const unused: Grant[] = [];
  const notExercised: (Grant & { reason: string })[] = [];
  for (const { key, grant, holders } of grantsOf(policies)) {
    if (used.has(key)) continue;
    const reason = outsideTheEngine(grant, holders, served);
    if (reason === undefined) unused.push(grant);
    else notExercised.push({ ...grant, reason });
  }
  return { denied: usages.flatMap(({ denied }) => denied).map(withStatement), unused, notExercised };
}

const withStatement = (denial: Denial): MissingGrant => {
  const { action, resource, deniedBy } = denial;
  return {
    ...denial,
    statement: deniedBy === null ? { Effect: 'Allow', Action: action, Resource: resource } : null,
  };
};

interface Listed {
  readonly key: string;
  readonly grant: Grant;
  readonly holders: readonly Principal[];
}

function grantsOf({ principals }: Policies): Listed[] {
  const roles = new Map(principals.map(({ role }) => [role.logicalId, role]));
  return [...roles.values()].flatMap((role) => {
    const holders = principals.filter((each) => each.role.logicalId === role.logicalId);
    return role.statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap((statement) =>
        statement.actions.flatMap((action) =>
          statement.resources.map((resource) => ({
            key: grantKey(role, statement, action, resource),
            grant: { principals: holders.map(({ name }) => name), place: statement.place, action, resource },
            holders,
          })),
        ),
      );
  });
}

const OF_ITS_MAPS = ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'];

function outsideTheEngine(
  { action, resource }: Grant,
  holders: readonly Principal[],
  served: readonly string[],
): string | undefined {
  const [service = ''] = action.split(':');
  if (service !== '*' && !EVALUATED.includes(service)) return `the engine has no ${service}`;
  const isDatabase = service === 'rds-data' || service === 'secretsmanager';
  if (isDatabase && !served.some((arn) => resourceMatches(resource, arn)))
    return 'it belongs to databases that this engine does not have';
  const isOwn = holders.some(({ name, accessKeyId }) =>
    accessKeyId === null ? new RegExp(`:execution:${name}[/:]`).test(resource) : false,
  );
  if (isOwn && OF_ITS_MAPS.includes(action))
    return 'Step Functions itself watches, stops and redrives the children of a map with it';
  return undefined;
}

/** A denial and its remedy, as a line for a person. */
export function describeDenial({
  principal,
  role,
  action,
  resource,
  deniedBy,
  statement,
}: MissingGrant): string {
  const what = `${principal} may not ${action} on ${resource}`;
  if (role === null) return `${what}: its role is not in the template`;
  if (statement === null) return `${what}: ${deniedBy ?? ''} denies it`;
  return `${what}; add to ${role}: ${JSON.stringify(statement)}`;
}
