import type { LoginNames } from '../../contract/logins';
import type { Side } from '../../contract/sides';
import type { FoundGuard, FoundSide, SideGuards } from '../../core/ownership/ports';
import type { Authority } from '../../core/ports';
import type { Database, Row } from './database';
import { DatabaseGuard } from './guard';
import { installStatements } from './install';
import { authorityParameters, callInstalled, ifInstalled } from './installed';
import { DatabaseInstaller } from './installer';
import { ADOPT_GUARD, DESCRIBE_INSTALLATION, DROP_UNUSED, FIND_GUARDS, FORGET_GUARD } from './sql/statements';

/** Finds, adopts and removes the guards of one side, of every control plane, with the owner's login. */
export class DatabaseSideGuards implements SideGuards {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly side: Side,
  ) {}

  async find(migration: string): Promise<FoundSide> {
    const find = () => this.database.query(FIND_GUARDS, { migration, side: this.side });
    const guards = await ifInstalled(this.database, [], find);
    const [session] = await this.database.query(DESCRIBE_INSTALLATION);
    return {
      login: String(session!.login),
      schemaOwner: session!.schema_owner === null ? null : String(session!.schema_owner),
      identity: String(session!.identity),
      guards: guards.map(guardOf),
    };
  }

  async install(logins: LoginNames | null): Promise<void> {
    for (const sql of installStatements(logins)) await callInstalled(this.database, sql, {});
  }

  async adopt(authority: Authority, environment: string, seen: FoundGuard): Promise<void> {
    await callInstalled(this.database, ADOPT_GUARD, {
      ...authorityParameters(authority, this.side),
      environment,
      seenOwner: seen.owner,
      seenGeneration: seen.generation,
      seenEpoch: seen.epoch,
      seenState: seen.state,
    });
  }

  /** Each call proves the guard's own authority, under an epoch that a change of the guard in between would have used. */
  async forget(migration: string, { owner, generation, epoch }: FoundGuard): Promise<void> {
    const authority = { owner, migration, generation, epoch: epoch + 1 };
    await new DatabaseGuard(this.database, this.side).setGuard(authority, { state: 'open' });
    await new DatabaseInstaller(this.database, this.side, '').stopCapture(authority);
    await callInstalled(this.database, FORGET_GUARD, authorityParameters(authority, this.side));
    await this.database.query(DROP_UNUSED);
  }
}

const guardOf = (row: Row): FoundGuard => ({
  owner: String(row.owner),
  environment: String(row.environment),
  ends: JSON.parse(String(row.ends)) as FoundGuard['ends'],
  generation: Number(row.generation),
  epoch: Number(row.epoch),
  state: String(row.state) as FoundGuard['state'],
  expired: row.expired === true,
  tables: JSON.parse(String(row.tables)) as string[],
  leases: Number(row.leases),
  captures: Number(row.captures),
});
