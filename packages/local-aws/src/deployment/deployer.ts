/** Applies another assembly to running services, as `cdk deploy` does. */
import { readAssembly, type Assembly, type AssemblyOptions, type StackState } from '../assembly';
import type { DataApi } from '../data-api/options';
import type { DynamoDb } from '../dynamodb';
import type { Authorizer, FormerHolder, Policies, Refusal } from '../iam';
import { ACCOUNT_CONCURRENCY, requireDeployable, type LambdaHost } from '../lambda';
import type { Monitoring } from '../monitoring';
import type { StepFunctions } from '../step-functions';
import { holderOf, roleRefusal, type ApiMachine } from './api-machines';
import { codeDirectoryIn, copyCode } from './code-store';
import { holdersIn, policiesFor } from './holders';
import { saveStack } from './stack-file';

export interface Services {
  readonly authorizer: Authorizer;
  readonly dataApi: Pick<DataApi, 'authorizeBy'>;
  readonly dynamodb: DynamoDb;
  readonly lambda: LambdaHost;
  readonly stepFunctions: StepFunctions;
  readonly monitoring: Monitoring;
}

export interface DeployerOptions extends Omit<AssemblyOptions, 'assemblyDirectory'> {
  readonly stateDirectory: string;
  readonly services: Services;
  /** The assembly that the services run now. */
  readonly assembly: Assembly;
  readonly policies: Policies;
}

export class Deployer {
  private current: Assembly;
  private currentPolicies: Policies;
  /** Holders since the start: their executions and environments may still run. */
  private readonly holders = new Map<string, FormerHolder>();
  private deploying = false;

  constructor(private readonly options: DeployerOptions) {
    this.current = options.assembly;
    this.currentPolicies = options.policies;
    this.remember(options.assembly);
  }

  get assembly(): Assembly {
    return this.current;
  }

  get policies(): Policies {
    return this.currentPolicies;
  }

  /** @throws Error with everything that CloudFormation or a service would refuse, and then changes nothing */
  async deploy(assemblyDirectory: string): Promise<void> {
    if (this.deploying)
      throw new Error(
        `Deploying ${assemblyDirectory} failed: another deployment is in progress. Deploy it when that has ended.`,
      );
    this.deploying = true;
    try {
      const next = this.read(assemblyDirectory);
      const policies = policiesFor(next, [...this.holders.values()]);
      await this.requireDeployable(next);
      await this.apply(next, policies);
    } finally {
      this.deploying = false;
    }
  }

  /** Gives a role of the template to a state machine that the API creates or updates. Returns why it may not have it. */
  assumeRole(machine: ApiMachine, roleArn: string): Refusal | undefined {
    const refusal = roleRefusal(this.current, machine, roleArn);
    if (refusal) return refusal;
    this.keep(holderOf(machine, roleArn));
    this.currentPolicies = policiesFor(this.current, [...this.holders.values()]);
    this.options.services.authorizer.update(this.currentPolicies);
    return undefined;
  }

  private read(assemblyDirectory: string): Assembly {
    const { stackName, region, account } = this.current;
    const next = readAssembly(
      { ...this.options, assemblyDirectory, stackName },
      { deployed: this.current.stack, codeDirectory: codeDirectoryIn(this.options.stateDirectory) },
    );
    if (next.region === region && next.account === account) return next;
    throw new Error(
      `Stack ${stackName} is deployed in ${account}, ${region}; ${assemblyDirectory} is for ${next.account}, ${next.region}. Start another engine for it.`,
    );
  }

  private async requireDeployable(next: Assembly): Promise<void> {
    const { dynamodb, stepFunctions, monitoring } = this.options.services;
    const { stateMachines } = next.stack;
    requireDeployable(
      Object.values(next.stack.functions).map(({ latest }) => latest),
      ACCOUNT_CONCURRENCY,
    );
    const problems = stepFunctions.deploymentProblems(Object.values(stateMachines));
    if (problems.length > 0)
      throw new Error(`Step Functions would refuse these state machines:\n- ${problems.join('\n- ')}`);
    monitoring.requireDeployable(next);
    await dynamodb.requireDeployable(tablesOf(next));
  }

  /** As CloudFormation: creates and updates, switches over, then deletes. */
  private async apply(next: Assembly, policies: Policies): Promise<void> {
    const { stateDirectory, services } = this.options;
    const { authorizer, dataApi, dynamodb, lambda, stepFunctions, monitoring } = services;
    const before = this.current.stack;
    copyCode(before, next.stack, codeDirectoryIn(stateDirectory));
    await dynamodb.deploy(tablesOf(next), []);
    await dataApi.authorizeBy(policies);
    // No request is served between the following steps, because none of them waits.
    authorizer.update(policies);
    this.currentPolicies = policies;
    this.current = next;
    this.remember(next);
    lambda.apply(next.stack.functions);
    stepFunctions.deploy(Object.values(next.stack.stateMachines));
    monitoring.deploy(next);
    saveStack(stateDirectory, next.stack);
    await dynamodb.deploy(tablesOf(next), deletedTables(before, next));
  }

  private remember({ stack }: Assembly): void {
    for (const holder of holdersIn(stack)) this.keep(holder);
  }

  private keep(holder: FormerHolder): void {
    this.holders.set([holder.service, holder.name, holder.roleArn].join(' '), holder);
  }
}

/** The tables of the template, and those that were retained when they left it. */
export const tablesOf = ({ tables, stack }: Assembly) => [...tables, ...stack.retained.tables];

/** Names of the tables that a deployment deletes. */
export function deletedTables(before: StackState, next: Assembly): string[] {
  const kept = tablesOf(next).map(({ name }) => name);
  return Object.values(before.resources)
    .filter(({ type, name }) => type.startsWith('AWS::DynamoDB::') && !kept.includes(name))
    .map(({ name }) => name);
}
