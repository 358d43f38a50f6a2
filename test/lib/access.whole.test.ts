import { functionRows, type FunctionName } from '../../src/contract/lifecycle';
import { LOGINS, secretField } from '../../src/contract/logins';
import { propertiesOf } from './definitions';
import { endpointsIn, rolesOfFunctions, statementsOf, templateOfDev } from './support';

const FUNCTIONS = functionRows().map(({ name }) => name);

/** Expected access of each function besides the ledger, spelled out so that a change to a lifecycle row shows up here. */
const REACH: Record<FunctionName, string> = {
  claimMigration: 'executions of Migration, executions of Sync, stops executions, deletes items',
  preflight: 'tries at both, old: owner control worker verifier, new: owner control worker verifier',
  prepare: 'old: owner control worker verifier, new: owner control worker verifier',
  startCapture: 'tries at the source, old: owner worker, new: worker',
  fence: 'old: control, new: control',
  plan: 'tries at the source, old: worker, new: control worker',
  nextWave: '',
  copyChunk: 'old: worker, new: control worker',
  verifyChunk: 'old: verifier, new: verifier',
  judge: 'deletes items',
  nextSync: 'executions of Sync, old: worker',
  applyChanges: 'deletes items, old: worker, new: control worker',
  catchUp: 'old: control worker, new: control verifier',
  cutover: 'deletes items, old: control worker verifier, new: control verifier',
  cancelCutover: 'old: control',
  stopCapture: 'old: owner',
  disarm: 'new: control',
  recordFailure: '',
  revoke: 'old: control, new: control',
  reopen: 'old: control',
  clean: 'old: owner control, new: owner control',
};

const template = templateOfDev();
const roles = rolesOfFunctions(template);
const { source, target } = endpointsIn('dev');

/** Resources that a function may use, by action. */
function grantsOf(name: string): Map<string, readonly unknown[]> {
  const statements = statementsOf(template, roles.get(name)!);
  return new Map(
    statements.flatMap(({ actions, resources }) => actions.map((action) => [action, resources] as const)),
  );
}

/** Sides on which a function may run transactions that are rolled back. */
function triedIn(clusters: readonly unknown[]): string[] {
  const tried = [source, target].map(({ clusterArn }) => clusters.includes(clusterArn));
  if (tried.includes(true) && clusters.length !== tried.filter(Boolean).length) return ['tries elsewhere'];
  return tried[0]
    ? [tried[1] ? 'tries at both' : 'tries at the source']
    : tried[1]
      ? ['tries at the target']
      : [];
}

describe('the access of each function', () => {
  test.each(FUNCTIONS)('%s reaches its databases, logins and executions, and no others', (name) => {
    const grants = grantsOf(name);
    const secrets = grants.get('secretsmanager:GetSecretValue') ?? [];
    const clusters = grants.get('rds-data:ExecuteStatement') ?? [];
    const reach = Object.entries({ old: source, new: target }).flatMap(([side, endpoint]) => {
      const logins = LOGINS.filter((login) => secrets.includes(endpoint[secretField(login)]));
      return clusters.includes(endpoint.clusterArn) ? [`${side}: ${logins.join(' ')}`] : [];
    });
    const described = JSON.stringify(grants.get('states:DescribeExecution') ?? []);
    const executions = ['Migration', 'Sync']
      .filter((machine) => described.includes(`:execution:sluice-dev-${machine}:*`))
      .map((machine) => `executions of ${machine}`);

    const more = [
      ...triedIn(grants.get('rds-data:BeginTransaction') ?? []),
      ...(grants.has('states:StopExecution') ? ['stops executions'] : []),
      ...(grants.has('dynamodb:DeleteItem') ? ['deletes items'] : []),
    ];

    expect([...executions, ...more, ...reach].join(', ')).toBe(REACH[name]);
    const words = REACH[name].split(/[ ,:]+/);
    expect(secrets).toHaveLength(words.filter((word) => LOGINS.some((login) => login === word)).length);
    expect(clusters).toHaveLength(words.filter((word) => word === 'old' || word === 'new').length);
  });

  test.each(FUNCTIONS)('%s has no permission beyond its job, and only on named resources', (name) => {
    const expected = [
      ...(REACH[name].includes('deletes') ? ['dynamodb:DeleteItem'] : []),
      'dynamodb:DescribeTable',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      ...(/old|new/.test(REACH[name])
        ? [
            ...(REACH[name].includes('tries') ? ['rds-data:BeginTransaction'] : []),
            'rds-data:ExecuteStatement',
            ...(REACH[name].includes('tries') ? ['rds-data:RollbackTransaction'] : []),
            'secretsmanager:GetSecretValue',
          ]
        : []),
      ...(REACH[name].includes('executions') ? ['states:DescribeExecution'] : []),
      ...(REACH[name].includes('stops') ? ['states:StopExecution'] : []),
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ];
    const grants = grantsOf(name);
    expect([...grants.keys()].sort()).toEqual(expected);
    const wildcards = [...grants].filter(([, resources]) => JSON.stringify(resources).includes('*'));
    const executions = [...REACH[name].matchAll(/executions of (\w+)/g)].map(
      ([, machine]) => `arn:aws:states:eu-west-1:111122223333:execution:sluice-dev-${machine}:*`,
    );
    const onExecutions = expected.filter((action) => action.startsWith('states:'));
    expect(wildcards.filter(([action]) => !action.startsWith('xray:'))).toEqual(
      onExecutions.map((action) => [action, executions]),
    );
  });

  test('each function has its own role', () => {
    expect(new Set(roles.values()).size).toBe(FUNCTIONS.length);
  });
});

