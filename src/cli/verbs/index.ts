import type { Verb } from '../verb';
import { abort } from './abort';
import { chaos } from './chaos';
import { local } from './local';
import { rehearse } from './rehearse';
import { resume } from './resume';
import { start } from './start';
import { status } from './status';

/** In the order in which a user meets them. */
export const VERBS: readonly Verb[] = [rehearse, chaos, local, start, status, resume, abort];
