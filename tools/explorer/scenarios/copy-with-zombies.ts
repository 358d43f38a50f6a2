/** One chunk, nobody writes to the source: copiers that were given up on, and their successors. */
import { done } from '../invariants';
import { single } from '../programs/bystanders';
import { chunkItem, worldFor, type Cast } from '../programs/cast';
import { migration } from '../programs/machines';
import { copier } from '../programs/workers';
import type { Request } from '../memory/state';
import type { Program, Scenario } from '../scenario';

const cast: Cast = { shape: 'offline', cuts: 0 };
const CHUNK = 'chunk#0000000001#shop.t#0000000000';

/** Nobody changes the plan or the record of the migration here. */
const settled = ({ op, args }: Request): boolean => op === 'get' && args.sk !== CHUNK;

/** Opens the chunk again, as after a comparison that found it unequal. */
const reopen: Program = single('judge', 'reopens', async (ports) => {
  const { control } = worldFor(cast, ports);
  await control.chunks.reopen(chunkItem(0), { reopened: 1, recopied: true });
});

const common = {
  ...cast,
  rows: { 1: 10, 2: 20 },
  setup: [[migration(cast, { before: ['next-copy-wave'] })]],
  zombiesMax: 0,
  settled,
  recovery: [migration(cast, { execution: 'execution-2', onError: 'abort' })],
  goal: done,
};

export const copyWithFaults: Scenario = {
  ...common,
  name: 'copy with faults',
  about: 'a copier and its successor on one chunk of two rows; two requests go astray',
  workers: [copier(cast, 'copier A', 0, 2), copier(cast, 'copier B', 0)],
  faultsMax: 2,
  statesMax: 100_000,
};

export const copyWithZombies: Scenario = {
  ...common,
  name: 'copy with zombies',
  about:
    'three claims on one chunk of two rows, each perhaps a zombie of the others; one request goes astray',
  workers: [copier(cast, 'copier A', 0), copier(cast, 'copier B', 0), copier(cast, 'copier C', 0)],
  faultsMax: 1,
  statesMax: 100_000,
};

export const copyAgain: Scenario = {
  ...common,
  name: 'copy again',
  about:
    'a chunk is opened again for a second life while copiers of the first may still run; a request goes astray',
  workers: [reopen, copier(cast, 'copier A', 0), copier(cast, 'copier B', 0)],
  faultsMax: 1,
  statesMax: 100_000,
};
