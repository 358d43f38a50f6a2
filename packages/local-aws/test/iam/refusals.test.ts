/** Elements of policies that are not evaluated stop the engine; each is reported with its place. */
import { policiesOf } from '../../src/iam';
import { document, policy, read, role, TRUST_OF_LAMBDA } from './policies';

const GET = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' };

test.each<[string, object, string]>([
  [
    'a condition',
    { ...GET, Condition: { StringLike: { 'dynamodb:LeadingKeys': 'a*' } } },
    'ClerkPolicy, statement 2: Condition ({"StringLike":{"dynamodb:LeadingKeys":"a*"}}) is not evaluated locally; use only Sid, Effect, Action, Resource',
  ],
  [
    'a condition next to one that is evaluated',
    {
      ...GET,
      Condition: { Null: { 'states:StateMachineQualifier': 'false', 'aws:TokenIssueTime': 'true' } },
    },
    'is not evaluated locally; use only Sid, Effect, Action, Resource',
  ],
  [
    'NotAction',
    { Effect: 'Allow', NotAction: 'x:Y', Resource: '*' },
    'NotAction ("x:Y") is not evaluated locally',
  ],
  [
    'NotResource',
    { Effect: 'Allow', Action: 'x:Y', NotResource: '*' },
    'NotResource ("*") is not evaluated locally',
  ],
  ['another effect', { ...GET, Effect: 'allow' }, 'Effect is "allow", not Allow or Deny'],
  [
    'an action without a service prefix',
    { ...GET, Action: 'GetItem' },
    'Action "GetItem" is not "<service>:<action>"',
  ],
  [
    'a resource that is not an ARN',
    { ...GET, Resource: 'ledger' },
    'Resource "ledger" is neither "*" nor an ARN with six parts',
  ],
  [
    'a policy variable',
    { ...GET, Resource: 'arn:aws:s3:::b/${aws:username}' },
    'has a policy variable, which is not evaluated locally',
  ],
])('refuses %s in a policy', (_what, statement, problem) => {
  const { problems } = read(role(), policy(GET, statement));
  expect(problems.join('\n')).toContain(problem);
  expect(problems.every((each) => each.startsWith('ClerkPolicy, statement 2: '))).toBe(true);
});

test.each<[string, object, string]>([
  [
    'an unsupported managed policy',
    { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
    'Clerk: the managed policy arn:aws:iam::aws:policy/AdministratorAccess is not evaluated locally',
  ],
  [
    'a boundary',
    { PermissionsBoundary: 'arn:…' },
    'Clerk: the properties [PermissionsBoundary] are not evaluated locally',
  ],
  ['a path', { Path: '/teams/' }, 'Clerk: Path "/teams/" is not supported locally'],
  [
    'a principal that is not a service',
    {
      AssumeRolePolicyDocument: document({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: 'arn:aws:iam::1:root' },
      }),
    },
    'Clerk, trust policy, statement 1: Principal {"AWS":"arn:aws:iam::1:root"} is not evaluated locally',
  ],
  [
    'every service as a principal',
    {
      AssumeRolePolicyDocument: document({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: '*' },
      }),
    },
    'Clerk, trust policy, statement 1: Principal.Service "*" has a wildcard; name the services',
  ],
  [
    'a condition in the trust policy',
    {
      AssumeRolePolicyDocument: document({
        ...TRUST_OF_LAMBDA.Statement,
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      }),
    },
    'Clerk, trust policy, statement 1: the condition Bool on aws:MultiFactorAuthPresent is not evaluated locally',
  ],
  [
    'managed policies as a string',
    { ManagedPolicyArns: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole' },
    'Clerk: ManagedPolicyArns is "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", not a list of strings',
  ],
  ['policies as an object', { Policies: {} }, 'Clerk: Policies is {}, not a list of policies'],
  [
    'a policy without a name',
    { Policies: [{ PolicyDocument: document(GET) }] },
    'Clerk: Policies[0] is {"PolicyDocument":',
  ],
  [
    'an unknown member of a policy',
    { Policies: [{ PolicyName: 'own', PolicyDocument: document(GET), Effect: 'Deny' }] },
    'Clerk, policy own: Effect ("Deny") is not evaluated locally; use only PolicyName, PolicyDocument',
  ],
  [
    'an old version of the language',
    { AssumeRolePolicyDocument: { ...TRUST_OF_LAMBDA, Version: '2008-10-17' } },
    'Clerk, trust policy: Version is "2008-10-17"',
  ],
])('refuses a role with %s', (_what, properties, problem) => {
  expect(read(role(properties)).problems.join('\n')).toContain(problem);
});

