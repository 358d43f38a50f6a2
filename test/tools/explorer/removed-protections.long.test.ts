/** The sabotages whose harm is slow to find. */
import { expectHarm, slowSabotages } from './removed-protections';

expectHarm(slowSabotages);
