/** The next inner step of a cutover follows from ledger and guard alone, so that any invocation can take it over. */
import { shapeNames, stagesOf, traitsOf, type Shape, type Stage } from '../../src/contract/lifecycle';
import { cutoverStages, next } from '../../src/core/cutover/next';
import type { Writes } from '../../src/contract/writes';
import type { GuardStatus } from '../../src/core/guard-ports';

const guard = (state: GuardStatus['state'], expired = false): GuardStatus => ({ epoch: 1, state, expired });
const record = (shape: Shape, stage: Stage | null, writes: Writes = 'source') => ({ shape, stage, writes });

const before = (shape: Shape, stage: Stage): Stage | null => {
  const stages = stagesOf(shape);
  return stages[stages.indexOf(stage) - 1] ?? null;
};

describe.each(shapeNames())('shape %s', (shape) => {
  test.each(cutoverStages(shape))('%s is next when everything before it is finished', (stage) => {
    const closed = stagesOf(shape).indexOf(stage) > stagesOf(shape).indexOf('seal') ? 'sealed' : 'fenced';
    expect(next(record(shape, before(shape, stage)), guard(closed))).toBe(stage);
  });

  test('nothing is left when the last stage of the cutover is finished', () => {
    expect(next(record(shape, cutoverStages(shape).at(-1)!, 'target'), guard('sealed'))).toBe('done');
  });

  test.each(cutoverStages(shape).filter((stage) => !['fence', 'flip', 'open'].includes(stage)))(
    '%s does not start under a fence that has expired, was opened or was removed',
    (stage) => {
      for (const lost of [guard('fenced', true), guard('open'), null])
        expect(next(record(shape, before(shape, stage)), lost)).toBe('expired');
    },
  );

  test('a sealed fence does not expire', () => {
    expect(next(record(shape, before(shape, 'flip')), guard('sealed'))).toBe('flip');
    expect(next(record(shape, before(shape, 'seal')), guard('sealed'))).toBe('seal');
  });
});

test('a shape that fences in the cutover starts with the fence in every state of the guard', () => {
  const fencing = shapeNames().filter((shape) => traitsOf(shape).fences === 'cutover');
  expect(fencing).not.toEqual([]);
  for (const shape of fencing)
    for (const found of [guard('open'), guard('fenced'), guard('fenced', true), guard('sealed')])
      expect(next(record(shape, before(shape, 'fence')), found)).toBe('fence');
});
