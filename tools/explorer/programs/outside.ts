/** Programs outside Sluice: the application, time, and the owner of the tables. */
import type { Job } from '../actor';
import type { Change } from '../memory/state';
import type { Program } from '../scenario';

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

/** A program with one job. */
export const single = (name: string, input: string, run: Job['run']): Program => ({
  name,
  first: 'only',
  job: () => ({ name: `${name} ${input}`, run }),
  next: () => [{ place: null }],
});
