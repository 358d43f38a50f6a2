import {
  Authorizer,
  policiesOf,
  reportOf,
  credentialsOf,
  describeDenial,
  type Policies,
} from '../../src/iam';
import { operationsWithPermissions } from '../../src/iam/requests';
import { OPERATIONS as DYNAMODB } from '../../src/dynamodb/operations';
import { OPERATIONS as STEP_FUNCTIONS } from '../../src/step-functions/service/operations';
import { policy, read, role, roleArn, TRUST_OF_LAMBDA } from './policies';

const scope = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const TABLE = 'arn:aws:dynamodb:eu-west-1:111122223333:table/ledger';

function policiesWith(...statements: object[]): Policies {
  const { roles, problems } = read(role(), policy(...statements));
  expect(problems).toEqual([]);
  const functions = [{ logicalId: 'Book', name: 'book', arn: 'arn:aws:lambda:…:function:book', roleArn }];
  return policiesOf({ ...scope, roles, functions, stateMachines: [] }, ['AKIAOPERATOR']);
}

const signedWith = (accessKeyId: string): string =>
  `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261122/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0`;

/** Calls an operation on a table as the function. @returns the message of the refusal, or undefined */
function refusalOf(statements: object[], operation = 'GetItem', TableName = 'ledger'): string | undefined {
  const policies = policiesWith(...statements);
  const key = credentialsOf(policies, 'book')['AWS_ACCESS_KEY_ID']!;
  return new Authorizer(policies).forService('dynamodb')(signedWith(key), operation, { TableName })?.message;
}

const allow = (Action: unknown, Resource: unknown = TABLE) => ({ Effect: 'Allow', Action, Resource });
const deny = (Action: unknown, Resource: unknown = TABLE) => ({ Effect: 'Deny', Action, Resource });

describe('a request is allowed', () => {
  test.each<[string, object[]]>([
    ['by its action and resource', [allow('dynamodb:GetItem')]],
    ['by one of several', [allow(['dynamodb:PutItem', 'dynamodb:GetItem'], ['arn:aws:x:::y', TABLE])]],
    ['by a wildcard for the action', [allow('dynamodb:Get*')]],
    ['by a question mark for one character', [allow('dynamodb:?etItem')]],
    ['by its action in another case', [allow('dynamodb:getITEM')]],
    ['by * for everything', [allow('*', '*')]],
    ['by a wildcard within the resource', [allow('dynamodb:GetItem', TABLE.replace('ledger', 'led*'))]],
    ['by wildcards for region and account', [allow('dynamodb:GetItem', 'arn:aws:dynamodb:*:*:table/ledger')]],
  ])('%s', (_how, statements) => {
    expect(refusalOf(statements)).toBeUndefined();
  });
});

describe('a request is denied', () => {
  test.each<[string, object[]]>([
    ['without a matching statement', [allow('dynamodb:PutItem')]],
    ['for another resource', [allow('dynamodb:GetItem', `${TABLE}s`)]],
    ['for a resource in another case', [allow('dynamodb:GetItem', TABLE.replace('l', 'L'))]],
    [
      'where a wildcard would have to span parts of the ARN',
      [allow('dynamodb:GetItem', 'arn:aws:dynamodb:*:table/ledger:x')],
    ],
    ['by a prefix of the action', [allow('dynamodb:Get')]],
  ])('%s', (_why, statements) => {
    expect(refusalOf(statements)).toBe(
      `User: arn:aws:sts::111122223333:assumed-role/clerk/book is not authorized to perform: dynamodb:GetItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:GetItem action`,
    );
  });

  test('by an explicit Deny, despite any Allow', () => {
    expect(refusalOf([allow('*', '*'), deny('dynamodb:Get*')])).toBe(
      `User: arn:aws:sts::111122223333:assumed-role/clerk/book is not authorized to perform: dynamodb:GetItem on resource: ${TABLE} with an explicit deny in an identity-based policy`,
    );
  });

  test('for an operation without a mapping, unless its action is allowed on *', () => {
    expect(refusalOf([allow('dynamodb:*')], 'ExecuteStatement')).toContain('dynamodb:ExecuteStatement');
    expect(refusalOf([allow('dynamodb:*', '*')], 'ExecuteStatement')).toBeUndefined();
  });

  test('if one of the tables of a batch is not allowed', () => {
    const policies = policiesWith(allow('dynamodb:BatchGetItem'));
    const key = credentialsOf(policies, 'book')['AWS_ACCESS_KEY_ID']!;
    const authorize = new Authorizer(policies).forService('dynamodb');
    const batch = (...names: string[]) => ({
      RequestItems: Object.fromEntries(names.map((name) => [name, {}])),
    });
    expect(authorize(signedWith(key), 'BatchGetItem', batch('ledger'))).toBeUndefined();
    expect(authorize(signedWith(key), 'BatchGetItem', batch('ledger', 'other'))?.name).toBe(
      'AccessDeniedException',
    );
  });
});

