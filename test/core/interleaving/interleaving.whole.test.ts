/** Copiers, appliers and an application in random order over real databases: no row is lost or left over. */
import { expectNoLoss } from './interleaved';

/** The long tests run many more. */
expectNoLoss([1, 2, 3, 4, 5, 6]);
