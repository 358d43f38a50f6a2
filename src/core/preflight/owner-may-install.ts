import type { Problem } from '../errors';
import { reachableLogins, type Facts } from './facts';
import { quoteIdentifier } from '../identifier';

/** Requires that the owner's login can install Sluice's objects. */
export const ownerMayInstall = (facts: Facts): Problem[] =>
  [...reachableLogins(facts)]
    .filter(({ login }) => login === 'owner')
    .flatMap(({ side, subject, server }) => {
      const found: [string, string][] = [];
      const grant = (right: string) =>
        `GRANT ${right} ON DATABASE ${quoteIdentifier(server.database)} TO ${quoteIdentifier(server.login)}`;
      if (!server.mayCreateSchema)
        found.push([`login ${server.login} may not create a schema`, grant('CREATE')]);
      if (side === 'target' && facts.schema && !server.mayCreateTemporary)
        found.push([`login ${server.login} may not create temporary objects`, grant('TEMPORARY')]);
      for (const object of facts[side].foreignObjects)
        found.push([
          object,
          `Use the login that installed schema sluice and drop what Sluice did not create, or, if no migration uses the schema, ALTER SCHEMA sluice RENAME TO …`,
        ]);
      if (server.actsAsSluiceSchemaOwner && server.sluiceSchemaTaken)
        found.push([
          'schema sluice contains objects that Sluice did not create',
          'Rename that schema: ALTER SCHEMA sluice RENAME TO …',
        ]);
      if (server.sluiceSchemaIsOlder)
        found.push([
          'schema sluice was installed by an older version: its table guard has no column worker',
          'Abort its migrations with the version that started them. If they are finished, remove the schema as the runbook describes',
        ]);
      return found.map(([what, remedy]) => ({ check: 'owner-may-install', subject, found: what, remedy }));
    });