describe('the access of each state machine', () => {
  const roleOf = (fragment: string): string =>
    Object.keys(template.findResources('AWS::IAM::Role')).find((id) => id.startsWith(fragment))!;

  /** Actions that apply to `*`, or to a pattern. */
  const wildActions = (roleId: string): string[] =>
    statementsOf(template, roleId)
      .filter(({ resources }) => JSON.stringify(resources).includes('*'))
      .flatMap(({ actions }) => actions)
      .sort();

  /** Names of the machines whose executions a role may start. */
  const startedBy = (roleId: string): string[] =>
    statementsOf(template, roleId)
      .filter(({ actions }) => actions.includes('states:StartExecution'))
      .flatMap(({ resources }) => resources as (string | { Ref: string })[])
      .map((resource) =>
        typeof resource === 'string'
          ? resource.split(':').at(-1)!
          : propertiesOf(template, resource.Ref).StateMachineName!,
      )
      .sort();

  /** Condition under which a role may start executions of Sync. */
  const PUBLISHED_VERSIONS_ONLY = { Null: { 'states:StateMachineQualifier': 'false' } };

  /** Names of the functions of which a role may invoke the versions. @throws Error if it may invoke anything else */
  const invokedBy = (roleId: string): string[] =>
    statementsOf(template, roleId)
      .filter(({ actions }) => actions.includes('lambda:InvokeFunction'))
      .flatMap(({ resources }) => resources)
      .map((resource) => {
        const [, name] = /:function:sluice-dev-(\w+):\*$/.exec(String(resource)) ?? [];
        if (name === undefined) throw new Error(`${JSON.stringify(resource)} is not a function's versions`);
        return name;
      })
      .sort();

  const LOG_DELIVERY_AND_TRACING = [
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ];

  test('Migration invokes every version of its functions and runs its own maps', () => {
    const role = roleOf('MigrationMachineRole');
    const ofOthers = ['nextSync', 'applyChanges', 'revoke', 'reopen', 'clean'];
    expect(invokedBy(role)).toEqual(FUNCTIONS.filter((name) => !ofOthers.includes(name)).sort());
    expect(wildActions(role)).toEqual([
      'lambda:InvokeFunction',
      ...LOG_DELIVERY_AND_TRACING.filter((action) => action.startsWith('logs:')),
      'states:DescribeExecution',
      'states:RedriveExecution',
      'states:StopExecution',
      ...LOG_DELIVERY_AND_TRACING.filter((action) => action.startsWith('xray:')),
    ]);
  });

  test('Migration starts Sync, and itself for its maps', () => {
    const role = roleOf('MigrationMachineRole');
    expect(startedBy(role)).toEqual(['sluice-dev-Migration', 'sluice-dev-Sync']);
    expect(statementsOf(template, role)).toContainEqual({
      actions: ['states:StartExecution'],
      resources: ['arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync'],
      conditions: PUBLISHED_VERSIONS_ONLY,
    });
  });

  test('Sync invokes two functions, starts itself and has no other permission', () => {
    const role = roleOf('SyncMachineRole');
    const statements = statementsOf(template, role);
    expect(invokedBy(role)).toEqual(['applyChanges', 'nextSync']);
    expect(statements.find(({ actions }) => actions.includes('states:StartExecution'))).toEqual({
      actions: ['states:StartExecution'],
      resources: ['arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync'],
      conditions: PUBLISHED_VERSIONS_ONLY,
    });
    expect(wildActions(role)).toEqual(['lambda:InvokeFunction', ...LOG_DELIVERY_AND_TRACING]);
    const others = statements
      .flatMap(({ actions }) => actions)
      .filter((action) => !/^(logs|xray):/.test(action));
    expect(others).toEqual(['lambda:InvokeFunction', 'states:StartExecution']);
  });

  test('Abort invokes three functions and stops executions of Migration only', () => {
    const role = roleOf('AbortMachineRole');
    const statements = statementsOf(template, role);
    expect(invokedBy(role)).toEqual(['clean', 'reopen', 'revoke']);
    const stopping = statements.find(({ actions }) => actions.includes('states:StopExecution'))!;
    expect(stopping).toEqual({
      actions: ['states:StopExecution'],
      resources: ['arn:aws:states:eu-west-1:111122223333:execution:sluice-dev-Migration:*'],
    });
  });
});
