import type { Verb } from '../verb';
import { abort } from './abort';
import { adopt } from './adopt';
import { chaos } from './chaos';
import { forget } from './forget';
import { local } from './local';
import { rehearse } from './rehearse';
import { resume } from './resume';
import { set } from './set';
import { start } from './start';
import { status } from './status';
import { upgrade } from './upgrade';

/** In the order in which a user needs them. */
export const VERBS: readonly Verb[] = [
  rehearse,
  chaos,
  local,
  start,
  status,
  resume,
  set,
  upgrade,
  abort,
  adopt,
  forget,
];
