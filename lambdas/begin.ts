import { begin as claim } from '../src/core/execution/begin';
import { handler } from './handler';

/** Claims the migration for an execution. */
export const begin = handler('begin', ({ execution }, { world }) => claim(world, execution));
