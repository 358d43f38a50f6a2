/** Resources that wait for each other: such a template never deploys. */
import { problemsOf, RESOURCES, withProperties, withResources } from './template';

const { Worker, WorkerRole, Machine } = RESOURCES;
const refers = (to: unknown) => ({
  Worker: { ...Worker, Properties: { ...Worker.Properties, Environment: { Variables: { TO: to } } } },
});
const roleDependsOn = (DependsOn: unknown) => ({ WorkerRole: { ...WorkerRole, DependsOn } });
const told = (...ids: string[]) =>
  `Circular dependency between resources: [${ids.join(', ')}]; each waits for the next (Ref, Fn::GetAtt, Fn::Sub, DependsOn), and the last for the first.`;

test.each<[string, Parameters<typeof withResources>[0], string[]]>([
  ['two, by GetAtt and DependsOn', roleDependsOn('Worker'), ['Worker', 'WorkerRole']],
  ['a list of DependsOn', roleDependsOn(['Items', 'Worker']), ['Worker', 'WorkerRole']],
  [
    'three, by Ref',
    {
      ...refers({ Ref: 'Machine' }),
      Machine: { ...Machine, DependsOn: 'MachineRole' },
      MachineRole: { ...RESOURCES.MachineRole, DependsOn: ['Worker'] },
    },
    ['Worker', 'Machine', 'MachineRole'],
  ],
  [
    'by Sub, within other functions',
    {
      ...refers({ 'Fn::Join': ['', [{ 'Fn::Sub': 'x-${!Logs}-${Machine.Arn}' }]] }),
      Machine: { ...Machine, DependsOn: 'Worker' },
    },
    ['Worker', 'Machine'],
  ],
  ['itself', refers({ 'Fn::GetAtt': 'Worker.Arn' }), ['Worker']],
  [
    'names that are made of each other',
    {
      Items: {
        ...RESOURCES.Items,
        Properties: { ...RESOURCES.Items.Properties, TableName: { Ref: 'Letters' } },
      },
      Letters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'Items' } } },
    },
    ['Items', 'Letters'],
  ],
])('%s', (_how, changes, circle) => {
  expect(problemsOf(withResources(changes))).toEqual([told(...circle)]);
});

test('a variable of Fn::Sub is none, whatever its name', () => {
  const sub = { 'Fn::Sub': ['${Worker}', { Worker: 'text' }] };
  expect(problemsOf(withProperties('Worker', { Environment: { Variables: { TO: sub } } }))).toEqual([]);
});

test('several resources that wait for one are no circle', () => {
  expect(problemsOf(withResources(roleDependsOn(['Items', 'Letters'])))).toEqual([]);
});
