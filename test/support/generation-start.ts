import { stagesOf, type Shape } from '../../src/contract/lifecycle';
import type { GenerationStart } from '../../src/core/ledger';
import { DEPLOYED } from './deployed';

/** The start of a generation whose definition no test reads. */
export const generationStart = (shape: Shape): GenerationStart => ({
  ...{ ...DEPLOYED, shape, stages: stagesOf(shape) },
  definition: { hash: '0'.repeat(64), parts: 1 },
  installed: 1,
  runStartedAt: '2026-01-01T00:00:00.000Z',
});
