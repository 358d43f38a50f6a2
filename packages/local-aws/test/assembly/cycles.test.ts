/** Resources that depend on each other in a cycle: CloudFormation never deploys such a template. */
import { problemsOf, RESOURCES, withProperties, withResources } from './template';

const { Worker, WorkerRole, Machine } = RESOURCES;
const workerRefersTo = (to: unknown) => ({
  Worker: { ...Worker, Properties: { ...Worker.Properties, Environment: { Variables: { TO: to } } } },
});
const roleDependsOn = (DependsOn: unknown) => ({ WorkerRole: { ...WorkerRole, DependsOn } });
const problemOf = (...ids: string[]) =>
  `Circular dependency between resources: [${ids.join(', ')}]; each depends on the next (Ref, Fn::GetAtt, Fn::Sub, DependsOn), and the last on the first. Remove one of these references.`;

test.each<[string, Parameters<typeof withResources>[0], string[]]>([
  ['two, by GetAtt and DependsOn', roleDependsOn('Worker'), ['Worker', 'WorkerRole']],
  ['a list of DependsOn', roleDependsOn(['Items', 'Worker']), ['Worker', 'WorkerRole']],
  [
    'three, by Ref',
    {
      ...workerRefersTo({ Ref: 'Machine' }),
      Machine: { ...Machine, DependsOn: 'MachineRole' },
      MachineRole: { ...RESOURCES.MachineRole, DependsOn: ['Worker'] },
    },
    ['Worker', 'Machine', 'MachineRole'],
  ],
  [
    'by Sub inside other functions',
    {
      ...workerRefersTo({ 'Fn::Join': ['', [{ 'Fn::Sub': 'x-${!Logs}-${Machine.Arn}' }]] }),
      Machine: { ...Machine, DependsOn: 'Worker' },
    },
    ['Worker', 'Machine'],
  ],
  ['itself', workerRefersTo({ 'Fn::GetAtt': 'Worker.Arn' }), ['Worker']],
  [
    'names that refer to each other',
    {
      Items: {
        ...RESOURCES.Items,
        Properties: { ...RESOURCES.Items.Properties, TableName: { Ref: 'Letters' } },
      },
      Letters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'Items' } } },
    },
    ['Items', 'Letters'],
  ],
])('%s', (_how, changes, cycle) => {
  expect(problemsOf(withResources(changes))).toEqual([problemOf(...cycle)]);
});

test('a variable of Fn::Sub is not a reference, even if it has the name of a resource', () => {
  const sub = { 'Fn::Sub': ['${Worker}', { Worker: 'text' }] };
  expect(problemsOf(withProperties('Worker', { Environment: { Variables: { TO: sub } } }))).toEqual([]);
});

test('several resources that depend on one are not a cycle', () => {
  expect(problemsOf(withResources(roleDependsOn(['Items', 'Letters'])))).toEqual([]);
});
