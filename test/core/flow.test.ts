/** A direction gives the two ends of a migration their roles. */
import { otherSide, rolesOf, SIDES, type Direction } from '../../src/contract/sides';
import { MalformedInput } from '../../src/core/errors';
import { flowOf } from '../../src/core/flow';
import type { Ends } from '../../src/core/ends';

const ENDS = { source: { side: 'source' }, target: { side: 'target' } } as unknown as Ends;

test('forward reads the source and writes the target, and reverse does the opposite', () => {
  expect(flowOf(ENDS, 'forward')).toEqual({ direction: 'forward', from: ENDS.source, to: ENDS.target });
  expect(flowOf(ENDS, 'reverse')).toEqual({ direction: 'reverse', from: ENDS.target, to: ENDS.source });
});

test('the two roles always belong to different sides', () => {
  for (const direction of ['forward', 'reverse'] as const) {
    const { from, to } = rolesOf(direction);
    expect([to, from]).toEqual([otherSide(from), otherSide(to)]);
    expect([from, to].sort()).toEqual([...SIDES]);
  }
});

test.each([[undefined], [null], ['backwards']])('the direction %p is refused, not guessed', (direction) => {
  expect(() => flowOf(ENDS, direction as Direction)).toThrow(MalformedInput);
});
