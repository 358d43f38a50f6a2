/** The model of a guard with its triggers replies as PostgreSQL does: the same random transitions and DDL go to both. */
import fc from 'fast-check';
import type { Client } from 'pg';
import type { Side as SideName } from '../../../src/contract/sides';
import type { Guard, GuardChange } from '../../../src/core/guard-ports';
import type { Authority, GuardName } from '../../../src/core/ports';
import type { World } from '../../../src/core/world';
import { accepts } from '../../../tools/explorer/memory/guard';
import { MIGRATION, OWNER } from '../../../tools/explorer/memory/scene';
import type { Triggers } from '../../../tools/explorer/memory/state';
import type { Side } from '../../support/side';
import { startLab, type Lab } from '../../support/world';
import { heard, Model } from './fidelity-model';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

type TriggerState = Triggers['state'];
const side = fc.constantFrom<SideName>('source', 'source', 'source', 'target');
/** Whose call it is, relative to the guard that it meets: mostly its own, under a newer epoch. */
const by = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ isOwn: true, generation: 0, epoch: 1 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { isOwn: true, generation: 0, epoch: 0 },
      { isOwn: true, generation: 0, epoch: -1 },
      { isOwn: true, generation: -1, epoch: 1 },
      { isOwn: true, generation: 1, epoch: 1 },
      { isOwn: false, generation: 0, epoch: 1 },
    ),
  },
);
/** Whether an open transaction of the application holds a lock on the source's table meanwhile. */
const inTransaction = fc.constantFrom(false, false, true);

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('change' as const),
      state: fc.constantFrom<GuardChange['state']>(
        ...(['open', 'open', 'fenced', 'fenced', 'sealed', 'sealed', 'dark', 'standby'] as const),
      ),
      expires: fc.constantFrom(false, false, false, true),
      ...{ side, by, inTransaction },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constantFrom('arm' as const, 'disarm' as const),
      ...{ side, by, inTransaction },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('ddl' as const),
      to: fc.constantFrom<TriggerState>('disabled', 'enabled', 'absent'),
      side,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('plan' as const), side: fc.constant('target' as const) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Call = Exclude<Step, { op: 'ddl' | 'plan' }>;

/** Makes the call of a step at a world's guard. */
function call(guard: Guard, one: Call, authority: Authority): Promise<unknown> {
  if (one.op !== 'change') return guard[one.op](authority);
  const { state } = one;
  const seconds = isExpiring(one) ? 0 : 3_600;
  // Whether a fence has a deadline, not when.
  return guard
    .setGuard(authority, state === 'fenced' ? { state, seconds } : { state })
    .then((deadline) => deadline !== null);
}

/** The explorer lets only fences of the source expire. */
const isExpiring = (one: Call): boolean =>
  one.op === 'change' && one.state === 'fenced' && one.expires && one.side === 'source';

/** The reply to a step, or whether it waited and the reply; then the guard, its triggers, and whether a write is accepted. */
type Result = readonly unknown[];

/** The sessions of one database. */
interface Sessions {
  readonly superuser: Client;
  readonly owner: Client;
  readonly app: Client;
}

async function sessionsOf(side: Side): Promise<Sessions> {
  const [superuser, owner, app] = await Promise.all([
    side.session('superuser'),
    side.session('app_owner'),
    side.session('app'),
  ]);
  return { superuser, owner, app };
}

class Real {
  constructor(
    private readonly of: GuardName,
    private readonly world: World,
    private readonly sessions: Readonly<Record<SideName, Sessions>>,
  ) {}

  async result(one: Step, authority: Authority): Promise<Result> {
    const at = this.sessions[one.side];
    const reply = await this.reply(one, authority, at);
    const guard = await this.world.ends[one.side].guard.readGuard(this.of);
    return [reply, guard, await this.triggers(at), await this.accepts(at)];
  }

  private async reply(one: Step, authority: Authority, at: Sessions): Promise<unknown> {
    const { guard, leases } = this.world.ends[one.side];
    if (one.op === 'plan') return heard(() => leases.planPartition(authority, scopeOf(authority)));
    if (one.op === 'ddl') return this.ddl(at, one.to);
    const made = () => heard(() => call(guard, one, authority));
    const holds = one.inTransaction && one.side === 'source' && (await this.accepts(at));
    return holds ? this.during(at, made) : made();
  }

  /** Makes a call while a transaction holds the table's lock, which commits as soon as the call waits. */
  private async during(at: Sessions, made: () => Promise<unknown>): Promise<unknown> {
    await at.app.query('BEGIN');
    await at.app.query(WRITE);
    const running = made().then((reply) => ({ reply }));
    const waited = await this.isBlocked(at, running);
    await at.app.query('COMMIT');
    const { reply } = await running;
    return [waited, reply];
  }

