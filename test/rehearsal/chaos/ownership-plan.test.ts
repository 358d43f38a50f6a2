/** The seeds of `--only ownership` select the same attacks each time, and all kinds within sixteen seeds. */
import { ATTACKS, RIVAL_OF } from '../../../src/rehearsal/chaos/ownership/attack';
import { MOMENTS } from '../../../src/rehearsal/chaos/ownership/moments';
import {
  ownershipPlanOf,
  type MomentOfGeneration,
  type OwnershipPlan,
} from '../../../src/rehearsal/chaos/ownership/plan';

const MIGRATIONS = [
  { name: 'orders', shape: 'offline' },
  { name: 'orders-live', shape: 'cdc' },
] as const;

const plansOf = (first: number, count: number): OwnershipPlan[] =>
  Array.from({ length: count }, (_, index) => ownershipPlanOf(first + index, { migrations: MIGRATIONS }));

const MANY = plansOf(0, 400);
const attacksOf = (plans: readonly OwnershipPlan[]) =>
  plans.flatMap((plan) => plan.attacks.map((attack) => ({ ...attack, plan })));

test('a seed selects the same plan each time, whichever seeds were planned before', () => {
  expect(plansOf(390, 10)).toEqual(MANY.slice(390));
});

test.each([0, 1, 7, 100])('sixteen seeds from %i perform each attack on each migration', (first) => {
  const pairs = attacksOf(plansOf(first, 16)).map(({ kind, plan }) => `${kind} ${plan.migration}`);
  const expected = ATTACKS.flatMap((kind) => MIGRATIONS.map(({ name }) => `${kind} ${name}`));
  expect(expected.filter((pair) => !pairs.includes(pair))).toEqual([]);
});

test('fifty seeds attack at every moment, between flip and opening with every kind that can', () => {
  const seen = new Set(attacksOf(plansOf(1, 50)).map(({ moment }) => moment));
  const moments = [...MOMENTS.offline, ...MOMENTS.cdc].filter((moment) => moment !== 'started');
  expect(moments.filter((moment) => !seen.has(moment))).toEqual([]);
  const flipped = attacksOf(MANY).filter(({ moment }) => moment === 'flipped');
  expect(new Set(flipped.map(({ kind }) => kind))).toEqual(new Set(ATTACKS));
});

test('another deployment never attacks before the migration has guards', () => {
  const early = attacksOf(MANY).filter(({ moment }) => moment === 'started');
  const unguarded = attacksOf(MANY).filter(
    ({ kind, moment }) => moment === 'aborted' && RIVAL_OF[kind] !== null,
  );
  expect([...early, ...unguarded]).toEqual([]);
});

test('a late abort names a generation that has ended', () => {
  const late = attacksOf(MANY).filter(({ kind }) => kind === 'late-abort');
  expect(late.length).toBeGreaterThan(0);
  expect(late.filter(({ plan }) => plan.abort === null)).toEqual([]);
  expect(late.filter(({ generation, moment }) => generation === 1 && moment !== 'aborted')).toEqual([]);
});

test('a ledger is copied before the attack from it', () => {
  const order = ({ generation, moment }: MomentOfGeneration, { shape }: OwnershipPlan): number =>
    generation * 100 + (moment === 'aborted' ? 99 : MOMENTS[shape].indexOf(moment));
  const restored = attacksOf(MANY).filter(({ kind }) => RIVAL_OF[kind] === 'restored');
  expect(restored.length).toBeGreaterThan(0);
  expect(restored.filter((each) => order(each.copied!, each.plan) >= order(each, each.plan))).toEqual([]);
});

test('a generation is aborted only before its flip', () => {
  const aborts = MANY.flatMap(({ abort, shape }) => (abort === null ? [] : [{ ...abort, shape }]));
  expect(new Set(aborts.map(({ twice }) => twice))).toEqual(new Set([false, true]));
  const late = aborts.filter(
    ({ moment, shape }) => MOMENTS[shape].indexOf(moment) >= MOMENTS[shape].indexOf('flipped'),
  );
  expect(late).toEqual([]);
});
