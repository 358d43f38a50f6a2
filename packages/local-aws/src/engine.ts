/** Runs a synthesized cloud assembly on this machine. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { readAssembly, type Assembly } from './assembly';
import { Authorizer, credentialsOf, policiesOf, reportOf, type AccessReport } from './iam';
import type { EngineCounters } from './counters';
import { forkDataApi } from './data-api/fork';
import type { DataApiOptions } from './data-api/options';
import { startDynamoDb } from './dynamodb';
import type { FaultHooks } from './fault-hooks';
import { LOCAL_CREDENTIALS, startLambdaHost, type LambdaHost } from './lambda';
import { ruleRoleHolders, startMonitoring, type Monitoring, type MonitoringFaults } from './monitoring';
import { startStepFunctions, type StepFunctions } from './step-functions';

export interface EngineOptions {
  /** Path of `cdk.out`. */
  readonly assemblyDirectory: string;
  /** Required if the assembly contains several stacks. */
  readonly stackName?: string;
  /** Holds everything that survives this process: items, executions, logs. One engine at a time may use it. */
  readonly stateDirectory: string;
  /** Host and port of each cluster in the Data API, by its ARN. */
  readonly clusters: DataApiOptions['clusters'];
  /** The login of each secret, by its ARN. */
  readonly secrets: DataApiOptions['secrets'];
  /** Whether the Data API enforces its limit on the size of a row. @default 'enforced' */
  readonly rowLimit?: DataApiOptions['rowLimit'];
  /** Injects faults into invocations and calls. @default functions reach the services directly */
  readonly faults?: FaultHooks | undefined;
  /** Injects faults into metrics and events. @default none */
  readonly monitoring?: MonitoringFaults | undefined;
  /** Receives dropped metrics and lost events, which AWS does not report. @default writes to stderr */
  readonly onProblem?: ((problem: string) => void) | undefined;
  /** @default the stack's */
  readonly region?: string;
  /** @default the stack's */
  readonly account?: string;
}

export interface Engine {
  /** Environment variables that point SDK clients and the AWS CLI at this engine. */
  readonly environment: Readonly<Record<string, string>>;
  /** The stack's outputs by their logical id. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly assembly: Assembly;
  readonly lambda: LambdaHost;
  readonly stepFunctions: StepFunctions;
  readonly cloudWatch: Monitoring['cloudWatch'];
  counters(): Promise<EngineCounters>;
  /** Requests denied since the engine started, and grants not used. */
  access(): Promise<AccessReport>;
  /** Stops every process and server. The state directory stays. */
  close(): Promise<void>;
}

/**
 * Starts every service and creates the resources of the template.
 * @throws Error if the assembly contains anything that cannot be run locally, or the state directory is in use
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const assembly = readAssembly(options);
  mkdirSync(options.stateDirectory, { recursive: true });
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return {
      ...(await startServices(assembly, options, closers)),
      outputs: assembly.outputs,
      assembly,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** AWS reports both late: the status of an ended execution, and the end of a Map Run. */
const REPORTING_LAGS = { describeLagMs: 500, mapRunLagMs: 1_000 };

/** Starts the services in order. @param closers receives a function for each service; they run in reverse order */
async function startServices(assembly: Assembly, options: EngineOptions, closers: (() => Promise<void>)[]) {
  const { region, account } = assembly;
  const { stateDirectory, clusters, secrets } = options;
  const holders = { ...assembly, rules: ruleRoleHolders(assembly) };
  const policies = policiesOf(holders, [LOCAL_CREDENTIALS['AWS_ACCESS_KEY_ID'] ?? '']);
  const authorizer = new Authorizer(policies);
  const directory = join(stateDirectory, 'dynamodb');
  const authorize = authorizer.forService('dynamodb');
  const dynamodb = await startDynamoDb({ directory, tables: assembly.tables, region, account, authorize });
  closers.push(() => dynamodb.close());
  const dataApi = await forkDataApi({ clusters, secrets, policies, rowLimit: options.rowLimit });
  closers.push(() => dataApi.close());

  const endpoints: Record<string, string> = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_RDS_DATA: dataApi.url,
  };
  const functions = assembly.functions;
  // Monitoring starts after the services that report to it.
  const started: { monitoring?: Monitoring } = {};
  const lambda = await startLambdaHost({
    credentialsOf: (functionName) => credentialsOf(policies, functionName),
    authorize: authorizer.forService('lambda'),
    functions,
    region,
    stateDirectory,
    endpoints: (functionName) => options.faults?.variablesFor(functionName, endpoints) ?? endpoints,
    onInvocation: options.faults?.onInvocation,
    runAttempt: (functionName, run) => options.faults?.invoke(functionName, run) ?? run(),
    onMetric: (metric) => started.monitoring?.recordMetric(metric),
  });
  closers.push(() => lambda.close());
  const stepFunctions = await startStepFunctions({
    accessControl: {
      authorizeRequest: authorizer.forService('states'),
      authorizeExecution: (...call) => authorizer.authorizeExecution(...call),
    },
    region,
    account,
    runTask: withFaults(lambda, options.faults),
    stateDirectory: join(stateDirectory, 'step-functions'),
    onStatus: (record) => started.monitoring?.recordExecution(record),
    ...REPORTING_LAGS,
  });
  closers.push(() => stepFunctions.close());
  createStateMachines(stepFunctions, assembly);
  const { onProblem = warn } = options;
  const watched = { assembly, stateDirectory, authorizer, lambda, stepFunctions, onProblem };
  const monitoring = await startMonitoring({ ...options.monitoring, ...watched });
  started.monitoring = monitoring;
  closers.push(() => monitoring.close());
  Object.assign(endpoints, {
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_ENDPOINT_URL_SFN: stepFunctions.url,
    ...monitoring.endpoints,
    // Calls to any other service are refused here, and never reach AWS.
    AWS_ENDPOINT_URL: lambda.url,
  });
  return {
    environment: { ...LOCAL_CREDENTIALS, ...endpoints, AWS_REGION: region, AWS_DEFAULT_REGION: region },
    lambda,
    stepFunctions,
    cloudWatch: monitoring.cloudWatch,
    access: async (): Promise<AccessReport> => {
      const served = [...Object.keys(clusters), ...Object.keys(secrets)];
      return reportOf(policies, [authorizer.usage(), await dataApi.access()], served);
    },
    counters: async (): Promise<EngineCounters> => ({
      dataApi: await dataApi.counters(),
      dynamodb: dynamodb.counters(),
      lambda: lambda.counters(),
      stateMachines: stepFunctions.counters(),
    }),
  };
}

/** Injects faults, if any, into the invocations that state machines request. */
const withFaults = (lambda: LambdaHost, faults: EngineOptions['faults']): Pick<LambdaHost, 'invokeLambda'> =>
  faults === undefined
    ? lambda
    : { invokeLambda: (name, ...rest) => faults.invoke(name, () => lambda.invokeLambda(name, ...rest)) };

const warn = (problem: string): void => void process.stderr.write(`${problem}\n`);

function createStateMachines(stepFunctions: StepFunctions, { stateMachines }: Assembly): void {
  for (const { name, arn, definition, roleArn } of stateMachines) {
    const { stateMachineArn } = stepFunctions.createStateMachine({ name, definition, roleArn });
    if (stateMachineArn === arn) continue;
    throw new Error(
      `State machine ${name} has the ARN ${stateMachineArn}, but the template refers to it as ${arn}.`,
    );
  }
}
