/** The successors of outcomes, as the explorer reads them from the lifecycle. */
import { ABORT, migrationOf, SYNC } from '../../../src/contract/lifecycle';
import { Walk } from '../../../tools/explorer/programs/walk';

const MIGRATION = migrationOf('cdc');
const walk = new Walk({ machine: MIGRATION, afterFailure: ABORT.steps });
const TRANSIENT = { error: 'TransientFailure', message: '' };
const OTHER = { error: 'VerificationFailed', message: '' };

test('a transient error is retried while attempts remain, and then leads to its row', () => {
  expect(walk.next('cutover', TRANSIENT)).toEqual([
    { place: 'cutover' },
    { place: 'cancel-cutover', exhausted: true },
  ]);
  expect(walk.next('cutover', { error: 'States.Timeout', message: '' })).toHaveLength(2);
  expect(walk.next('cutover', { error: 'FenceExpired', message: '' })).toEqual([{ place: 'cancel-cutover' }]);
});

test('an error without a row leads to the failure step, and in that step to the end', () => {
  expect(walk.next('cutover', OTHER)).toEqual([{ place: ABORT.steps[0].id }]);
  expect(walk.next(ABORT.steps[0].id, OTHER)).toEqual([{ place: null }]);
  expect(new Walk({ machine: MIGRATION }).next('cutover', OTHER)).toEqual([{ place: null }]);
});

test('the items of a map run one by one, whether or not they fail, and then the gate runs', () => {
  const wave = { verdict: 'wave', items: [{ chunk: 0 }, { chunk: 3 }] };
  const [first] = walk.next('next-copy-wave', { ok: wave });
  expect(first).toEqual({ place: 'copy/copy-chunk 0 3' });
  expect(walk.invocationAt(first!.place!)).toMatchObject({ function: { name: 'copyChunk' }, item: 0 });
  expect(walk.next(first!.place!, { ok: { done: false } })).toEqual([first]);
  expect(walk.next(first!.place!, OTHER)).toEqual([{ place: 'copy/copy-chunk 3' }]);
  expect(walk.next('copy/copy-chunk 3', { ok: { done: true } })).toEqual([{ place: 'next-copy-wave' }]);
  expect(walk.next('copy/copy-chunk 3', TRANSIENT)).toEqual([
    { place: 'copy/copy-chunk 3' },
    { place: 'next-copy-wave', exhausted: true },
  ]);
});

test('waits and starts are skipped, and a walk ends before the given steps', () => {
  expect(walk.next('catch-up', { ok: { verdict: 'wait', seconds: 5 } })).toEqual([{ place: 'catch-up' }]);
  expect(walk.next('plan', { ok: null })).toEqual([{ place: 'next-copy-wave' }]);
  const short = new Walk({ machine: MIGRATION, before: ['next-copy-wave'] });
  expect(short.next('plan', { ok: null })).toEqual([{ place: null }]);
});

test('an item may have its own steps', () => {
  const sync = new Walk({ machine: SYNC });
  const [apply] = sync.next(sync.start(), { ok: { verdict: 'apply', items: [{ applier: 0 }] } });
  expect(sync.next(apply!.place!, OTHER)).toEqual([{ place: sync.start() }]);
});

test('a verdict that no row lists ends the exploration', () => {
  expect(() => walk.next('cutover', { ok: 'perhaps' })).toThrow('cutover returned the verdict "perhaps"');
});
