/** Copiers and appliers while an application writes: every change reaches the target. */
import { done } from '../invariants';
import { application } from '../programs/outside';
import type { Subject } from '../programs/subject';
import { migration } from '../programs/machines';
import { applier, copier } from '../programs/workers';
import type { Request } from '../memory/state';
import type { Scenario } from '../scenario';

const subject: Subject = { shape: 'cdc', cuts: 0 };

/** The plan, the captures and the migration's record do not change here. */
const settled = ({ op, args }: Request): boolean =>
  op === 'captures' ||
  (op === 'get' && /^(migration$|table#)/.test(String(args.sk))) ||
  (op === 'query' && String(args.prefix).startsWith('problem#'));

const common = {
  ...subject,
  rows: { 1: 10, 2: 20 },
  setup: [[migration(subject, { before: ['next-copy-wave'] })]],
  settled,
  zombiesMax: 0,
  recovery: [
    migration(subject, { execution: 'execution-2', onError: 'abort' }),
    applier(subject, 'applier R', Infinity, { rounds: true }),
  ],
  goal: done,
  statesMax: 100_000,
} satisfies Partial<Scenario>;

const update = (id: string, v: number) => ({ changes: [{ id, v }] });
const remove = (id: string) => ({ changes: [{ id, v: null }] });

export const copyDuringWrites: Scenario = {
  ...common,
  name: 'copy during writes',
  about: 'a copier, its successor and an applier, while rows are updated, deleted and inserted',
  workers: [
    copier(subject, 'copier A', 0),
    copier(subject, 'copier B', 0),
    applier(subject, 'applier', 2),
    application('application', [update('1', 11), remove('1'), update('3', 30)]),
  ],
  faultsMax: 0,
  statesMax: 100_000,
};

export const copyDuringDeletes: Scenario = {
  ...common,
  name: 'copy during deletes',
  about: 'a chunk of two pages, a copier, its successor and an applier, while a row is deleted',
  rows: { 1: 10, 2: 20, 3: 30 },
  workers: [
    copier(subject, 'copier A', 0),
    copier(subject, 'copier B', 0),
    applier(subject, 'applier', 1),
    application('application', [remove('2')]),
  ],
  faultsMax: 0,
  statesMax: 70_000,
};

export const applyWithZombies: Scenario = {
  ...common,
  name: 'apply with zombies',
  about: 'two appliers of one partition, one of them a zombie, and a value that moves to another row',
  setup: [[migration(subject, { before: ['next-verify-wave'] })], [applier(subject, 'applier', 1)]],
  workers: [
    applier(subject, 'applier A', 1, { pages: 3 }),
    applier(subject, 'applier B', 1, { pages: 3 }),
    application('application', [
      update('1', 11),
      {
        changes: [
          { id: '1', v: null },
          { id: '3', v: 11 },
        ],
      },
      update('1', 12),
    ]),
  ],
  faultsMax: 1,
};

export const lateCommits: Scenario = {
  ...common,
  name: 'late commits',
  about: 'a transaction that commits entries with smaller ids than others, a copier and an applier',
  workers: [
    copier(subject, 'copier', 0),
    applier(subject, 'applier', 2),
    application('application A', [{ ...update('1', 11), transaction: true }, update('1', 12)]),
    application('application B', [{ ...update('2', 21), transaction: true }]),
  ],
  faultsMax: 0,
};

export const applyWithFaults: Scenario = {
  ...common,
  name: 'apply with faults',
  about: 'a copier, an applier and writes; two requests to the databases are lost, delayed or repeated',
  faulty: ({ at }) => at !== 'ledger',
  workers: [
    copier(subject, 'copier', 0),
    applier(subject, 'applier', 2),
    application('application', [update('1', 11), remove('2')]),
  ],
  faultsMax: 2,
};
