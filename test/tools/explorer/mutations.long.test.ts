/** The mutations whose harm takes long to find. */
import { expectHarm, slowMutations } from './mutations';

expectHarm(slowMutations);
