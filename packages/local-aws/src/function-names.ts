/** Names of functions in requests: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, FunctionName. */

export const LATEST = '$LATEST';

/** A function that a request names, and which of its versions. */
export interface FunctionReference {
  readonly name: string;
  /** A version, an alias or `$LATEST`; undefined for an unqualified name. */
  readonly qualifier: string | undefined;
  /** Partition, Region and account of an ARN, and the account of a partial ARN. The function must be there. */
  readonly partition: string | undefined;
  readonly region: string | undefined;
  readonly account: string | undefined;
}

const NAME = '([a-zA-Z0-9_-]+)(?::(\\$LATEST|[a-zA-Z0-9_-]+))?';
const ARN = new RegExp(`^arn:(aws[a-z-]*):lambda:([a-z0-9-]+):(\\d{12}):function:${NAME}$`);
const PARTIAL_ARN = new RegExp(`^(?:(\\d{12}):)?function:${NAME}$`);
const PLAIN = new RegExp(`^${NAME}$`);

/** @returns undefined unless the text is a name, a partial ARN or an ARN, each with or without a qualifier */
export function parseReference(text: string): FunctionReference | undefined {
  const none = { partition: undefined, region: undefined, account: undefined };
  const [whole, partition, region, account, name = '', qualifier] = ARN.exec(text) ?? [];
  if (whole !== undefined) return { name, qualifier, partition, region, account };
  const partial = PARTIAL_ARN.exec(text);
  if (partial !== null) {
    const [, owner, partialName = '', partialQualifier] = partial;
    return { ...none, name: partialName, qualifier: partialQualifier, account: owner };
  }
  const plain = PLAIN.exec(text);
  return plain === null ? undefined : { ...none, name: plain[1] ?? '', qualifier: plain[2] };
}

/** Joins the parameters FunctionName and Qualifier. @returns undefined if both have a qualifier, and the two differ */
export function qualifiedName(functionName: string, qualifier: string | undefined): string | undefined {
  const derived = parseReference(functionName)?.qualifier;
  if (qualifier === undefined || derived === qualifier) return functionName;
  return derived === undefined ? `${functionName}:${qualifier}` : undefined;
}

/** The message of the InvalidParameterValueException for two qualifiers that differ. */
export const QUALIFIERS_DIFFER =
  'The derived qualifier from the function name does not match the specified qualifier.';

/** Removes the qualifier, so that a harness sees one name for all versions of a function. */
export function withoutQualifier(functionName: string): string {
  const qualifier = parseReference(functionName)?.qualifier;
  return qualifier === undefined ? functionName : functionName.slice(0, -qualifier.length - 1);
}
