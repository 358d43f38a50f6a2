/** More seeds. A seed that fails prints what happened and the command that repeats it. */
import { seedsOf } from '../../support/seeds';
import { expectNoLoss } from './interleaved';

expectNoLoss(seedsOf('7-100'));
