/** Programs outside Sluice: the application, time, and the owner of the tables. */
import type { MigrationRecord } from '../../../src/core/ledger';
import { AGAIN, type Job } from '../actor';
import { MIGRATION, type Plane } from '../memory/scene';
import type { Change, Triggers } from '../memory/state';
import type { Program } from '../scenario';
import { subjectName, worldFor, type Subject } from './subject';

/** One action of an application: an autocommitted statement, or a transaction that takes two steps. */
export interface ApplicationAction {
  readonly changes: readonly Change[];
  readonly transaction?: boolean;
}

export const application = (name: string, actions: readonly ApplicationAction[]): Program =>
  single(name, JSON.stringify(actions), async ({ send }) => {
    const at = 'application';
    for (const { changes, transaction } of actions) {
      if (!transaction) await send({ at, op: 'write', args: { changes } });
      else {
        await send({ at, op: 'begin', args: { changes } });
        await send({ at, op: 'commit', args: {} });
      }
    }
  });

/** Time, which lets fences expire. */
export const expiry = (times: number): Program =>
  single('time', `${times}`, async ({ send }) => {
    for (let time = 0; time < times; time += 1) await send({ at: 'application', op: 'expire', args: {} });
  });

/** The table's owner, who alters a captured table. */
export const owner = (): Program =>
  single('owner', '', async ({ send }) => void (await send({ at: 'application', op: 'alter', args: {} })));

/** The source's owner, who changes the guard's triggers before the seal. */
export const triggerOwner = (...states: readonly Triggers['state'][]): Program =>
  single('owner', `makes triggers ${states.join()}`, async ({ send }) => {
    for (const to of states)
      await send({ at: 'application', op: 'alterTriggers', args: { side: 'source', to } });
  });

/** A client that writes to the target as soon as it does not refuse, although it is closed. */
export const strayClient = (changes: readonly Change[]): Program =>
  single('stray client', JSON.stringify(changes), async ({ send }) => {
    await send({ at: 'application', op: 'writeAstray', args: { changes } });
  });

/** Restores the first control plane's ledger, as it is now, as another one. */
export const restores = ({ items }: Plane): Program =>
  single('restore', items, async ({ send }) => {
    await send({ at: 'application', op: 'restore', args: { to: items } });
  });

/** Raises the epoch of a subject's ledger, as that many cutover attempts would. */
export const drawsEpochs = (subject: Subject, epochs: number): Program =>
  single(`draws ${epochs} epochs`, subjectName(subject), async (ports) => {
    const { control } = worldFor(subject, ports);
    for (let epoch = 0; epoch < epochs; epoch += 1) await control.nextEpoch(MIGRATION);
  });

const WAITS = 'waits';

/** The same program, which waits until the record of its migration is in a state. */
export const waiting = (
  subject: Subject,
  program: Program,
  until: string,
  isReady: (record: MigrationRecord) => boolean,
): Program => ({
  ...program,
  first: WAITS,
  job: (place) => (place === WAITS ? waitJob(subject, until, isReady) : program.job(place)),
  next: (place, outcome) => (place === WAITS ? [{ place: program.first }] : program.next(place, outcome)),
});

const waitJob = (subject: Subject, until: string, isReady: (record: MigrationRecord) => boolean): Job => ({
  name: `waits until ${until}${subjectName(subject)}`,
  run: async (ports) => {
    const { control, clock } = worldFor(subject, ports);
    const record = await control.record(MIGRATION);
    if (record && isReady(record)) return null;
    await clock.sleep(1);
    return AGAIN;
  },
});

/** A program with one job. */
export const single = (name: string, input: string, run: Job['run']): Program => ({
  name,
  first: 'only',
  job: () => ({ name: `${name} ${input}`, run }),
  next: () => [{ place: null }],
});