describe('a condition on the version of a state machine', () => {
  const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:sync';
  const started = (qualifierIsAbsent: string, stateMachineArn: string): boolean => {
    const policies = policiesWith({
      ...allow('states:StartExecution', MACHINE),
      Condition: { Null: { 'states:StateMachineQualifier': qualifierIsAbsent } },
    });
    const key = credentialsOf(policies, 'book')['AWS_ACCESS_KEY_ID']!;
    const authorize = new Authorizer(policies).forService('states');
    return authorize(signedWith(key), 'StartExecution', { stateMachineArn }) === undefined;
  };

  test('allows versions and aliases of that machine only', () => {
    expect(started('false', `${MACHINE}:3`)).toBe(true);
    expect(started('false', `${MACHINE}:live`)).toBe(true);
    expect(started('false', MACHINE)).toBe(false);
    expect(started('false', `${MACHINE}-2:3`)).toBe(false);
  });

  test('or only the machine itself', () => {
    expect(started('true', MACHINE)).toBe(true);
    expect(started('true', `${MACHINE}:3`)).toBe(false);
  });

  test('does not hold for a request to another service', () => {
    const condition = { Null: { 'states:StateMachineQualifier': 'false' } };
    expect(refusalOf([{ ...allow('dynamodb:GetItem'), Condition: condition }])).toBeDefined();
  });
});

test.each([
  ['states', STEP_FUNCTIONS],
  ['dynamodb', DYNAMODB],
] as const)('every operation of %s requires a known permission', (service, served) => {
  expect([...operationsWithPermissions(service)].sort()).toEqual(Object.keys(served).sort());
});

describe('the caller', () => {
  const authorize = new Authorizer(policiesWith(allow('dynamodb:PutItem'))).forService('dynamodb');

  test('the operator may do everything', () => {
    expect(authorize(signedWith('AKIAOPERATOR'), 'DeleteTable', { TableName: 'ledger' })).toBeUndefined();
  });
  test('an unknown access key is refused', () => {
    expect(authorize(signedWith('AKIASTRANGER'), 'GetItem', {})?.name).toBe('UnrecognizedClientException');
  });
  test('a request without a signature is refused', () => {
    expect(authorize(undefined, 'GetItem', {})?.name).toBe('MissingAuthenticationTokenException');
  });
  test('a function signs with the same key in every run, and with its own', () => {
    const keyOf = (name: string): string => {
      const { roles } = read(role());
      const functions = [{ logicalId: 'F', name, arn: 'arn:aws:lambda:…', roleArn }];
      return credentialsOf(policiesOf({ ...scope, roles, functions, stateMachines: [] }, []), name)[
        'AWS_ACCESS_KEY_ID'
      ]!;
    };
    expect(keyOf('book')).toBe(keyOf('book'));
    expect(keyOf('book')).not.toBe(keyOf('look'));
    expect(keyOf('book')).toMatch(/^ASIA[A-Z2-7]{16}$/);
  });
});

