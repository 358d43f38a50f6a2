import { text } from '../aws-json';
import { actionMatches, resourceMatches } from '../iam/patterns';
import { closed, matching, read, refused } from './shapes';

const NOT_OF_RULES = 'permissions are read for rules of EventBridge alone; leave it out';

const PERMISSION = closed(
  { Action: matching(/^(\*|lambda:[A-Za-z*]+)$/, '"lambda:<action>"'), FunctionName: text, Principal: text },
  {
    ...{ SourceArn: text, SourceAccount: matching(/^\d{12}$/, 'an account of 12 digits') },
    ...{ EventSourceToken: refused(NOT_OF_RULES), FunctionUrlAuthType: refused(NOT_OF_RULES) },
    ...{ InvokedViaFunctionUrl: refused(NOT_OF_RULES), PrincipalOrgID: refused(NOT_OF_RULES) },
  },
);

/** Who may invoke a function although no role says so. */
export interface Permission {
  readonly logicalId: string;
  /** A function's name or ARN. */
  readonly functionName: string;
  readonly lets: (invocation: Invocation) => boolean;
}

interface Invocation {
  /** Service, e.g. `events.amazonaws.com`. */
  readonly principal: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

/** @throws Error with everything in the properties that is wrong or not evaluated */
export function readPermission(logicalId: string, properties: Readonly<Record<string, unknown>>): Permission {
  const { Action, FunctionName, Principal, SourceArn, SourceAccount } = read(PERMISSION, properties);
  return {
    logicalId,
    functionName: FunctionName,
    lets: ({ principal, sourceArn, sourceAccount }) =>
      actionMatches(Action, 'lambda:InvokeFunction') &&
      Principal === principal &&
      (SourceArn === undefined || resourceMatches(SourceArn, sourceArn)) &&
      (SourceAccount === undefined || SourceAccount === sourceAccount),
  };
}
