/** Authorizes requests by the roles of the template, and records the grants used and the requests denied. */
import { actionMatches, resourceMatches } from './patterns';
import type { Policies, Principal, Role, Statement } from './policy';
import { requiredPermissions, type RequiredPermission, type Service } from './requests';

/** A denied request in the services' words. Each service adds its own status and format. */
export interface Refusal {
  readonly name:
    'AccessDeniedException' | 'MissingAuthenticationTokenException' | 'UnrecognizedClientException';
  readonly message: string;
}

/** Authorizes one request by its `Authorization` header. @returns undefined if the request is allowed */
export type Authorize = (
  authorization: string | undefined,
  operation: string,
  request: Readonly<Record<string, unknown>>,
) => Refusal | undefined;

export interface Denial extends RequiredPermission {
  /** ARN of the assumed role. */
  readonly principal: string;
  /** Logical id; null for a role that is not in the template. */
  readonly role: string | null;
  readonly times: number;
  /** Place of the explicit Deny; null if no statement allows the request. */
  readonly deniedBy: string | null;
}

/** Grants used and requests denied at one authorizer, as plain data. */
export interface Usage {
  /** Keys from `grantKey`. */
  readonly used: readonly string[];
  readonly denied: readonly Denial[];
}

export const grantKey = (role: Role, statement: Statement, action: string, resource: string): string =>
  [role.logicalId, statement.place, action, resource].join('|');

const CREDENTIAL = /^AWS4-[A-Z0-9-]+ .*?Credential=([^/,\s]+)\//;

export class Authorizer {
  private readonly used = new Set<string>();
  private readonly denied = new Map<string, Denial>();
  private byAccessKey: ReadonlyMap<string, Principal> = new Map();
  private administrators: ReadonlySet<string> = new Set();

  constructor(private policies: Policies) {
    this.update(policies);
  }

  /** Replaces roles and policies. As in AWS, later requests of running functions and executions are judged by the new ones. */
  update(policies: Policies): void {
    this.policies = policies;
    this.byAccessKey = new Map(policies.principals.map((each) => [each.accessKeyId ?? '', each]));
    this.administrators = new Set(policies.administrators);
  }

  /** Returns the function that a service calls before it handles a request. */
  forService(service: Service): Authorize {
    return (authorization, operation, request) => {
      const accessKeyId = CREDENTIAL.exec(authorization ?? '')?.[1];
      if (accessKeyId === undefined)
        return { name: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' };
      if (this.administrators.has(accessKeyId)) return undefined;
      const principal = this.byAccessKey.get(accessKeyId);
      if (principal === undefined)
        return {
          name: 'UnrecognizedClientException',
          message: 'The security token included in the request is invalid.',
        };
      return this.judge(principal, this.requiredPermissions(service, operation, request));
    };
  }

  /** Authorizes a call that an execution makes with its state machine's role. */
  authorizeExecution(
    caller: { readonly roleArn: string; readonly stateMachineArn: string },
    service: Service,
    operation: string,
    request: Readonly<Record<string, unknown>>,
  ): Refusal | undefined {
    const [, name] = /:stateMachine:([^/]+)/.exec(caller.stateMachineArn) ?? [];
    return this.authorizeRole({ name, roleArn: caller.roleArn }, service, operation, request);
  }

  /** Authorizes a call that AWS makes with the role of a state machine or a rule. */
  authorizeRole(
    { name, roleArn }: { readonly name: string | undefined; readonly roleArn: string },
    service: Service,
    operation: string,
    request: Readonly<Record<string, unknown>>,
  ): Refusal | undefined {
    const principal = this.policies.principals.find(
      (each) => each.accessKeyId === null && each.role.arn === roleArn && each.name === name,
    );
    const needs = this.requiredPermissions(service, operation, request);
    if (principal !== undefined) return this.judge(principal, needs);
    const [need = unmappedPermission(service, operation)] = needs;
    return this.deny({ ...need, principal: roleArn, role: null, times: 1, deniedBy: null });
  }

  usage(): Usage {
    return { used: [...this.used], denied: [...this.denied.values()] };
  }

  /** An operation without a mapping requires its action on all resources. */
  private requiredPermissions(
    service: Service,
    operation: string,
    request: Readonly<Record<string, unknown>>,
  ): readonly RequiredPermission[] {
    return (
      requiredPermissions(service, operation, request, this.policies) ?? [
        unmappedPermission(service, operation),
      ]
    );
  }

  private judge(principal: Principal, needs: readonly RequiredPermission[]): Refusal | undefined {
    for (const need of needs) {
      const { allowed, matching, deny } = decide(principal.role, need);
      if (allowed) {
        for (const { key } of matching) this.used.add(key);
        continue;
      }
      const { arn, role } = principal;
      const deniedBy = deny?.statement.place ?? null;
      return this.deny({ ...need, principal: arn, role: role.logicalId, times: 1, deniedBy });
    }
    return undefined;
  }

  private deny(denial: Denial): Refusal {
    const key = [denial.principal, denial.action, denial.resource].join('|');
    const times = (this.denied.get(key)?.times ?? 0) + 1;
    this.denied.set(key, { ...denial, times });
    return { name: 'AccessDeniedException', message: messageOf(denial) };
  }
}

const unmappedPermission = (service: Service, operation: string): RequiredPermission => ({
  action: `${service}:${operation}`,
  resource: '*',
});

function decide(role: Role, need: RequiredPermission) {
  const matching = grantsFor(role, need);
  const deny = matching.find(({ statement }) => statement.effect === 'Deny');
  return { allowed: deny === undefined && matching.length > 0, matching, deny };
}

/** Whether a role allows an action, without recording it. */
export const isAllowed = (role: Role, need: RequiredPermission): boolean => decide(role, need).allowed;

/** Every matching pair of an action and a resource in the role's statements. */
function grantsFor(
  role: Role,
  need: RequiredPermission,
): { readonly statement: Statement; readonly key: string }[] {
  const isQualified = need.qualifier !== undefined;
  const statements = role.statements.filter(
    ({ qualified }) => qualified === null || qualified === isQualified,
  );
  return statements.flatMap((statement) =>
    statement.actions
      .filter((action) => actionMatches(action, need.action))
      .flatMap((action) =>
        statement.resources
          .filter((resource) => resourceMatches(resource, need.resource))
          .map((resource) => ({ statement, key: grantKey(role, statement, action, resource) })),
      ),
  );
}

/** The message that the services have in common. */
function messageOf({ principal, action, resource, deniedBy }: Denial): string {
  const on = resource === '*' ? '' : ` on resource: ${resource}`;
  const why =
    deniedBy === null
      ? `because no identity-based policy allows the ${action} action`
      : 'with an explicit deny in an identity-based policy';
  return `User: ${principal} is not authorized to perform: ${action}${on} ${why}`;
}
