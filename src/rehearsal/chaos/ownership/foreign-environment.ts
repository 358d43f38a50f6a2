import { ENVIRONMENT } from '../../rehearse';
import type { Endpoint, RehearsedMigration } from '../../rehearse/ports';
import { RehearsalRefused } from '../../seed/refusal';

/**
 * Returns another environment whose endpoints are those of the rehearsed one, in every migration.
 * @throws RehearsalRefused if there is none
 */
export function foreignEnvironmentOf(
  migrations: readonly Pick<RehearsedMigration, 'name' | 'source' | 'target'>[],
): string {
  const shared = (migration: Pick<RehearsedMigration, 'source' | 'target'>): string[] =>
    Object.keys(migration.source).filter(
      (name) =>
        name !== ENVIRONMENT &&
        isSame(migration.source[name], migration.source[ENVIRONMENT]) &&
        isSame(migration.target[name], migration.target[ENVIRONMENT]),
    );
  const found = shared(migrations[0]!).find((name) =>
    migrations.every((migration) => shared(migration).includes(name)),
  );
  if (found !== undefined) return found;
  throw new RehearsalRefused(
    `no second environment of ${migrations.map(({ name }) => name).join(' and ')} has the endpoints of ${ENVIRONMENT}. Give source and target of another environment in cdk.json the same endpoints`,
  );
}

const isSame = (left: Endpoint | undefined, right: Endpoint | undefined): boolean =>
  left !== undefined && right !== undefined && JSON.stringify(left) === JSON.stringify(right);
