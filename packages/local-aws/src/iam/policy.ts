/** Roles with their policies, as plain data that can be sent to another process. */

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** Patterns, e.g. `dynamodb:*`. */
  readonly actions: readonly string[];
  /** ARN patterns, or `*`. */
  readonly resources: readonly string[];
  /** Whether the state machine's ARN in the request must name a version or an alias, or must not. Null: it may. */
  readonly qualified: boolean | null;
  /** Its place in the template, e.g. `WorkerRoleDefaultPolicy, statement 2`. */
  readonly place: string;
}

/** A statement of a trust policy. */
export interface Trust {
  readonly effect: 'Allow' | 'Deny';
  /** Service principals, e.g. `lambda.amazonaws.com`. */
  readonly services: readonly string[];
  readonly actions: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly operator: 'StringEquals' | 'ArnLike';
  readonly key: 'aws:SourceAccount' | 'aws:SourceArn';
  /** At least one must match. */
  readonly values: readonly string[];
}

export interface Role {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly statements: readonly Statement[];
  readonly trusts: readonly Trust[];
}

/** A caller: the environments of a function, the executions of a state machine, or a rule. */
export interface Principal {
  /** Name of the function, state machine or rule. */
  readonly name: string;
  /** Access key that signs its requests; null for state machines and rules, whose calls stay inside the engine. */
  readonly accessKeyId: string | null;
  readonly role: Role;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<name>`, as in error messages. */
  readonly arn: string;
}

export interface Policies {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly principals: readonly Principal[];
  /** Access keys that may do everything, such as the operator's. */
  readonly administrators: readonly string[];
}