test('a report contains the statements to add and the unused grants', () => {
  const policies = policiesWith(
    allow(['dynamodb:GetItem', 'dynamodb:PutItem']),
    allow('logs:PutLogEvents', '*'),
    allow('rds-data:ExecuteStatement', [
      'arn:aws:rds:eu-west-1:1:cluster:here',
      'arn:aws:rds:eu-west-1:1:cluster:there',
    ]),
  );
  const authorizer = new Authorizer(policies);
  const key = signedWith(credentialsOf(policies, 'book')['AWS_ACCESS_KEY_ID']!);
  const authorize = authorizer.forService('dynamodb');
  authorize(key, 'GetItem', { TableName: 'ledger' });
  authorize(key, 'DeleteItem', { TableName: 'ledger' });
  authorize(key, 'DeleteItem', { TableName: 'ledger' });

  const { denied, unused, notExercised } = reportOf(
    policies,
    [authorizer.usage()],
    ['arn:aws:rds:eu-west-1:1:cluster:here'],
  );
  expect(denied).toMatchObject([
    {
      role: 'Clerk',
      times: 2,
      statement: { Effect: 'Allow', Action: 'dynamodb:DeleteItem', Resource: TABLE },
    },
  ]);
  expect(denied.map(describeDenial)).toEqual([
    `arn:aws:sts::111122223333:assumed-role/clerk/book may not dynamodb:DeleteItem on ${TABLE}; add to Clerk: {"Effect":"Allow","Action":"dynamodb:DeleteItem","Resource":"${TABLE}"}`,
  ]);
  expect(unused).toEqual([
    { principals: ['book'], place: 'ClerkPolicy, statement 1', action: 'dynamodb:PutItem', resource: TABLE },
    {
      principals: ['book'],
      place: 'ClerkPolicy, statement 3',
      action: 'rds-data:ExecuteStatement',
      resource: 'arn:aws:rds:eu-west-1:1:cluster:here',
    },
  ]);
  expect(notExercised.map(({ action, reason }) => [action, reason])).toEqual([
    ['logs:PutLogEvents', 'the engine does not emulate logs'],
    ['rds-data:ExecuteStatement', 'the engine was started without this database'],
  ]);
});

describe('a trust policy', () => {
  const machine = 'arn:aws:states:eu-west-1:111122223333:stateMachine:move';
  const trust = (Condition?: object, Service = 'states.amazonaws.com') => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service },
        ...(Condition ? { Condition } : {}),
      },
    ],
  });
  const start = (AssumeRolePolicyDocument: object) => {
    const { roles, problems } = read(role({ AssumeRolePolicyDocument }));
    expect(problems).toEqual([]);
    const stateMachines = [{ logicalId: 'Move', name: 'move', arn: machine, roleArn }];
    return () => policiesOf({ ...scope, roles, functions: [], stateMachines }, []);
  };

  test.each([
    ['without a condition', undefined],
    ['for its account', { StringEquals: { 'aws:SourceAccount': '111122223333' } }],
    [
      'for state machines of a matching name',
      { ArnLike: { 'aws:SourceArn': machine.replace('move', 'm*') } },
    ],
  ])('lets its service assume the role %s', (_how, condition) => {
    expect(start(trust(condition))).not.toThrow();
  });
  test.each([
    ['the action', { Action: 'sts:AssumeRole' }],
    ['a wildcard that matches the action', { Action: 'sts:Assume*' }],
    ['the action in another case', { Action: ['sts:TagSession', 'sts:assumerole'] }],
  ])('a Deny of %s overrides the Allow', (_what, deny) => {
    const allowed = trust();
    const denied = { Effect: 'Deny', Principal: { Service: 'states.amazonaws.com' }, ...deny };
    expect(start({ ...allowed, Statement: [...allowed.Statement, denied] })).toThrow(
      'does not let states.amazonaws.com assume the role',
    );
  });

  test.each([
    ['another service', trust(undefined, 'lambda.amazonaws.com')],
    ['another account', trust({ StringEquals: { 'aws:SourceAccount': '444455556666' } })],
    ['another machine', trust({ ArnLike: { 'aws:SourceArn': `${machine}s` } })],
    ['only another service', TRUST_OF_LAMBDA],
  ])('refuses a state machine whose role is for %s', (_whom, document) => {
    expect(start(document)).toThrow(
      `Move: the trust policy of Clerk does not let states.amazonaws.com assume the role for ${machine}`,
    );
  });
});
