/** Mutations that disable the protections of a guard's transitions. */
import { disabling, isOp, part, type MutationTest } from './disabling';
import { guardedOffline, lateFence, ownersDdlLive, ownersDdlOffline } from './scenarios/guards';
import { lateTransitions, lateTransitionsLive } from './scenarios/guards-of-others';

const setGuard = isOp('setGuard');

export const GUARD_MUTATIONS: readonly MutationTest[] = [
  {
    protection: 'completed triggers',
    name: 'a closing does not complete or enable the triggers',
    scenario: part(ownersDdlLive, ['migration execution-1', 'application', 'owner']),
    mutate: disabling('completion', setGuard),
  },
  {
    protection: 'completed triggers',
    name: 'a darkening does not create the triggers',
    scenario: lateTransitions,
    mutate: disabling('completion', setGuard),
  },
  {
    protection: "tables' locks",
    name: 'a closing does not wait for open transactions',
    scenario: part(guardedOffline, ['migration execution-1', 'application']),
    mutate: disabling('locks', setGuard),
  },
  {
    protection: 'trigger versions',
    name: 'a seal does not compare the versions of the triggers',
    scenario: part(ownersDdlOffline, ['migration execution-1', 'application', 'owner']),
    mutate: disabling('versions', setGuard),
  },
  {
    protection: 'deadline at the seal',
    name: 'a seal does not check the deadline',
    scenario: part(ownersDdlOffline, ['migration execution-1', 'application', 'time']),
    mutate: disabling('deadline', setGuard),
  },
  {
    protection: 'epoch of an opening',
    name: 'the opening of an open guard does not take the epoch',
    inTheEnd: true,
    scenario: lateFence,
    mutate: disabling('opening again', setGuard),
  },
  {
    // Either check refuses a late disarming, so both are disabled.
    protection: 'state and epoch of a disarming',
    name: 'a late disarming of an earlier generation drops the triggers of a fence',
    scenario: lateTransitions,
    mutate: disabling(['state', 'generation', 'epoch'], isOp('disarm')),
  },
  {
    protection: 'state and epoch of a disarming',
    name: 'a late disarming of an earlier generation drops the triggers of a cutover',
    scenario: lateTransitionsLive,
    mutate: disabling(['state', 'generation', 'epoch'], isOp('disarm')),
  },
];