  private async isBlocked({ superuser }: Sessions, running: Promise<unknown>): Promise<boolean> {
    for (let isOver = false; !isOver;) {
      const { rows } = await superuser.query<{ waits: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = 'sluice_control'
          AND wait_event_type = 'Lock') AS waits`,
      );
      if (rows[0]!.waits) return true;
      const pause = new Promise<false>((resolve) => setTimeout(() => resolve(false), 10));
      isOver = await Promise.race([running.then(() => true), pause]);
    }
    return false;
  }

  private async ddl(at: Sessions, to: TriggerState): Promise<null> {
    for (const { name } of await this.catalog(at))
      await at.owner.query(
        to === 'absent'
          ? `DROP TRIGGER ${name} ON t`
          : `ALTER TABLE t ${to === 'disabled' ? 'DISABLE' : 'ENABLE'} TRIGGER ${name}`,
      );
    return null;
  }

  private async catalog({ superuser }: Sessions): Promise<{ name: string; enabled: string }[]> {
    const { rows } = await superuser.query<{ name: string; enabled: string }>(
      `SELECT tgname AS name, tgenabled AS enabled FROM pg_trigger
       WHERE tgrelid = 't'::regclass AND tgname LIKE 'sluice_guard_%'`,
    );
    return rows;
  }

  private async triggers(at: Sessions): Promise<TriggerState> {
    const found = new Set((await this.catalog(at)).map(({ enabled }) => enabled));
    expect(found.size).toBeLessThan(2);
    const [enabled] = found;
    return enabled === undefined ? 'absent' : ENABLED[enabled]!;
  }

  private accepts = ({ app }: Sessions): Promise<boolean> =>
    app.query(WRITE).then(
      () => true,
      () => false,
    );
}

/** States of a trigger by `pg_trigger.tgenabled`. */
const ENABLED: Readonly<Record<string, TriggerState>> = { D: 'disabled', O: 'enabled', A: 'always' };
const WRITE = 'INSERT INTO t VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET v = 2';
const scopeOf = ({ owner, migration, generation }: Authority) =>
  `${owner}/${migration}/target/${generation}/shop.t~apply/0`;

class Modelled {
  constructor(readonly model: Model) {}

  async result(one: Step, authority: Authority): Promise<Result> {
    const reply = await this.reply(one, authority);
    const { guard } = this.model.world.ends[one.side];
    const here = this.model.state[one.side];
    return [
      reply,
      await guard.readGuard({ owner: OWNER, migration: MIGRATION }),
      here.triggers!.state,
      accepts(here),
    ];
  }

  private async reply(one: Step, authority: Authority): Promise<unknown> {
    const { model } = this;
    const { ends } = model.world;
    if (one.op === 'plan')
      return heard(() => ends.target.leases.planPartition(authority, scopeOf(authority)));
    if (one.op === 'ddl')
      return model.send({ at: 'application', op: 'alterTriggers', args: { side: one.side, to: one.to } });
    const made = () => this.made(one, authority);
    const holds = one.inTransaction && one.side === 'source' && accepts(model.state.source);
    return holds ? this.during(made) : made();
  }

  private async made(one: Call, authority: Authority): Promise<unknown> {
    const { model } = this;
    const reply = await heard(() => call(model.world.ends[one.side].guard, one, authority));
    if (isExpiring(one) && !model.waits && reply === true)
      await model.send({ at: 'application', op: 'expire', args: {} });
    return reply;
  }

  private async during(made: () => Promise<unknown>): Promise<unknown> {
    const { model } = this;
    await model.send({ at: 'application', op: 'begin', args: { changes: [{ id: '1', v: 2 }] } });
    const reply = await made();
    const waited = model.waits;
    await model.send({ at: 'application', op: 'commit', args: {} });
    return [waited, waited ? await made() : reply];
  }
}

/** Epochs of both are the same, because the same calls were made. */
function authorityFor({ state }: Model, one: Step, of: Omit<Authority, 'epoch'>): Authority {
  const { isOwn, generation, epoch } = 'by' in one ? one.by : { isOwn: true, generation: 0, epoch: 0 };
  return {
    ...of,
    owner: isOwn ? of.owner : 'another',
    generation: of.generation + generation,
    epoch: state[one.side].guard!.epoch + epoch,
  };
}

test.each([1, 2])(
  'guards: a random walk gets the same results from both (seed %i)',
  async (seed) => {
    const trial = await lab.trial({
      tables: 'CREATE TABLE t (id int PRIMARY KEY, v int)',
      definition: { shape: 'offline' },
    });
    await trial.begin();
    await trial.walk('prepare');
    const real = new Real(trial.of, trial.world(), {
      source: await sessionsOf(trial.source),
      target: await sessionsOf(trial.target),
    });
    const model = new Model({ shape: 'offline', triggers: true });
    await model.walk(['claim-migration', 'preflight', 'prepare']);
    const modelled = new Modelled(model);
    const trace: string[] = [];
    const reached = new Set<string>();
    for (const one of fc.sample(step, { seed, numRuns: STEPS })) {
      // The explorer's owner leaves a sealed source alone.
      if (one.op === 'ddl' && model.state[one.side].guard?.state === 'sealed') continue;
      const { guard, triggers } = model.state[one.side];
      const isVoid = guard?.deadline === 'ahead' && triggers?.touched;
      const expected = await real.result(one, authorityFor(model, one, trial.of));
      const found = await modelled.result(one, authorityFor(model, one, OF));
      trace.push(`${JSON.stringify(one)} → ${JSON.stringify(expected)}`);
      expect([trace.slice(-8).join('\n'), ...found]).toEqual([trace.slice(-8).join('\n'), ...expected]);
      reached.add(`${isVoid ? 'touched, ' : ''}${one.op} ${JSON.stringify(expected[0])}`);
    }
    // The walk made progress: each transition succeeded, was refused and waited.
    expect(REACHED.filter((result) => !reached.has(result))).toEqual([]);
  },
  120_000,
);

const STEPS = 300;
const OF = { owner: OWNER, migration: MIGRATION, generation: 1 };
const REACHED = [
  'arm null',
  'disarm null',
  'disarm "WrongState"',
  'disarm [true,null]',
  'change true',
  'change [true,true]',
  'change "FenceExpired"',
  'touched, change "FenceExpired"',
  'change "FencedOut"',
  'change "ForeignOwner"',
  'change "WrongState"',
];