test.each<[string, object, string]>([
  [
    'an operator without keys',
    { StringEquals: 'x' },
    'the condition StringEquals has "x"; it must map keys to values',
  ],
  [
    'an operator with a list',
    { ArnLike: ['x'] },
    'the condition ArnLike has ["x"]; it must map keys to values',
  ],
  ['an operator with nothing', { ArnLike: {} }, 'the condition ArnLike has {}; it must map keys to values'],
  [
    'a value that is an object',
    { StringEquals: { 'aws:SourceAccount': [{ a: 1 }] } },
    'aws:SourceAccount is [{"a":1}], not a string or a list of strings',
  ],
  [
    'no value',
    { ArnLike: { 'aws:SourceArn': [] } },
    'aws:SourceArn is [], not a string or a list of strings',
  ],
])('%s does not make a trust unconditional', (_what, Condition, problem) => {
  const AssumeRolePolicyDocument = document({ ...TRUST_OF_LAMBDA.Statement, Condition });
  expect(read(role({ AssumeRolePolicyDocument })).problems).toEqual([
    expect.stringContaining(`Clerk, trust policy, statement 1: ${problem}`),
  ]);
});

test('reports all problems at once', () => {
  const wrong = { Effect: 'Maybe', Action: 'GetItem', Resource: 'ledger', Condition: {} };
  expect(read(role({ Path: '/a/' }), policy(wrong)).problems).toHaveLength(5);
});

test('refuses a policy for users, or for a role outside the template', () => {
  const stray = {
    ...policy(GET),
    properties: { PolicyDocument: document(GET), Users: ['jo'], Roles: ['stray'] },
  };
  expect(read(role(), stray).problems).toEqual([
    'ClerkPolicy: the properties [Users] are not evaluated locally; leave them out',
    'ClerkPolicy: the roles stray are not in the template; attach it to roles of the template',
  ]);
});

test('a policy whose roles are not a list is attached to no role', () => {
  const wrong = { ...policy(GET), properties: { PolicyDocument: document(GET), Roles: 'clerk' } };
  expect(read(role(), wrong).problems).toEqual(['ClerkPolicy: Roles is "clerk", not a list of strings']);
});

test('refuses a function whose role is not in the template', () => {
  const functions = [{ logicalId: 'F', name: 'f', arn: 'arn:…', roleArn: 'arn:aws:iam::1:role/elsewhere' }];
  const deployment = {
    partition: 'aws',
    region: 'eu-west-1',
    account: '1',
    roles: [],
    functions,
    stateMachines: [],
  };
  expect(() => policiesOf(deployment, [])).toThrow(
    'F: its role arn:aws:iam::1:role/elsewhere is not in the template',
  );
});

test('reads managed policies of AWS and of the template, and inline policies', () => {
  const own = {
    ...policy({ ...GET, Action: 'dynamodb:PutItem' }),
    type: 'AWS::IAM::ManagedPolicy',
    arn: 'arn:aws:iam::111122223333:policy/own',
    properties: { PolicyDocument: document({ ...GET, Action: 'dynamodb:PutItem' }) },
  };
  const managed = [own.arn, 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'];
  const inline = [{ PolicyName: 'inline', PolicyDocument: document(GET) }];
  const { roles, problems } = read(role({ ManagedPolicyArns: managed, Policies: inline }), own);
  expect(problems).toEqual([]);
  expect(roles[0]!.statements.flatMap(({ actions }) => actions)).toEqual([
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ]);
});
