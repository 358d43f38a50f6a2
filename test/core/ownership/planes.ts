/** Control planes that meet in the databases of one trial: a lost and a restored ledger, or two environments. */
import { ScanCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { deployedDefinition } from '../../../src/adapters/deployed-definition';
import { ControlTable } from '../../../src/adapters/dynamodb/control-table';
import { DatabaseSideGuards } from '../../../src/adapters/postgres/side-guards';
import { versionedDatabase } from '../../../src/adapters/postgres/versioned-database';
import { systemClock } from '../../../src/adapters/world';
import type { Side } from '../../../src/contract/sides';
import { adopt, decideAdoption } from '../../../src/core/ownership/adopt';
import type { AdoptionPlan } from '../../../src/core/ownership/adoption';
import type { ForgetWorld } from '../../../src/core/ownership/forget';
import type { NamedDatabase, SideGuards } from '../../../src/core/ownership/ports';
import type { OwnershipWorld } from '../../../src/core/ownership/world';
import type { World } from '../../../src/core/world';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../../support/control-table';
import { pgDatabase } from '../../support/pg-database';
import { ENVIRONMENT as TRIAL_ENVIRONMENT } from '../../support/trial-definition';
import { endpoint, type Trial } from '../../support/world';
import { LOGIN_NAMES } from '../../support/side';

const ENVIRONMENT = 'restored';
/** Trials that adopt have no schema files. */
const TRIAL = { environment: TRIAL_ENVIRONMENT, assetDirectory: '' };

/** A control table next to the trials' own, empty until `restoreFrom`. */
export class OtherLedger {
  private constructor(private readonly table: TestControlTable) {}

  static start = async (): Promise<OtherLedger> => new OtherLedger(await startControlTable());

  stop(): Promise<void> {
    return this.table.stop();
  }

  /** A control plane as a new process sees it. */
  control(): ControlTable {
    return new ControlTable(this.table.client, TABLE_NAME);
  }

  /** Copies every item of a table, as a restore to this instant does. */
  async restoreFrom(client: DynamoDBDocumentClient): Promise<void> {
    const { Items = [] } = await client.send(
      new ScanCommand({ TableName: TABLE_NAME, ConsistentRead: true }),
    );
    for (const Item of Items) await this.table.client.send(new PutCommand({ TableName: TABLE_NAME, Item }));
  }

  /** The trial's databases, with this ledger. */
  world(trial: Trial): World {
    return { ...trial.world(), control: this.control() };
  }

  /** The same for a person with the owners' logins; `replace` changes some of the calls. */
  ownership(
    trial: Trial,
    replace: (side: Side, guards: SideGuards) => Partial<SideGuards> = () => ({}),
  ): OwnershipWorld {
    const guardsOf = (side: Side): SideGuards => {
      const real = sideGuards(trial, side);
      const own: SideGuards = {
        find: (migration) => real.find(migration),
        install: (login) => real.install(login),
        adopt: (...call) => real.adopt(...call),
        forget: (...call) => real.forget(...call),
      };
      return { ...own, ...replace(side, own) };
    };
    return {
      environment: ENVIRONMENT,
      definition: trial.definition,
      deployed: () => deployedDefinition(trial.definition, TRIAL),
      clock: systemClock,
      control: this.control(),
      guards: { source: guardsOf('source'), target: guardsOf('target') },
      logins: () => Promise.resolve(LOGIN_NAMES),
    };
  }
}

export const sideGuards = (trial: Trial, side: Side): SideGuards =>
  new DatabaseSideGuards(versionedDatabase(pgDatabase(trial[side].as('sluice_owner'))), side);

/** The plan of an adoption. @throws Error if none is needed, or it is refused */
export async function planOf(world: OwnershipWorld): Promise<AdoptionPlan> {
  const { decision } = await decideAdoption(world);
  if (decision.kind === 'adopt') return decision;
  throw new Error(decision.kind === 'nothing' ? decision.why : JSON.stringify(decision.problems));
}

/** One side of a trial, or of a physical copy of it at another address, for a person with the owner's login. */
export const forgetWorld = (
  trial: Trial,
  side: Side,
  {
    at = trial,
    control = trial.control,
  }: { readonly at?: Trial; readonly control?: ControlTable | null } = {},
): ForgetWorld => ({
  ...{ migration: trial.name, environment: TRIAL_ENVIRONMENT, side, control },
  address: at === trial ? endpoint(side) : { ...endpoint(side), clusterArn: 'copy' },
  guards: sideGuards(at, side),
  namedBy: () => Promise.resolve((['source', 'target'] as const).map((end) => namedIn(trial, end))),
});

const namedIn = (trial: Trial, side: Side): NamedDatabase => ({
  ...{ side, address: endpoint(side), isFrozen: true },
  identity: async () => (await sideGuards(trial, side).find(trial.name)).identity,
});

export async function adoptAll(world: OwnershipWorld): Promise<AdoptionPlan> {
  const plan = await planOf(world);
  await adopt(world, plan, 'Ada');
  return plan;
}

/** Whether the application may write to a side. The guard refuses rows: there must be one. */
export const isOpen = (trial: Trial, side: Side): Promise<boolean> =>
  trial[side].sql(`BEGIN; INSERT INTO t VALUES (-1, ''); ROLLBACK`, 'app').then(
    () => true,
    () => false,
  );

export const bothOpen = async (trial: Trial): Promise<readonly boolean[]> => [
  await isOpen(trial, 'source'),
  await isOpen(trial, 'target'),
];
