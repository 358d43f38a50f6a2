/** The mutations that `npm test` leaves out: further ones of the same protections, and those whose harm takes long to find. */
import { expectHarm, otherMutations } from './mutations';

expectHarm(otherMutations);
