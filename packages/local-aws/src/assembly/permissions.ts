import { text } from '../aws-json';
import { actionMatches, resourceMatches } from '../iam/patterns';
import { closed, matching, read, refused } from './shapes';

const ONLY_FOR_RULES = 'permissions are evaluated only for EventBridge rules; leave it out';

const PERMISSION = closed(
  { Action: matching(/^(\*|lambda:[A-Za-z*]+)$/, '"lambda:<action>"'), FunctionName: text, Principal: text },
  {
    ...{ SourceArn: text, SourceAccount: matching(/^\d{12}$/, 'an account of 12 digits') },
    ...{ EventSourceToken: refused(ONLY_FOR_RULES), FunctionUrlAuthType: refused(ONLY_FOR_RULES) },
    ...{ InvokedViaFunctionUrl: refused(ONLY_FOR_RULES), PrincipalOrgID: refused(ONLY_FOR_RULES) },
  },
);

/** A statement of a function's resource-based policy (AWS::Lambda::Permission). */
export interface Permission {
  readonly logicalId: string;
  /** The function's name or ARN. */
  readonly functionName: string;
  readonly allows: (invocation: Invocation) => boolean;
}

interface Invocation {
  /** Service principal, e.g. `events.amazonaws.com`. */
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
    allows: ({ principal, sourceArn, sourceAccount }) =>
      actionMatches(Action, 'lambda:InvokeFunction') &&
      Principal === principal &&
      (SourceArn === undefined || resourceMatches(SourceArn, sourceArn)) &&
      (SourceAccount === undefined || SourceAccount === sourceAccount),
  };
}
