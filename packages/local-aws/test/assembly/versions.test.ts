/** Versions and aliases of functions and state machines, as CloudFormation publishes, keeps and deletes them. */
import type { StackState } from '../../src/assembly';
import { ACCOUNT, problemsOf, readTemplate, RESOURCES, withResources } from './template';

type Json = Readonly<Record<string, unknown>>;

const FUNCTION_ARN = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:worker`;
const MACHINE_ARN = `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:machine`;
const attribute = (id: string, name: string): Json => ({ 'Fn::GetAtt': [id, name] });

const version = (properties: Json = {}, policy = 'Retain'): Json => ({
  Type: 'AWS::Lambda::Version',
  Properties: { FunctionName: { Ref: 'Worker' }, ...properties },
  ...{ DeletionPolicy: policy, UpdateReplacePolicy: policy },
});
const alias = (versionId: string, properties: Json = {}): Json => ({
  Type: 'AWS::Lambda::Alias',
  Properties: {
    FunctionName: { Ref: 'Worker' },
    FunctionVersion: attribute(versionId, 'Version'),
    Name: 'live',
    ...properties,
  },
});
const machineVersion = (properties: Json = {}, policy = 'Retain'): Json => ({
  Type: 'AWS::StepFunctions::StateMachineVersion',
  Properties: {
    StateMachineArn: { Ref: 'Machine' },
    StateMachineRevisionId: attribute('Machine', 'StateMachineRevisionId'),
    ...properties,
  },
  ...{ DeletionPolicy: policy, UpdateReplacePolicy: policy },
});
const machineAlias = (versionId: string, properties: Json = {}): Json => ({
  Type: 'AWS::StepFunctions::StateMachineAlias',
  Properties: {
    Name: 'live',
    RoutingConfiguration: [{ StateMachineVersionArn: { Ref: versionId }, Weight: 100 }],
    ...properties,
  },
});
const withDefinition = (word: string): Json => ({
  ...RESOURCES.Machine,
  Properties: {
    ...RESOURCES.Machine.Properties,
    DefinitionString: JSON.stringify({
      StartAt: 'A',
      States: { A: { Type: 'Pass', Result: word, End: true } },
    }),
  },
});

/** Deploys templates one after the other; returns the stack after the last. */
function deployed(
  ...templates: readonly (readonly [changes: Parameters<typeof withResources>[0], code: string])[]
) {
  return templates.reduce<StackState | undefined>(
    (before, [changes, code]) =>
      readTemplate(withResources(changes), before === undefined ? {} : { deployed: before }, code).stack,
    undefined,
  )!;
}

describe('functions', () => {
  test('the first version is 1; its Ref is its ARN, and its attributes are its number and its ARN', () => {
    const { outputs, stack } = readTemplate({
      ...withResources({ V: version({ Description: 'first' }), Live: alias('V') }),
      Outputs: {
        Ref: { Value: { Ref: 'V' } },
        Number: { Value: attribute('V', 'Version') },
        Arn: { Value: attribute('V', 'FunctionArn') },
        Alias: { Value: { Ref: 'Live' } },
        AliasArn: { Value: attribute('Live', 'AliasArn') },
      },
    });
    expect(outputs).toEqual({
      ...{ Ref: `${FUNCTION_ARN}:1`, Arn: `${FUNCTION_ARN}:1`, Number: '1' },
      ...{ Alias: `${FUNCTION_ARN}:live`, AliasArn: `${FUNCTION_ARN}:live` },
    });
    const { versions, aliases } = stack.functions['worker']!;
    expect(versions['1']).toMatchObject({ description: 'first', resource: { name: 'worker' } });
    expect(aliases).toEqual({ live: { version: '1', description: undefined } });
  });

  test('deploying the same template again publishes nothing', () => {
    const { functions, resources } = deployed([{ V: version() }, 'a'], [{ V: version() }, 'a']);
    expect([Object.keys(functions['worker']!.versions), resources['V']?.name]).toEqual([['1'], 'worker:1']);
  });

  test('a version stays as it was published, even if its function changes', () => {
    const before = deployed([{ V: version() }, 'a']);
    const after = deployed([{ V: version() }, 'a'], [{ V: version() }, 'b']);
    expect(after.functions['worker']?.versions).toEqual(before.functions['worker']?.versions);
  });

  test.each([
    ['code', {}, 'b'],
    ['configuration', { Worker: withProperty('Timeout', 9) }, 'a'],
  ])('a new resource publishes the next number after a change of the %s', (_what, changes, code) => {
    const { functions } = deployed([{ V: version() }, 'a'], [{ ...changes, V2: version() }, code]);
    expect(Object.keys(functions['worker']!.versions)).toEqual(['1', '2']);
  });

  test.each([
    ['nothing', {}],
    ['the reserved concurrency', { Worker: withProperty('ReservedConcurrentExecutions', 5) }],
    ['tags', { Worker: withProperty('Tags', [{ Key: 'a', Value: 'b' }]) }],
    ['a default', { Worker: withProperty('Timeout', '3') }],
  ])('a new resource is refused as by Lambda after a change of %s', (_what, changes) => {
    const stack = deployed([{ V: version() }, 'a']);
    expect(problemsOf(withResources({ ...changes, V2: version() }), { deployed: stack }, 'a')).toEqual([
      'V2 (AWS::Lambda::Version): A version for this Lambda function exists ( 1 ). Modify the function to create a new version',
    ]);
  });

  test('a deployment publishes a function once', () => {
    expect(problemsOf(withResources({ V: version(), W: version({ Description: 'again' }) }))).toEqual([
      expect.stringContaining('A version for this Lambda function exists ( 1 )'),
    ]);
  });

  test('returning to an earlier template publishes its retained version again, under a new number', () => {
    const { functions, resources } = deployed(
      [{ VA: version() }, 'a'],
      [{ VB: version() }, 'b'],
      [{ VA: version() }, 'a'],
    );
    expect(Object.keys(functions['worker']!.versions)).toEqual(['1', '2', '3']);
    expect(resources['VA']?.name).toBe('worker:3');
    const { versions } = functions['worker']!;
    expect(versions['3']?.codeHash).toBe(versions['1']?.codeHash);
    expect(versions['2']?.codeHash).not.toBe(versions['1']?.codeHash);
  });

  test('a deleted version is gone, and its number is not used again, even after the function was deleted', () => {
    const { VA, VB } = { VA: version({}, 'Delete'), VB: version({}, 'Delete') };
    const stack = deployed([{ VA }, 'a'], [{ VB }, 'b'], [{}, 'c'], [{ VA }, 'a']);
    expect(Object.keys(stack.functions['worker']!.versions)).toEqual(['3']);
    const without = readTemplate({ Resources: { Items: RESOURCES.Items } }, { deployed: stack }).stack;
    expect(without.functions).toEqual({});
    const again = readTemplate(withResources({ VA }), { deployed: without }, 'a').stack;
    expect(Object.keys(again.functions['worker']!.versions)).toEqual(['4']);
  });

  test('a version to which an alias still refers is not deleted', () => {
    const kept = { ...alias('V', { FunctionVersion: '1' }), DeletionPolicy: 'Retain' };
    const { functions } = deployed([{ V: version({}, 'Delete'), Live: kept }, 'a'], [{}, 'b']);
    expect(functions['worker']).toMatchObject({ versions: { 1: {} }, aliases: { live: { version: '1' } } });
  });

  test('an alias follows its version; a second resource with its name is refused, also after it was retained', () => {
    const moved = deployed(
      [{ V: version(), Live: alias('V') }, 'a'],
      [{ W: version(), Live: alias('W') }, 'b'],
    );
    expect(moved.functions['worker']?.aliases).toMatchObject({ live: { version: '2' } });
    expect(problemsOf(withResources({ W: version(), Other: alias('W') }), { deployed: moved }, 'b')).toEqual([
      'Other (AWS::Lambda::Alias): worker:live already exists: it is Live of the deployed stack, which is deleted only afterwards. Choose another name',
    ]);
    const Live = { ...alias('V'), DeletionPolicy: 'Retain' };
    const retained = deployed([{ V: version(), Live }, 'a'], [{ W: version() }, 'b']);
    expect(problemsOf(withResources({ V: version(), Live }), { deployed: retained }, 'a')).toEqual([
      expect.stringContaining('worker:live already exists: it was retained by an earlier deployment'),
    ]);
  });

  test.each<[string, Json, string]>([
    ['V', version({ ProvisionedConcurrencyConfig: {} }), 'environments are not provisioned; leave it out'],
    ['V', version({ CodeSha256: 'x' }), 'the engine has no zip file to hash'],
    ['V', version({ FunctionScalingConfig: {} }), 'environments are not provisioned'],
    ['V', version({ RuntimePolicy: { UpdateRuntimeOn: 'Manual' } }), 'must be one of Auto, FunctionUpdate'],
    ['V', version({ Policy: {} }), 'Policy ({}) has no local counterpart'],
    ['V', version({ FunctionName: 'other' }), 'FunctionName other is not a function of the template'],
    ['V', version({ FunctionName: 'worker:1' }), 'refer to one, unqualified'],
    ['A', alias('Worker', { FunctionVersion: '7' }), 'FunctionVersion 7 of worker does not exist'],
    ['A', alias('Worker', { FunctionVersion: '$LATEST', Name: '12' }), 'and not only digits, not "12"'],
    [
      'A',
      alias('Worker', {
        FunctionVersion: '$LATEST',
        RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: '1', FunctionWeight: 0.5 }] },
      }),
      'an alias has one version here; leave it out',
    ],
    [
      'A',
      alias('Worker', { FunctionVersion: '$LATEST', ProvisionedConcurrencyConfig: {} }),
      'environments are not provisioned',
    ],
  ])('%s is refused by name: %j', (id, resource, reason) => {
    expect(problemsOf(withResources({ [id]: resource }))).toEqual([expect.stringContaining(reason)]);
  });

  test('a version of a function that cannot be run has no further problem', () => {
    expect(problemsOf(withResources({ Worker: withProperty('Runtime', 'go1.x'), V: version() }))).toEqual([
      expect.stringContaining('Worker (AWS::Lambda::Function): Runtime must be one of'),
      'V (AWS::Lambda::Version): its function Worker cannot be run; see its problems',
    ]);
  });
});

function withProperty(name: string, value: unknown): Json {
  return { ...RESOURCES.Worker, Properties: { ...RESOURCES.Worker.Properties, [name]: value } };
}

describe('state machines', () => {
  test('the first revision is INITIAL; versions and aliases have their ARN as Ref', () => {
    const { outputs } = readTemplate({
      ...withResources({ V: machineVersion(), Live: machineAlias('V') }),
      Outputs: {
        Revision: { Value: attribute('Machine', 'StateMachineRevisionId') },
        Ref: { Value: { Ref: 'V' } },
        Arn: { Value: attribute('V', 'Arn') },
        Alias: { Value: { Ref: 'Live' } },
      },
    });
    expect(outputs).toEqual({
      ...{ Revision: 'INITIAL', Ref: `${MACHINE_ARN}:1`, Arn: `${MACHINE_ARN}:1` },
      Alias: `${MACHINE_ARN}:live`,
    });
  });

  test('a change of the definition is a new revision, which replaces a version that names the revision', () => {
    const { stateMachines, resources } = deployed(
      [{ V: machineVersion(), Live: machineAlias('V') }, ''],
      [{ Machine: withDefinition('b'), V: machineVersion(), Live: machineAlias('V') }, ''],
    );
    const { versions, aliases, latest } = stateMachines['machine']!;
    expect(Object.keys(versions)).toEqual(['1', '2']);
    expect(versions['1']?.revision.revisionId).toBeNull();
    expect(versions['2']?.revision).toEqual(latest);
    expect(aliases['live']?.version).toBe('2');
    expect(resources['V']?.name).toBe('machine:2');
  });

  test('without a change the revision and its version stay', () => {
    const both = [{ V: machineVersion() }, ''] as const;
    const { latest, versions } = deployed(both, both, both).stateMachines['machine']!;
    expect([latest.revisionId, Object.keys(versions)]).toEqual([null, ['1']]);
  });

  test('a replaced version is deleted or kept by the UpdateReplacePolicy, and its number is not used again', () => {
    const numbers = (policy: string): string[] => {
      const V = machineVersion({}, policy);
      const templates = ['a', 'b', 'c'].map((word) => [{ Machine: withDefinition(word), V }, ''] as const);
      return Object.keys(deployed(...templates).stateMachines['machine']!.versions);
    };
    expect(numbers('Retain')).toEqual(['1', '2', '3']);
    expect(numbers('Delete')).toEqual(['3']);
  });

  test('a revision is published once', () => {
    const stack = deployed([{ V: machineVersion() }, '']);
    expect(problemsOf(withResources({ W: machineVersion() }), { deployed: stack })).toEqual([
      expect.stringContaining('the current revision of machine is already published as version 1'),
    ]);
  });

  test.each<[Json, string]>([
    [
      machineVersion({ StateMachineRevisionId: 'other' }),
      'Failed to publish the State Machine version for revision other. The current State Machine revision is INITIAL',
    ],
    [machineVersion({ StateMachineArn: `${MACHINE_ARN}x` }), 'is not a state machine of the template'],
    [machineVersion({ Tags: [] }), 'Tags ([]) has no local counterpart'],
    [
      machineAlias('Machine', {
        RoutingConfiguration: [
          { StateMachineVersionArn: `${MACHINE_ARN}:1`, Weight: 50 },
          { StateMachineVersionArn: `${MACHINE_ARN}:2`, Weight: 50 },
        ],
      }),
      'must have one item, not 2: an alias has one version here',
    ],
    [
      machineAlias('Machine', {
        RoutingConfiguration: [{ StateMachineVersionArn: `${MACHINE_ARN}:1`, Weight: 100 }],
      }),
      'version 1 of machine, which does not exist',
    ],
    [
      machineAlias('Machine', { DeploymentPreference: { Type: 'CANARY' } }),
      'executions are not shifted gradually',
    ],
  ])('%j is refused by name', (resource, reason) => {
    expect(problemsOf(withResources({ R: resource })).join()).toContain(reason);
  });
});

describe('other resources', () => {
  const stack = deployed([{}, '']);

  test('a removed resource with Retain is kept: a table, a role, a machine', () => {
    const retained = Object.fromEntries(
      (['Items', 'WorkerRole', 'Machine', 'MachineRole'] as const).map((id) => [
        id,
        { ...RESOURCES[id], DeletionPolicy: 'Retain' },
      ]),
    );
    const before = deployed([retained, 'a']);
    const { stack: after, roles } = readTemplate({ Resources: {} }, { deployed: before });
    expect(Object.keys(after.stateMachines)).toEqual(['machine']);
    expect(after.retained.tables).toMatchObject([{ name: 'items' }]);
    expect(roles.map(({ logicalId }) => logicalId)).toEqual(['WorkerRole', 'MachineRole']);
  });

  test('without Retain, a removed function or machine is deleted', () => {
    const after = readTemplate({ Resources: { Items: RESOURCES.Items } }, { deployed: stack }).stack;
    expect([after.functions, after.stateMachines, after.retained.resources]).toEqual([{}, {}, []]);
  });

  test('a name stays in use until the deployment has ended', () => {
    const { Worker, ...others } = RESOURCES;
    const renamed = JSON.parse(JSON.stringify(others).replaceAll('"Worker"', '"Renamed"')) as typeof others;
    expect(problemsOf({ Resources: { ...renamed, Renamed: Worker } }, { deployed: stack })).toEqual([
      'Renamed (AWS::Lambda::Function): worker already exists: it is Worker of the deployed stack, which is deleted only afterwards. Choose another name',
    ]);
  });

  test('a log group that was retained prevents a return to the earlier template, as in AWS', () => {
    const { Logs, ...others } = RESOURCES;
    const Kept = { ...Logs, DeletionPolicy: 'Retain' };
    const withLogs = readTemplate({ Resources: { ...others, Kept } }).stack;
    const without = readTemplate({ Resources: others }, { deployed: withLogs }).stack;
    expect(problemsOf({ Resources: { ...others, Kept } }, { deployed: without })).toEqual([
      expect.stringContaining('/aws/lambda/worker already exists: it was retained by an earlier deployment'),
    ]);
  });

  test('the type of a resource cannot change', () => {
    expect(
      problemsOf(withResources({ Logs: RESOURCES.Letters, Letters: RESOURCES.Letters }), {
        deployed: stack,
      }).join(),
    ).toContain('Logs (AWS::SQS::Queue): CloudFormation cannot change the type of a resource');
  });

  test('an alarm, rule or queue cannot be kept outside of the stack', () => {
    const Letters = { ...RESOURCES.Letters, DeletionPolicy: 'Retain' };
    const before = deployed([{ Letters }, '']);
    expect(problemsOf({ Resources: { Items: RESOURCES.Items } }, { deployed: before })).toEqual([
      'Letters (AWS::SQS::Queue): the engine cannot keep it outside of the stack; deploy it with the DeletionPolicy and UpdateReplacePolicy Delete first',
    ]);
  });

  test('a stack cannot be deployed over another', () => {
    expect(() => readTemplate({ Resources: {} }, { deployed: { ...stack, stackName: 'other' } })).toThrow(
      'Stack hand cannot be deployed over stack other. Start with a new state directory.',
    );
  });
});
