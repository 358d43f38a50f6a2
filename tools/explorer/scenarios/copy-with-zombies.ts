/** One chunk without writes to the source: abandoned copiers and their successors. */
import { done } from '../invariants';
import { single } from '../programs/outside';
import { chunkItem, worldFor, type Subject } from '../programs/subject';
import { migration } from '../programs/machines';
import { copier } from '../programs/workers';
import type { Request } from '../memory/state';
import type { Program, Scenario } from '../scenario';

const subject: Subject = { shape: 'offline', cuts: 0 };
const CHUNK = 'chunk#0000000001#shop.t#0000000000';

/** The plan and the migration's record do not change here. */
const settled = ({ op, args }: Request): boolean => op === 'get' && args.sk !== CHUNK;

/** Reopens the chunk, as after a comparison that found it unequal. */
const reopen: Program = single('judge', 'reopens', async (ports) => {
  const { control } = worldFor(subject, ports);
  await control.chunks.reopen(chunkItem(subject, 0), { reopened: 1, recopied: true });
});

const common = {
  ...subject,
  rows: { 1: 10, 2: 20 },
  setup: [[migration(subject, { before: ['next-copy-wave'] })]],
  zombiesMax: 0,
  settled,
  recovery: [migration(subject, { execution: 'execution-2', onError: 'abort' })],
  goal: done,
};

export const copyWithFaults: Scenario = {
  ...common,
  name: 'copy with faults',
  about: 'a copier and its successor on one chunk of two rows; two requests are lost, delayed or repeated',
  workers: [copier(subject, 'copier A', 0, 2), copier(subject, 'copier B', 0)],
  faultsMax: 2,
  statesMax: 100_000,
};

export const copyWithZombies: Scenario = {
  ...common,
  name: 'copy with zombies',
  about:
    'three copiers claim one chunk of two rows, any of them a zombie; one request is lost, delayed or repeated',
  workers: [copier(subject, 'copier A', 0), copier(subject, 'copier B', 0), copier(subject, 'copier C', 0)],
  faultsMax: 1,
  statesMax: 100_000,
};

export const reopenForCopy: Scenario = {
  ...common,
  name: 'copy again',
  about:
    'a chunk is reopened while copiers of its first attempt may still run; one request is lost, delayed or repeated',
  workers: [reopen, copier(subject, 'copier A', 0), copier(subject, 'copier B', 0)],
  faultsMax: 1,
  statesMax: 100_000,
};
