/** Runs a synthesized cloud assembly on this machine. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { emptyStack, readAssembly, type Assembly, type FunctionResource, type StackState } from './assembly';
import { Authorizer, credentialsOf, reportOf, type AccessReport, type Policies } from './iam';
import type { EngineCounters } from './counters';
import { forkDataApi } from './data-api/fork';
import type { DataApiOptions } from './data-api/options';
import {
  codeDirectoryIn,
  copyCode,
  deletedTables,
  Deployer,
  loadStack,
  policiesFor,
  pruneCode,
  saveStack,
  tablesOf,
} from './deployment';
import { startDynamoDb } from './dynamodb';
import type { FaultHooks } from './fault-hooks';
import { withoutQualifier } from './function-names';
import { LOCAL_CREDENTIALS, serviceRefusal, startLambdaHost, type LambdaHost } from './lambda';
import { startMonitoring, type Monitoring, type MonitoringFaults } from './monitoring';
import { startStepFunctions, type StatesAll, type StepFunctions } from './step-functions';

export interface EngineOptions {
  /** Path of `cdk.out`. */
  readonly assemblyDirectory: string;
  /** Required if the assembly contains several stacks. */
  readonly stackName?: string;
  /** Holds everything that survives this process: the stack, items, executions, logs. One engine at a time may use it. */
  readonly stateDirectory: string;
  /** Host and port of each cluster in the Data API, by its ARN. */
  readonly clusters: DataApiOptions['clusters'];
  /** The login of each secret, by its ARN. */
  readonly secrets: DataApiOptions['secrets'];
  /** Whether the Data API enforces its limit on the size of a row. @default 'enforced' */
  readonly rowLimit?: DataApiOptions['rowLimit'];
  /** Whether `States.ALL` catches States.DataLimitExceeded, as recorded on AWS, or does not, as documented. @default 'recorded' */
  readonly statesAll?: StatesAll;
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
  /** The stack's outputs by their logical id, since the last deployment. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The last deployment. */
  readonly assembly: Assembly;
  readonly lambda: LambdaHost;
  readonly stepFunctions: StepFunctions;
  readonly cloudWatch: Monitoring['cloudWatch'];
  counters(): Promise<EngineCounters>;
  /**
   * Applies another assembly of the same stack, as `cdk deploy` does: publishes versions, and changes, creates and deletes
   * resources. Running executions and invocations end on the revision and version that they started with.
   * @throws Error with everything that CloudFormation or a service would refuse, and then changes nothing
   */
  deploy(assemblyDirectory: string): Promise<void>;
  /** Requests denied since the engine started, and grants not used. */
  access(): Promise<AccessReport>;
  /** Stops every process and server. The state directory stays. */
  close(): Promise<void>;
}

