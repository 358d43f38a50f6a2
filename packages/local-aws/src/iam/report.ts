/** Reports the requests that were denied, and the grants that were not used. */
import { grantKey, type Denial, type Usage } from './authorizer';
import { resourceMatches } from './patterns';
import type { Policies, Principal } from './policy';
import { EVALUATED } from './requests';

/** One action on one resource that a policy allows. */
export interface Grant {
  /** Names of the functions and state machines that have the role. */
  readonly principals: readonly string[];
  /** Its place in the template. */
  readonly place: string;
  readonly action: string;
  readonly resource: string;
}

export interface MissingGrant extends Denial {
  /** The statement to add to the role's policy; null if an explicit Deny or a missing role prevents the request. */
  readonly statement: { readonly Effect: 'Allow'; readonly Action: string; readonly Resource: string } | null;
}

export interface AccessReport {
  readonly denied: readonly MissingGrant[];
  /** Grants that were not used since the engine started. */
  readonly unused: readonly Grant[];
  /** Grants for actions that the engine never performs. */
  readonly notExercised: readonly (Grant & { readonly reason: string })[];
}

/** @param served ARNs of the clusters and secrets that the engine was started with */
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
    const reason = reasonNotExercised(grant, holders, served);
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

const MAP_RUN_ACTIONS = ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'];

function reasonNotExercised(
  { action, resource }: Grant,
  holders: readonly Principal[],
  served: readonly string[],
): string | undefined {
  const [service = ''] = action.split(':');
  if (service !== '*' && !EVALUATED.includes(service)) return `the engine does not emulate ${service}`;
  const isDatabase = service === 'rds-data' || service === 'secretsmanager';
  if (isDatabase && !served.some((arn) => resourceMatches(resource, arn)))
    return 'the engine was started without this database';
  const isOwn = holders.some(({ name, accessKeyId }) =>
    accessKeyId === null ? new RegExp(`:execution:${name}[/:]`).test(resource) : false,
  );
  if (isOwn && MAP_RUN_ACTIONS.includes(action))
    return 'Step Functions itself describes, stops and redrives the child executions of a Map Run';
  return undefined;
}

/** Describes a denial and its remedy in one line. */
export function describeDenial({
  principal,
  role,
  action,
  resource,
  deniedBy,
  statement,
}: MissingGrant): string {
  const denial = `${principal} may not ${action} on ${resource}`;
  if (role === null) return `${denial}: its role is not in the template`;
  if (statement === null) return `${denial}: ${deniedBy ?? ''} denies it`;
  return `${denial}; add to ${role}: ${JSON.stringify(statement)}`;
}
