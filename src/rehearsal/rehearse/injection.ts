import { traitsOf } from '../../contract/lifecycle';
import { join } from 'node:path';
import type { Side } from '../../contract/sides';
import { inject, stopsMigration, type Fault, type Injection } from '../faults';
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

/** Injects the faults that this rehearsal supports, and reports the others. Returns null if none is requested. */
export async function injectSupported(
  faults: readonly Fault[],
  context: InjectionContext,
): Promise<Injection | null> {
  if (faults.length === 0) return null;
  const { directory, endpoints, migration, ports, servers, seed } = context;
  const possible = faults.filter((fault) => {
    const why = reasonUnsupported(fault, context);
    if (why !== null) ports.note(`fault ${fault} is skipped: ${why}`);
    return why === null;
  });
  if (possible.length === 0)
    throw new RehearsalRefused(
      `this rehearsal cannot inject any of the requested faults (${faults.join(', ')}); name others with --faults`,
    );
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

function reasonUnsupported(fault: Fault, { migration, servers }: InjectionContext): string | null {
  for (const side of ['source', 'target'] as const)
    if (fault === `restart-${side}` && servers[side].restart === null)
      return `the rehearsal does not restart your own server (--${side}-url)`;
  if (stopsMigration(fault) && !traitsOf(migration.shape).capturesChanges)
    return `a migration of shape ${migration.shape} does not capture changes; choose one of shape cdc, such as orders-live`;
  return null;
}