/**
 * Starts every service and deploys the assembly. On a state directory with a deployed stack, this is its next deployment.
 * @throws Error if the assembly contains anything that cannot be run locally, or the state directory is in use
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const deployed = loadStack(options.stateDirectory);
  const codeDirectory = codeDirectoryIn(options.stateDirectory);
  const assembly = readAssembly(options, { ...(deployed === undefined ? {} : { deployed }), codeDirectory });
  mkdirSync(options.stateDirectory, { recursive: true });
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const before = deployed ?? emptyStack(assembly.stackName);
    const { deployer, ...services } = await startServices(assembly, before, options, closers);
    return {
      ...services,
      get outputs() {
        return deployer.assembly.outputs;
      },
      get assembly() {
        return deployer.assembly;
      },
      deploy: (assemblyDirectory) => deployer.deploy(assemblyDirectory),
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
async function startServices(
  assembly: Assembly,
  before: StackState,
  options: EngineOptions,
  closers: (() => Promise<void>)[],
) {
  const { region, account, stack } = assembly;
  const { stateDirectory, clusters, secrets } = options;
  const policies = policiesFor(assembly, []);
  const authorizer = new Authorizer(policies);
  const directory = join(stateDirectory, 'dynamodb');
  const authorize = authorizer.forService('dynamodb');
  const tables = tablesOf(assembly);
  const dynamodb = await startDynamoDb({ directory, tables, region, account, authorize });
  closers.push(() => dynamodb.close());
  copyCode(before, stack, codeDirectoryIn(stateDirectory));
  pruneCode(stack, codeDirectoryIn(stateDirectory));
  const dataApi = await forkDataApi({ clusters, secrets, policies, rowLimit: options.rowLimit });
  closers.push(() => dataApi.close());

  const endpoints: Record<string, string> = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ENDPOINT_URL_RDS_DATA: dataApi.url,
  };
  // Monitoring starts after the services that report to it.
  const started: { monitoring?: Monitoring; deployer?: Deployer } = {};
  const lambda = await startLambdaHost({
    credentialsOf: (resource) => assumeRole(started.deployer?.policies ?? policies, resource),
    authorize: authorizer.forService('lambda'),
    functions: stack.functions,
    region,
    stateDirectory,
    endpoints: (functionName) => options.faults?.variablesFor(functionName, endpoints) ?? endpoints,
    onInvocation: options.faults?.onInvocation,
    runAttempt: (functionName, run) => options.faults?.invoke(functionName, run) ?? run(),
    onMetric: (metric) => started.monitoring?.recordMetric(metric),
  });
  closers.push(() => lambda.close());
  const stepFunctions = await startStepFunctions({
    statesAll: options.statesAll,
    accessControl: {
      authorizeRequest: authorizer.forService('states'),
      authorizeExecution: (...call) => authorizer.authorizeExecution(...call),
      assumeRole: (machine, roleArn) => {
        if (started.deployer) return started.deployer.assumeRole(machine, roleArn);
        throw new Error('A state machine cannot be created before the engine has started.');
      },
    },
    region,
    account,
    runTask: withFaults(lambda, options.faults),
    stateDirectory: join(stateDirectory, 'step-functions'),
    onStatus: (record) => started.monitoring?.recordExecution(record),
    ...REPORTING_LAGS,
  });
  closers.push(() => stepFunctions.close());
  stepFunctions.deploy(Object.values(stack.stateMachines));
  const { onProblem = warn } = options;
  const watched = { assembly, stateDirectory, authorizer, lambda, stepFunctions, onProblem };
  const monitoring = await startMonitoring({ ...options.monitoring, ...watched });
  started.monitoring = monitoring;
  closers.push(() => monitoring.close());
  saveStack(stateDirectory, stack);
  await dynamodb.deploy(tables, deletedTables(before, assembly));
  const services = { authorizer, dataApi, dynamodb, lambda, stepFunctions, monitoring };
  const deployer = new Deployer({ ...options, services, assembly, policies });
  started.deployer = deployer;
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
    deployer,
    access: async (): Promise<AccessReport> => {
      const served = [...Object.keys(clusters), ...Object.keys(secrets)];
      return reportOf(deployer.policies, [authorizer.usage(), await dataApi.access()], served);
    },
    counters: async (): Promise<EngineCounters> => ({
      dataApi: await dataApi.counters(),
      dynamodb: dynamodb.counters(),
      lambda: lambda.counters(),
      stateMachines: stepFunctions.counters(),
    }),
  };
}

/** @throws InvocationError if the role of a retained version was deleted, or no longer trusts Lambda */
function assumeRole(policies: Policies, { name, roleArn }: FunctionResource): Record<string, string> {
  try {
    return credentialsOf(policies, name, roleArn);
  } catch {
    throw serviceRefusal(
      'none',
      'InvalidParameterValueException',
      'The role defined for the function cannot be assumed by Lambda.',
    );
  }
}

/** Injects faults, if any, into the invocations that state machines request. */
const withFaults = (lambda: LambdaHost, faults: EngineOptions['faults']): Pick<LambdaHost, 'invokeLambda'> =>
  faults === undefined
    ? lambda
    : {
        invokeLambda: (name, ...rest) =>
          faults.invoke(withoutQualifier(name), () => lambda.invokeLambda(name, ...rest)),
      };

const warn = (problem: string): void => void process.stderr.write(`${problem}\n`);
