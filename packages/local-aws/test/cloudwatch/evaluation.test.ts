/** The tables of CloudWatch's page on missing data. N is 3, the range is 5, and the newest point is on the right. */
import { evaluate, rangeOf, type AlarmState, type TreatMissingData } from '../../src/cloudwatch/evaluation';

const TREATMENTS: readonly TreatMissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const RETAINED = 'retained';
type Expected = AlarmState | typeof RETAINED;

function states(points: string, datapointsToAlarm: number): Expected[] {
  const range = points.split(' ').map((point) => (point === '-' ? undefined : point === 'X'));
  expect(range).toHaveLength(rangeOf(3));
  return TREATMENTS.map((treatMissingData) => {
    const rule = { evaluationPeriods: 3, datapointsToAlarm, treatMissingData };
    const [first, ...others] = (['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const).map((current) =>
      evaluate(range, rule, current),
    );
    return others.every((state) => state === first) ? first! : RETAINED;
  });
}

test.each<[string, ...Expected[]]>([
  ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', 'INSUFFICIENT_DATA', RETAINED, 'ALARM', 'OK'],
  ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - X - -', 'ALARM', RETAINED, 'ALARM', 'OK'],
])('3 of 3: %s', (points, ...expected) => {
  expect(states(points, 3)).toEqual(expected);
});

test.each<[string, ...Expected[]]>([
  ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 'ALARM', RETAINED, 'ALARM', 'OK'],
])('2 of 3: %s', (points, ...expected) => {
  expect(states(points, 2)).toEqual(expected);
});

test('points before the last N are ignored while none of the last N is missing', () => {
  expect(states('X X 0 0 X', 2)).toEqual(['OK', 'OK', 'OK', 'OK']);
});

test.each(['- - - - X', '- - - X -'])('3 of 3: %s does not lead to ALARM yet', (points) => {
  expect(states(points, 3)).toEqual([RETAINED, RETAINED, 'ALARM', 'OK']);
});
