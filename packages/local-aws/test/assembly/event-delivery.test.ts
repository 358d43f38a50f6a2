/** A rule needs permissions to invoke its target and to send to its dead-letter queue. */
import { ACCOUNT, problemsOf, readTemplate, RESOURCES, withProperties, withResources } from './template';

const [STATEMENT] = RESOURCES.LettersPolicy.Properties.PolicyDocument.Statement;
const policy = (...Statement: object[]) =>
  withProperties('LettersPolicy', { PolicyDocument: { Version: '2012-10-17', Statement } });
const SSL = {
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: 'sqs:*',
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

test.each<[string, object]>([
  ['with the ARN of the rule', { Resources: RESOURCES }],
  [
    'with the name of the function and the account',
    withProperties('MayInvoke', { FunctionName: 'worker', SourceArn: undefined, SourceAccount: ACCOUNT }),
  ],
  ['with a wildcard action', withProperties('MayInvoke', { Action: 'lambda:*' })],
  ['that also denies requests without TLS', policy(STATEMENT!, SSL)],
  [
    'with a condition on the account',
    policy({ ...STATEMENT, Condition: { StringEquals: { 'aws:SourceAccount': [ACCOUNT] } } }),
  ],
  ['without a condition', policy({ ...STATEMENT, Action: ['sqs:*'], Resource: ['*'], Condition: undefined })],
])('a rule is allowed by a permission or policy %s', (_how, template) => {
  expect(readTemplate({ ...template }).rules.map(({ name }) => name)).toEqual(['on-stop']);
});

const NOT_INVOKED =
  'OnStop (AWS::Events::Rule): target Worker: no AWS::Lambda::Permission allows events.amazonaws.com to invoke';
const NOT_SENT =
  'OnStop (AWS::Events::Rule): target Worker: no AWS::SQS::QueuePolicy allows events.amazonaws.com to send';

test.each<[string, object]>([
  ['another account', { SourceAccount: '444455556666' }],
  ['another rule', { SourceArn: 'arn:aws:events:eu-west-1:111122223333:rule/other' }],
  ['another service', { Principal: 's3.amazonaws.com' }],
  ['another action', { Action: 'lambda:GetFunction' }],
])('a permission for %s does not allow the rule', (_what, properties) => {
  expect(problemsOf(withProperties('MayInvoke', properties))).toEqual([expect.stringContaining(NOT_INVOKED)]);
});

test.each<[string, object, string]>([
  [
    'an organization',
    { PrincipalOrgID: 'o-1' },
    'PrincipalOrgID ("o-1") has no local counterpart: permissions are evaluated only for',
  ],
  ['a token', { EventSourceToken: 'x' }, 'EventSourceToken ("x") has no local counterpart'],
  ['a URL', { FunctionUrlAuthType: 'NONE' }, 'FunctionUrlAuthType ("NONE") has no local counterpart'],
  ['an unknown property', { Sid: 'x' }, 'Sid ("x") has no local counterpart: leave it out'],
  ['a malformed account', { SourceAccount: '1' }, 'SourceAccount must be an account of 12 digits, not "1"'],
  ['a malformed action', { Action: 'Invoke' }, 'Action must be "lambda:<action>", not "Invoke"'],
])('a permission with %s is refused', (_what, properties, problem) => {
  expect(problemsOf(withProperties('MayInvoke', properties))).toEqual([
    expect.stringContaining(`MayInvoke (AWS::Lambda::Permission): ${problem}`),
    expect.stringContaining(NOT_INVOKED),
  ]);
});

test('a permission on a function outside the template is refused', () => {
  const { MayInvoke } = RESOURCES;
  const Other = { ...MayInvoke, Properties: { ...MayInvoke.Properties, FunctionName: 'other' } };
  expect(problemsOf(withResources({ Other }))).toEqual([
    'Other (AWS::Lambda::Permission): FunctionName other is not a function in the template',
  ]);
});

test.each<[string, object]>([
  ['another account', { Condition: { StringEquals: { 'aws:SourceAccount': '444455556666' } } }],
  [
    'another rule',
    { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:eu-west-1:111122223333:rule/o*r' } } },
  ],
  ['another service', { Principal: { Service: ['s3.amazonaws.com'] } }],
  ['another action', { Action: 'sqs:ReceiveMessage' }],
  ['another queue', { Resource: 'arn:aws:sqs:eu-west-1:111122223333:others' }],
])('a policy for %s does not allow the rule to send', (_what, members) => {
  expect(problemsOf(policy({ ...STATEMENT, ...members }))).toEqual([expect.stringContaining(NOT_SENT)]);
});

test.each<[string, object, string]>([
  [
    'a Deny',
    { ...STATEMENT, Effect: 'Deny' },
    'Effect "Deny" is not evaluated locally, except for requests without TLS',
  ],
  [
    'an unknown member',
    { ...STATEMENT, NotAction: 'x' },
    'NotAction ("x") has no local counterpart: leave it out',
  ],
  [
    'a role',
    { ...STATEMENT, Principal: { AWS: '*' } },
    'Principal {"AWS":"*"} is not evaluated locally; use {"Service": …}',
  ],
  ['any principal', { ...STATEMENT, Principal: '*' }, 'Principal "*" is not evaluated locally'],
  [
    'a condition',
    { ...STATEMENT, Condition: { StringLike: { 'aws:SourceArn': 'x' } } },
    'the condition StringLike on aws:SourceArn',
  ],
  [
    'a key',
    { ...STATEMENT, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'x' } } },
    'the condition StringEquals on aws:PrincipalOrgID',
  ],
  [
    'a condition without a key',
    { ...STATEMENT, Condition: { ArnLike: 'x' } },
    'the condition ArnLike holds "x", not an object of keys',
  ],
  [
    'a condition with no keys',
    { ...STATEMENT, Condition: { ArnLike: {} } },
    'the condition ArnLike holds {}, not an object of keys',
  ],
  ['a malformed condition', { ...STATEMENT, Condition: 'x' }, 'Condition is "x", not an object'],
  [
    'an action that is not a string',
    { ...STATEMENT, Action: [5] },
    'Action is [5], not a string or a list of strings',
  ],
])('a queue policy with %s is refused', (_what, statement, problem) => {
  expect(problemsOf(policy(STATEMENT!, statement))).toEqual([
    expect.stringContaining(`LettersPolicy (AWS::SQS::QueuePolicy): statement 2: ${problem}`),
    expect.stringContaining(NOT_SENT),
  ]);
});

