import { problemsOf, readTemplate, RESOURCES, withProperties } from './template';

const output = (Value: unknown) => ({ Resources: RESOURCES, Outputs: { Said: { Value } } });

test('functions return the values that CloudFormation returns', () => {
  const said = (value: unknown): string => readTemplate(output(value)).outputs['Said']!;
  expect(said({ 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, { Ref: 'Items' }]] })).toBe('a-items');
  expect(said({ 'Fn::Select': ['1', { 'Fn::Split': ['-', 'a-b'] }] })).toBe('b');
  expect(said({ 'Fn::Sub': ['${A}/${Worker.Arn}/${!A}', { A: { Ref: 'AWS::Region' } }] })).toBe(
    'eu-west-1/arn:aws:lambda:eu-west-1:111122223333:function:worker/${A}',
  );
});

const SECRET = '{{resolve:secretsmanager:shop}}';

test.each<[string, unknown]>([
  ['by itself', SECRET],
  ['in a pattern', { 'Fn::Sub': `user:${SECRET}` }],
  ['in a variable of a pattern', { 'Fn::Sub': ['${A}', { A: SECRET }] }],
  ['in a default', { Ref: 'Word' }],
  ['in a default within a pattern', { 'Fn::Sub': '${Word}' }],
  ['joined', { 'Fn::Join': ['', ['{{resol', 've:ssm:/shop}}']] }],
  ['built by a pattern', { 'Fn::Sub': ['{{${A}:ssm:/shop}}', { A: 'resolve' }] }],
  ['extracted from a split', { 'Fn::Select': [1, { 'Fn::Split': ['|', `a|${SECRET}`] }] }],
])('refuses a dynamic reference %s', (_where, value) => {
  expect(problemsOf({ ...output(value), Parameters: { Word: { Type: 'String', Default: SECRET } } })).toEqual(
    [
      expect.stringMatching(
        /^Output Said: dynamic reference .* cannot be resolved: secrets and parameters are not read; put/,
      ),
    ],
  );
});

test.each<[string, unknown, string]>([
  ['If', { 'Fn::If': ['IsProd', 'a', 'b'] }, 'Fn::If ["IsProd","a","b"] cannot be resolved'],
  ['FindInMap', { 'Fn::FindInMap': ['a', 'b', 'c'] }, 'Fn::FindInMap ["a","b","c"] cannot be resolved'],
  ['ImportValue', { 'Fn::ImportValue': 'other' }, 'Fn::ImportValue "other" cannot be resolved'],
  [
    'a resource outside the template',
    { Ref: 'Ghost' },
    'Ref "Ghost" cannot be resolved: the template has no such',
  ],
  ['an unsupported attribute', { 'Fn::GetAtt': ['Items', 'StreamArn'] }, 'Fn::GetAtt ["Items","StreamArn"]'],
  ['an empty index', { 'Fn::Select': ['', ['a']] }, 'Fn::Select ["",["a"]] cannot be resolved'],
])('refuses %s', (_what, value, problem) => {
  expect(problemsOf(output(value))).toEqual([expect.stringContaining(`Output Said: ${problem}`)]);
});

test.each<[string, object]>([
  ['a member', { Ref: 'Items', x: 1 }],
  ['a function', { 'Fn::Join': ['', ['a']], 'Fn::Sub': 'b' }],
  ['a member before it', { x: 1, 'Fn::If': ['IsProd', 'a', 'b'] }],
])('refuses a function next to %s', (_what, value) => {
  expect(problemsOf(withProperties('Worker', { Environment: { Variables: { A: value } } }))).toEqual([
    expect.stringMatching(
      /^Worker \(AWS::Lambda::Function\): Environment: .*a function must be the only member of its object\.$/,
    ),
  ]);
});

test('reports every property that cannot be resolved, with its name', () => {
  const changes = { Timeout: { Ref: 'A' }, MemorySize: { Ref: 'B' }, Description: null };
  expect(problemsOf(withProperties('Worker', changes))).toEqual([
    'Worker (AWS::Lambda::Function): Timeout: Ref "A" cannot be resolved: the template has no such resource.; ' +
      'MemorySize: Ref "B" cannot be resolved: the template has no such resource.; ' +
      'Description: null is not allowed in a template; leave the member out',
  ]);
});

test('resolves properties that have no effect too', () => {
  expect(problemsOf(withProperties('Logs', { RetentionInDays: { 'Fn::If': ['IsProd', 30, 7] } }))).toEqual([
    expect.stringContaining('Logs (AWS::Logs::LogGroup): RetentionInDays: Fn::If'),
  ]);
});
