import { replayCommand } from '../../../src/rehearsal/faults';
import { seededFraction } from '../../../src/rehearsal/faults/seeded-fraction';

test('a fraction depends only on the seed and the name', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => seededFraction(1, 'when', index));
  expect(seededFraction(1, 'when', 7)).toBe(many[7]);
  expect(seededFraction(2, 'when', 7)).not.toBe(many[7]);
  expect(seededFraction(1, 'whether', 7)).not.toBe(many[7]);
  const mean = many.reduce((sum, value) => sum + value, 0) / many.length;
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
  expect(many.every((value) => value >= 0 && value < 1)).toBe(true);
});

test('the replay command has every requested flag, but no password', () => {
  const plan = {
    migration: 'orders',
    rows: 5_000,
    seed: 7,
    sourceUrl: 'postgres://u:secret@h/d',
    targetUrl: null,
  };
  expect(replayCommand(plan, ['kill-lambda'])).toBe(
    'npm run rehearse -- --migration orders --rows 5000 --seed 7 --source-url=… --faults kill-lambda',
  );
});
