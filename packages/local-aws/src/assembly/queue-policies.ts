import { isDeepStrictEqual } from 'node:util';
import { isRecord, list, oneOf, text, type Shape } from '../aws-json';
import { actionMatches, resourceMatches } from '../iam/patterns';
import { anything, closed, read } from './shapes';

const STATEMENT = closed(
  { Effect: oneOf('Allow', 'Deny'), Principal: anything, Action: anything, Resource: anything },
  { Sid: text, Condition: anything },
);
type StatementGiven = typeof STATEMENT extends Shape<infer T> ? T : never;

const QUEUE_POLICY = closed(
  {
    PolicyDocument: closed({ Version: oneOf('2012-10-17'), Statement: anything }, { Id: text }),
    Queues: list(text),
  },
  {},
);

/** The condition of `enforceSSL`. AWS clients always use TLS, so this statement denies nothing. */
const WITHOUT_TLS = { Bool: { 'aws:SecureTransport': 'false' } };

/** The resource-based policy of one or more queues. */
export interface QueuePolicy {
  readonly logicalId: string;
  /** Names of the queues that have the policy. */
  readonly queues: readonly string[];
  readonly allows: (sending: Sending) => boolean;
}

interface Sending {
  /** Service principal, e.g. `events.amazonaws.com`. */
  readonly principal: string;
  readonly queueArn: string;
  readonly sourceArn: string;
  readonly sourceAccount: string;
}

type Allows = (sending: Sending) => boolean;

/** @throws Error with everything in the properties that is wrong or not evaluated, each with its statement */
export function readQueuePolicy(
  logicalId: string,
  properties: Readonly<Record<string, unknown>>,
): QueuePolicy {
  const { PolicyDocument, Queues } = read(QUEUE_POLICY, properties);
  const problems: string[] = [];
  const given = PolicyDocument.Statement;
  const statements = (Array.isArray(given) ? (given as unknown[]) : [given]).flatMap((statement, index) => {
    try {
      return readStatement(read(STATEMENT, statement));
    } catch (error) {
      problems.push(`statement ${index + 1}: ${(error as Error).message}`);
      return [];
    }
  });
  if (problems.length > 0) throw new Error(problems.join('; '));
  return {
    logicalId,
    queues: Queues.map((url) => url.replace(/^.*\//, '')),
    allows: (sending) => statements.some((allows) => allows(sending)),
  };
}

/** @returns no function for a statement that denies only requests without TLS */
function readStatement({ Effect, Principal, Action, Resource, Condition }: StatementGiven): Allows[] {
  if (Effect === 'Deny') {
    if (isDeepStrictEqual(Condition, WITHOUT_TLS)) return [];
    throw new Error(
      `Effect "Deny" is not evaluated locally, except for requests without TLS; deny in the callers' roles`,
    );
  }
  if (!isRecord(Principal) || Object.keys(Principal).join() !== 'Service')
    throw new Error(
      `Principal ${JSON.stringify(Principal)} is not evaluated locally; use {"Service": …}, and give roles a separate policy`,
    );
  const services = readStrings(Principal['Service'], 'Principal.Service');
  const [actions, resources] = [readStrings(Action, 'Action'), readStrings(Resource, 'Resource')];
  const holds = readCondition(Condition ?? {});
  return [
    (sending) =>
      services.includes(sending.principal) &&
      actions.some((action) => actionMatches(action, 'sqs:SendMessage')) &&
      resources.some((resource) => resourceMatches(resource, sending.queueArn)) &&
      holds(sending),
  ];
}

function readCondition(given: unknown): Allows {
  if (!isRecord(given)) throw new Error(`Condition is ${JSON.stringify(given)}, not an object`);
  const tests = Object.entries(given).flatMap(([operator, keys]): Allows[] => {
    const entries = isRecord(keys) ? Object.entries(keys) : [];
    if (entries.length === 0)
      throw new Error(`the condition ${operator} holds ${JSON.stringify(keys)}, not an object of keys`);
    return entries.map(([key, value]) => testOf(operator, key, readStrings(value, `${operator} on ${key}`)));
  });
  return (sending) => tests.every((test) => test(sending));
}

function testOf(operator: string, key: string, values: readonly string[]): Allows {
  const byArn = ['ArnEquals', 'ArnLike'].includes(operator) && key.toLowerCase() === 'aws:sourcearn';
  if (byArn) return ({ sourceArn }) => values.some((value) => resourceMatches(value, sourceArn));
  if (operator === 'StringEquals' && key.toLowerCase() === 'aws:sourceaccount')
    return ({ sourceAccount }) => values.includes(sourceAccount);
  throw new Error(
    `the condition ${operator} on ${key} is not evaluated locally; use ArnEquals or ArnLike on aws:SourceArn, or StringEquals on aws:SourceAccount`,
  );
}

function readStrings(value: unknown, place: string): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const found = values.filter((each): each is string => typeof each === 'string' && each !== '');
  if (found.length > 0 && found.length === values.length) return found;
  throw new Error(`${place} is ${JSON.stringify(value) ?? 'missing'}, not a string or a list of strings`);
}
