/** The functions of the account, with their versions and aliases. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { FunctionResource, FunctionState } from '../assembly';
import type { LambdaCounters } from './counters';
import { serviceRefusal, type InvocationError } from './errors';
import { FunctionPool, type PoolOptions } from './function-pool';
import { FunctionShare } from './function-share';
import { LATEST, parseReference, type FunctionReference } from '../function-names';

interface LambdaFunction {
  readonly share: FunctionShare;
  latest: FunctionPool;
  versions: ReadonlyMap<string, FunctionPool>;
  /** The version of each alias. */
  aliases: ReadonlyMap<string, string>;
}

/** The version that runs an invocation. */
export interface Target {
  readonly pool: FunctionPool;
  readonly share: FunctionShare;
  /** As in the name that was invoked. */
  readonly qualifier: string | undefined;
}

export interface FunctionsOptions extends Pick<
  PoolOptions,
  'concurrency' | 'runtimeFile' | 'variablesOf' | 'idleMsMax' | 'onInvocation' | 'onMetric'
> {
  /** Holds `logs/<function>.log`. */
  readonly stateDirectory: string;
}

export class Functions {
  private readonly byName = new Map<string, LambdaFunction>();
  /** Replaced and deleted versions, whose invocations may still run. */
  private retired: FunctionPool[] = [];
  private removed: FunctionShare[] = [];

  constructor(private readonly options: FunctionsOptions) {
    mkdirSync(join(options.stateDirectory, 'logs'), { recursive: true });
  }

  /** Makes the account hold exactly these functions. Running invocations end undisturbed. */
  apply(states: Readonly<Record<string, FunctionState>>): void {
    for (const state of Object.values(states)) this.put(state);
    for (const [name, { share, ...removed }] of this.byName) {
      if (Object.hasOwn(states, name)) continue;
      this.byName.delete(name);
      this.retire([removed.latest, ...removed.versions.values()]);
      this.removed.push(share);
    }
    this.retired = this.retired.filter((pool) => pool.list().length > 0);
  }

  /** @throws InvocationError if there is no such function, version or alias */
  find(functionName: string): Target {
    const reference = parseReference(functionName);
    const found = reference && this.byName.get(reference.name);
    if (reference === undefined || found === undefined || !isAt(found.latest.resource.arn, reference))
      throw this.notFound(functionName);
    const { name, qualifier } = reference;
    const { share } = found;
    if (qualifier === undefined || qualifier === LATEST) return { pool: found.latest, share, qualifier };
    const version = found.aliases.get(qualifier) ?? qualifier;
    const pool = version === LATEST ? found.latest : found.versions.get(version);
    if (pool !== undefined) return { pool, share, qualifier };
    const known = [...found.versions.keys(), ...found.aliases.keys()].join(', ') || 'none';
    const arn = `${found.latest.resource.arn}:${qualifier}`;
    throw refusal(`Function not found: ${arn}; existing versions and aliases of ${name}: ${known}`);
  }

  pools(): FunctionPool[] {
    const current = [...this.byName.values()].flatMap(({ latest, versions }) => [
      latest,
      ...versions.values(),
    ]);
    return [...current, ...this.retired];
  }

  counters(): Record<string, LambdaCounters> {
    return Object.fromEntries([...this.byName].map(([name, { share }]) => [name, share.counters()]));
  }

  /** Counts a failed event; those of a function that was deleted meanwhile are not counted. */
  countEvent(functionName: string, then: 'retried' | 'dropped'): void {
    const counted = this.byName.get(functionName)?.share.counted;
    if (counted === undefined) return;
    if (then === 'retried') counted.eventRetries += 1;
    else counted.eventsDropped += 1;
  }

  async close(): Promise<void> {
    await Promise.all(this.pools().map((pool) => pool.close()));
    for (const share of [...this.removed, ...[...this.byName.values()].map((each) => each.share)])
      share.close();
  }

  private put({ latest, versions, aliases }: FunctionState): void {
    const known = this.byName.get(latest.name);
    const share = known?.share ?? new FunctionShare(latest.name, this.logFileOf(latest.name), latest);
    share.resize(latest);
    const poolOf = (resource: FunctionResource, version: string, pool?: FunctionPool): FunctionPool => {
      if (pool !== undefined && isSame(pool.resource, resource)) {
        pool.locate(resource.codeDirectory);
        return pool;
      }
      if (pool !== undefined) this.retire([pool]);
      return this.createPool(resource, version, share);
    };
    const published = Object.entries(versions).map(([version, { resource }]): [string, FunctionPool] => [
      version,
      poolOf(resource, version, known?.versions.get(version)),
    ]);
    const deleted = [...(known?.versions ?? [])].filter(([version]) => !Object.hasOwn(versions, version));
    this.retire(deleted.map(([, pool]) => pool));
    this.byName.set(latest.name, {
      share,
      latest: poolOf(latest, LATEST, known?.latest),
      versions: new Map(published),
      aliases: new Map(Object.entries(aliases).map(([name, { version }]) => [name, version])),
    });
  }

  private createPool(resource: FunctionResource, version: string, share: FunctionShare): FunctionPool {
    return new FunctionPool({ ...this.options, resource, version, share });
  }

  private retire(pools: readonly FunctionPool[]): void {
    for (const pool of pools) pool.retire();
    this.retired.push(...pools);
  }

  private logFileOf = (name: string): string => join(this.options.stateDirectory, 'logs', `${name}.log`);

  private notFound(functionName: string): InvocationError {
    const known = [...this.byName.keys()].join(', ');
    return refusal(`Function not found: ${functionName}; existing functions: ${known}`);
  }
}

const refusal = (message: string): InvocationError =>
  serviceRefusal('none', 'ResourceNotFoundException', message);

/** Whether the parts of an ARN in a request are those of the function. */
function isAt(functionArn: string, { partition, region, account }: FunctionReference): boolean {
  const [, ownPartition, , ownRegion, ownAccount] = functionArn.split(':');
  return (
    (partition === undefined || partition === ownPartition) &&
    (region === undefined || region === ownRegion) &&
    (account === undefined || account === ownAccount)
  );
}

/** Whether two resources run the same code with the same configuration; its directory may differ between assemblies. */
function isSame(one: FunctionResource, other: FunctionResource): boolean {
  const comparable = (resource: FunctionResource): string =>
    JSON.stringify({ ...resource, codeDirectory: undefined, reservedConcurrency: undefined });
  return comparable(one) === comparable(other);
}
