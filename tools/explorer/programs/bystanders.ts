/** Programs outside Sluice: the application, time, and the owner of the tables. */
import type { Job } from '../actor';
import type { Change } from '../memory/state';
import type { Program } from '../scenario';

/** One action of an application: an autocommitted statement, or a transaction that takes two steps. */
export interface Deed {
  readonly changes: readonly Change[];
  readonly transaction?: boolean;
}

export const application = (name: string, deeds: readonly Deed[]): Program =>
  single(name, JSON.stringify(deeds), async ({ ask }) => {
    const at = 'application';
    for (const { changes, transaction } of deeds) {
      if (!transaction) await ask({ at, op: 'write', args: { changes } });
      else {
        await ask({ at, op: 'begin', args: { changes } });
        await ask({ at, op: 'commit', args: {} });
      }
    }
  });

/** Time, which lets fences expire. */
export const expiry = (times: number): Program =>
  single('time', `${times}`, async ({ ask }) => {
    for (let time = 0; time < times; time += 1) await ask({ at: 'application', op: 'expire', args: {} });
  });

/** The table's owner, who alters a captured table. */
export const owner = (): Program =>
  single('owner', '', async ({ ask }) => void (await ask({ at: 'application', op: 'alter', args: {} })));

/** A program with one job. */
export const single = (name: string, input: string, run: Job['run']): Program => ({
  name,
  first: 'only',
  job: () => ({ name: `${name} ${input}`, run }),
  next: () => [{ place: null }],
});
