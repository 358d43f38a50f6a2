/** Every controlling call proves whose it is: late, foreign and older calls change nothing and say so, and a repeated one nothing more. */
import { FencedOut, ForeignOwner, WrongState } from '../../src/core/errors';
import { scopePrefix } from '../../src/core/ledger';
import type { Authority } from '../../src/core/ports';
import { startLab, type Lab } from '../support/world';
import { authority, OF, TwoSides, type InstalledSide } from './two-sides-scene';
import { LOGIN_NAMES } from '../support/side';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

/** A newer epoch than any that the scene used. */
const EPOCH = 20;

interface Controlling {
  readonly call: (side: InstalledSide, authority: Authority) => Promise<unknown>;
  /** Statements after which a permitted call has something to do. */
  readonly before?: string;
  /** A permitted call changes nothing: it reads, or the scene did the same. */
  readonly isWithoutEffect?: boolean;
  /** A step of an abort: a newer generation of the same control plane removes what an ended one left. */
  readonly isOpenToSuccessors?: boolean;
}

const CALLS: Readonly<Record<string, Controlling>> = {
  set_guard: { call: ({ guard }, by) => guard.setGuard(by, { state: 'open' }) },
  arm_guard: {
    call: ({ guard }, by) => guard.arm(by),
    before: 'DROP TRIGGER sluice_guard_2 ON next.t; DROP TRIGGER sluice_guard_2_truncate ON next.t',
  },
  disarm_guard: {
    call: ({ guard }, by) => guard.disarm(by),
    before: `UPDATE sluice.guard SET state = 'open'`,
  },
  revoke_leases: { call: ({ guard }, by) => guard.revoke(by), isOpenToSuccessors: true },
  close_leases: { call: ({ leases }, by) => leases.closeAll(by) },
  install_lease: { call: ({ leases, scope }, by) => leases.install(by, scope, 9, 0) },
  plan_leases: {
    call: ({ leases, layout }, by) => leases.plan(by, layout, scopePrefix(OF, 'target', 'other'), ['{5}']),
  },
  plan_partition: {
    call: ({ leases }, by) => leases.planPartition(by, `${scopePrefix(OF, 'target', 'other')}9`),
  },
  sequence_position: {
    call: ({ guard }, by) => guard.sequencePosition(by, 'bare_target.s'),
    isWithoutEffect: true,
  },
  advance_sequence: { call: ({ guard }, by) => guard.advanceSequence(by, 'bare_target.s', '5', 10) },
  register: {
    call: ({ installer }, by) => installer.register(by, [{ schema: 'next', name: 't' }], 'sluice_worker'),
    isWithoutEffect: true,
  },
  create_target: {
    call: ({ installer }, by) =>
      installer.createTables(
        by,
        ['CREATE TABLE bare_target.later ()'],
        [{ schema: 'bare_target', name: 'later' }],
        LOGIN_NAMES,
      ),
    before: `DELETE FROM sluice.created WHERE side = 'target'`,
  },
  note_empty: {
    call: ({ installer }, by) => installer.noteEmpty(by),
    before: 'UPDATE sluice.guarded SET was_empty = NULL',
  },
  start_capture: { call: ({ installer, layout }, by) => installer.startCapture(by, 'other', layout, 1e9) },
  stop_capture: { call: ({ installer }, by) => installer.stopCapture(by), isOpenToSuccessors: true },
  uninstall: { call: ({ installer }, by) => installer.uninstall(by), isOpenToSuccessors: true },
};

const REFUSED: readonly (readonly [whose: string, by: Authority, error: new (message: string) => Error])[] = [
  ['of another control plane', { ...authority(EPOCH), owner: 'control-plane-2' }, ForeignOwner],
  ['of an older generation', { ...authority(EPOCH), generation: 0 }, FencedOut],
  ['of an older epoch', authority(10), FencedOut],
];
const SUCCESSOR: (typeof REFUSED)[number] = [
  'of a generation without a guard',
  { ...authority(EPOCH), generation: 2 },
  WrongState,
];

describe('every controlling call', () => {
  let scene: TwoSides;
  let was: readonly string[];
  beforeAll(async () => {
    scene = await TwoSides.open(lab);
    was = await contentsOf(scene);
  });
  afterAll(() => scene.close());

  test.each(Object.entries(CALLS).flatMap(refusalsOf))(
    '%s %s is refused, changes nothing, and says whose guard it met',
    async (_name, _whose, call, by, error) => {
      const thrown: unknown = await call(scene.target, by).catch((reason: unknown) => reason);
      expect(thrown).toBeInstanceOf(error);
      const { message } = thrown as Error;
      expect(message).toContain('nothing was changed on the target of migration move');
      expect(message).toContain(
        `the call is of control plane ${by.owner}, generation ${by.generation}, epoch ${by.epoch}`,
      );
      expect(message).toMatch(/control plane control-plane-1, environment test, .*generation 1, epoch 11/);
      expect(await contentsOf(scene)).toEqual(was);
    },
  );
});

function refusalsOf([name, { call, isOpenToSuccessors = false }]: [string, Controlling]) {
  const refused = isOpenToSuccessors ? REFUSED : [...REFUSED, SUCCESSOR];
  return refused.map(([whose, by, error]) => [name, whose, call, by, error] as const);
}

test.each(Object.entries(CALLS))(
  '%s is done once, and a repeated call changes nothing more',
  async (_name, { call, before = '', isWithoutEffect = false }) => {
    const scene = await TwoSides.open(lab);
    await scene.database.sql(`SET ROLE sluice_owner; CREATE SEQUENCE bare_target.s; ${before}`);
    const was = await contentsOf(scene);
    await call(scene.target, authority(EPOCH));
    const is = await contentsOf(scene);
    if (isWithoutEffect) expect(is).toEqual(was);
    else expect(is).not.toEqual(was);
    await call(scene.target, authority(EPOCH));
    expect(await contentsOf(scene)).toEqual(is);
    await scene.close();
  },
);

test('a newer generation removes what an ended one left, and a late call of the ended one is refused', async () => {
  const scene = await TwoSides.open(lab);
  const { installer, guard } = scene.target;
  await installer.uninstall({ ...authority(EPOCH), generation: 2 });
  expect(await guard.readGuard(authority(EPOCH))).toBeNull();
  const late = authority(EPOCH + 1);
  await expect(installer.uninstall(late)).rejects.toThrow(FencedOut);
  await expect(installer.register(late, [{ schema: 'next', name: 't' }], 'sluice_worker')).rejects.toThrow(
    FencedOut,
  );
  await scene.close();
});

/** Everything in the database that a call could change. */
async function contentsOf({ database }: TwoSides): Promise<string[]> {
  const relations = await database.sql<{ name: string; kind: string }>(
    `SELECT oid::regclass::text AS name, relkind::text AS kind FROM pg_class
     WHERE relkind IN ('r', 'S') AND relname <> 'guard_id_seq' AND relnamespace::regnamespace::text !~ '^pg_|^information' ORDER BY 1`,
  );
  const contents = await Promise.all(
    relations.map(async ({ name, kind }) => {
      const of = kind === 'r' ? name : `(SELECT last_value, is_called FROM ${name})`;
      return [name, ...(await database.rows(of))].join('\n');
    }),
  );
  return [...contents, ...(await database.schema())];
}
