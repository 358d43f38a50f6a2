import { nextWave as waveOf } from '../src/core/stages/next-wave';
import { contextOf } from '../src/core/stages/world';
import { handler } from './handler';

/** Names the chunks that the next Map run takes. */
export const nextWave = handler('nextWave', ({ purpose, ...run }, { world }) =>
  waveOf(contextOf(world, run), purpose),
);