test('a policy applies only to its queues', () => {
  const Others = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'others' } };
  const LettersPolicy = {
    ...RESOURCES.LettersPolicy,
    Properties: { ...RESOURCES.LettersPolicy.Properties, Queues: [{ Ref: 'Others' }] },
  };
  expect(problemsOf(withResources({ Others, LettersPolicy }))).toEqual([expect.stringContaining(NOT_SENT)]);
  expect(problemsOf(withProperties('LettersPolicy', { Queues: ['http://sqs.invalid/1/ghost'] }))).toEqual([
    'LettersPolicy (AWS::SQS::QueuePolicy): Queues names ghost, which is not a queue in the template',
    expect.stringContaining(NOT_SENT),
  ]);
  expect(problemsOf(withResources({ Second: RESOURCES.LettersPolicy }))).toEqual([
    'Second (AWS::SQS::QueuePolicy): the queue letters already has a policy; write one policy with the statements of both',
  ]);
});

test.each<[string, object, string]>([
  [
    'too short a retention period',
    { MessageRetentionPeriod: 59 },
    'MessageRetentionPeriod must be a whole number from 60 to 1209600, not 59',
  ],
  [
    'too long a retention period',
    { MessageRetentionPeriod: 1_209_601 },
    'MessageRetentionPeriod must be a whole number from 60 to 1209600',
  ],
  [
    'too long a visibility timeout',
    { VisibilityTimeout: 43_201 },
    'VisibilityTimeout must be a whole number from 0 to 43200, not 43201',
  ],
  [
    'a negative visibility timeout',
    { VisibilityTimeout: -1 },
    'VisibilityTimeout must be a whole number from 0 to 43200, not -1',
  ],
  [
    'a KMS key',
    { KmsMasterKeyId: 'alias/aws/sqs' },
    'KmsMasterKeyId ("alias/aws/sqs") has no local counterpart: key policies',
  ],
  ['a redrive policy', { RedrivePolicy: {} }, 'RedrivePolicy ({}) has no local counterpart: leave it out'],
  ['FIFO order', { FifoQueue: true }, 'FifoQueue (true) has no local counterpart'],
])('a queue with %s is refused', (_what, properties, problem) => {
  expect(problemsOf(withProperties('Letters', properties))).toEqual([
    expect.stringContaining(`Letters (AWS::SQS::Queue): ${problem}`),
  ]);
});

test('a queue at the limits of its settings is accepted', () => {
  const [least, most] = [
    { MessageRetentionPeriod: 60, VisibilityTimeout: 0, SqsManagedSseEnabled: true },
    { MessageRetentionPeriod: '1209600', VisibilityTimeout: 43_200 },
  ].map((properties) => readTemplate(withProperties('Letters', properties)).queues[0]);
  expect(least).toMatchObject({ retentionSeconds: 60, visibilitySeconds: 0 });
  expect(most).toMatchObject({ retentionSeconds: 1_209_600, visibilitySeconds: 43_200 });
});
