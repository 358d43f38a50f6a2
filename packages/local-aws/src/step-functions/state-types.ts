import type { StateType } from './state-type';
import { choice } from './states/choice';
import { fail } from './states/fail';
import { map } from './states/map';
import { parallel } from './states/parallel';
import { pass } from './states/pass';
import { succeed } from './states/succeed';
import { task } from './states/task';
import { wait } from './states/wait';

/** The supported state types, by `Type`. */
export const STATE_TYPES: Readonly<Record<string, StateType>> = {
  Choice: choice,
  Fail: fail,
  Map: map,
  Parallel: parallel,
  Pass: pass,
  Succeed: succeed,
  Task: task,
  Wait: wait,
};
