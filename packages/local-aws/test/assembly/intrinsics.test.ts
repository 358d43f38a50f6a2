import { problemsOf, readTemplate, RESOURCES, withProperties } from './template';

const output = (Value: unknown) => ({ Resources: RESOURCES, Outputs: { Said: { Value } } });

test('functions give what CloudFormation gives', () => {
  const said = (value: unknown): string => readTemplate(output(value)).outputs['Said']!;
  expect(said({ 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, { Ref: 'Items' }]] })).toBe('a-items');
  expect(said({ 'Fn::Select': ['1', { 'Fn::Split': ['-', 'a-b'] }] })).toBe('b');
  expect(said({ 'Fn::Sub': ['${A}/${Worker.Arn}/${!A}', { A: { Ref: 'AWS::Region' } }] })).toBe(
    'eu-west-1/arn:aws:lambda:eu-west-1:111122223333:function:worker/${A}',
  );
});

const SECRET = '{{resolve:secretsmanager:shop}}';

test.each<[string, unknown]>([
  ['as it is', SECRET],
  ['in a pattern', { 'Fn::Sub': `user:${SECRET}` }],
  ['in a variable of a pattern', { 'Fn::Sub': ['${A}', { A: SECRET }] }],
  ['in a default', { Ref: 'Word' }],
  ['in a default within a pattern', { 'Fn::Sub': '${Word}' }],
  ['joined', { 'Fn::Join': ['', ['{{resol', 've:ssm:/shop}}']] }],
  ['made by a pattern', { 'Fn::Sub': ['{{${A}:ssm:/shop}}', { A: 'resolve' }] }],
  ['split off', { 'Fn::Select': [1, { 'Fn::Split': ['|', `a|${SECRET}`] }] }],
])('a dynamic reference %s', (_where, value) => {
  expect(problemsOf({ ...output(value), Parameters: { Word: { Type: 'String', Default: SECRET } } })).toEqual(
    [
      expect.stringMatching(
        /^Output Said: dynamic reference .* cannot be resolved: nothing local can answer it; put/,
      ),
    ],
  );
});

test.each<[string, unknown, string]>([
  ['If', { 'Fn::If': ['IsProd', 'a', 'b'] }, 'Fn::If ["IsProd","a","b"] cannot be resolved'],
  ['FindInMap', { 'Fn::FindInMap': ['a', 'b', 'c'] }, 'Fn::FindInMap ["a","b","c"] cannot be resolved'],
  ['ImportValue', { 'Fn::ImportValue': 'other' }, 'Fn::ImportValue "other" cannot be resolved'],
  [
    'a resource that is not there',
    { Ref: 'Ghost' },
    'Ref "Ghost" cannot be resolved: the template has no such',
  ],
  [
    'an attribute that is not known',
    { 'Fn::GetAtt': ['Items', 'StreamArn'] },
    'Fn::GetAtt ["Items","StreamArn"]',
  ],
  ['an index that is none', { 'Fn::Select': ['', ['a']] }, 'Fn::Select ["",["a"]] cannot be resolved'],
])('%s', (_what, value, problem) => {
  expect(problemsOf(output(value))).toEqual([expect.stringContaining(`Output Said: ${problem}`)]);
});

test.each<[string, object]>([
  ['a member', { Ref: 'Items', x: 1 }],
  ['a function', { 'Fn::Join': ['', ['a']], 'Fn::Sub': 'b' }],
  ['a member before it', { x: 1, 'Fn::If': ['IsProd', 'a', 'b'] }],
])('a function beside %s', (_what, value) => {
  expect(problemsOf(withProperties('Worker', { Environment: { Variables: { A: value } } }))).toEqual([
    expect.stringMatching(
      /^Worker \(AWS::Lambda::Function\): Environment: .*a function must be the only member\.$/,
    ),
  ]);
});

test('what cannot be resolved is told of every property, with its name', () => {
  const changes = { Timeout: { Ref: 'A' }, MemorySize: { Ref: 'B' }, Description: null };
  expect(problemsOf(withProperties('Worker', changes))).toEqual([
    'Worker (AWS::Lambda::Function): Timeout: Ref "A" cannot be resolved: the template has no such resource.; ' +
      'MemorySize: Ref "B" cannot be resolved: the template has no such resource.; ' +
      'Description: null is not allowed in a template; leave the member out',
  ]);
});

test('what changes nothing is resolved too', () => {
  expect(problemsOf(withProperties('Logs', { RetentionInDays: { 'Fn::If': ['IsProd', 30, 7] } }))).toEqual([
    expect.stringContaining('Logs (AWS::Logs::LogGroup): RetentionInDays: Fn::If'),
  ]);
});
