/** What a role may do and who may take it on; plain data, so that it can be handed to another process. */

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** Patterns such as `dynamodb:*`. */
  readonly actions: readonly string[];
  /** ARN patterns, or `*`. */
  readonly resources: readonly string[];
  /** Where the template has it, e.g. `BeginRoleDefaultPolicy, statement 2`. */
  readonly place: string;
}

/** A statement of a trust policy. */
export interface Trust {
  readonly effect: 'Allow' | 'Deny';
  /** Services, e.g. `lambda.amazonaws.com`. */
  readonly services: readonly string[];
  readonly actions: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly operator: 'StringEquals' | 'ArnLike';
  readonly key: 'aws:SourceAccount' | 'aws:SourceArn';
  /** One of them must fit. */
  readonly values: readonly string[];
}

export interface Role {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly statements: readonly Statement[];
  readonly trusts: readonly Trust[];
}

/** One who calls: a function's environments, or the executions of a state machine. */
export interface Principal {
  /** Name of the function or state machine. */
  readonly name: string;
  /** What its requests are signed with; null for state machines, whose calls never leave the engine. */
  readonly accessKeyId: string | null;
  readonly role: Role;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<name>`, as messages call it. */
  readonly arn: string;
}

export interface Policies {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly principals: readonly Principal[];
  /** Access keys that may do everything: the operator's. */
  readonly administrators: readonly string[];
}
