import { traitsOf } from '../../contract/lifecycle';
import { join } from 'node:path';
import type { Side } from '../../contract/sides';
import { inject, isStopping, type Fault, type Injection } from '../faults';
import { RehearsalRefused } from '../seed/refusal';
import type { Servers } from './databases';
import type { Endpoint, Ports, RehearsedMigration } from './ports';
import type { StateDirectory } from './state';

export interface InjectionContext {
  readonly directory: StateDirectory;
  readonly endpoints: Readonly<Record<Side, Endpoint>>;
  readonly migration: RehearsedMigration;
  readonly ports: Ports;
  readonly servers: Servers;
  readonly seed: number;
}

/** Injects those of the faults that can be done here, and says which cannot. Null if none are wanted. */
export async function injectAmong(
  faults: readonly Fault[],
  context: InjectionContext,
): Promise<Injection | null> {
  if (faults.length === 0) return null;
  const { directory, endpoints, migration, ports, servers, seed } = context;
  const possible = faults.filter((fault) => {
    const why = impossible(fault, context);
    if (why !== null) ports.note(`${fault} is left out: ${why}`);
    return why === null;
  });
  if (possible.length === 0)
    throw new RehearsalRefused(`none of the faults ${faults.join(', ')} can be done here; name others`);
  const sideOf = (side: Side) => ({
    adminUrl: servers[side].adminUrl,
    clusterArn: endpoints[side].clusterArn,
    tables: migration.tables.map((table) => table[side]),
    restart: servers[side].restart,
  });
  return inject(possible, {
    seed,
    note: (line) => ports.note(line),
    directory: join(directory.engine(), 'faults'),
    sides: { source: sideOf('source'), target: sideOf('target') },
  });
}

function impossible(fault: Fault, { migration, servers }: InjectionContext): string | null {
  for (const side of ['source', 'target'] as const)
    if (fault === `restart-${side}` && servers[side].restart === null)
      return `the ${side} is a server of your own`;
  if (isStopping(fault) && !traitsOf(migration.shape).capturesChanges)
    return `shape ${migration.shape} captures no changes that it could lose`;
  return null;
}
