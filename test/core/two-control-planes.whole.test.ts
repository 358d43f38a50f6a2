/** Two environments with the same endpoints: the second one's start and abort leave the first one's migration untouched. */
import { prepare } from '../../src/core/stages/prepare';
import { preflight } from '../../src/core/stages/preflight';
import { startControlTable } from '../support/control-table';
import { revoke, undo } from '../support/undo';
import { Lab, startLab, type Trial } from '../support/world';

let lab: Lab;
let other: Awaited<ReturnType<typeof startControlTable>>;
beforeAll(async () => {
  [lab, other] = await Promise.all([startLab(), startControlTable()]);
});
afterAll(async () => {
  await other.stop();
  await lab.stop();
});

/** The same definition and endpoints, with a control table of its own. */
const secondOf = ({ source, target, name }: Trial): Trial =>
  new Lab(lab.server, other.client, async () => undefined).trialOn(source, target, { definition: { name } });

const stateOf = async ({ source, target }: Trial) =>
  Promise.all(
    [source, target].flatMap((side) => [
      side.schema(),
      side.rows('shop.t'),
      side.rows('sluice.guard'),
      side.rows('sluice.lease'),
    ]),
  );

test.each(['backfill', 'seal', 'open'] as const)(
  'after %s: the second environment is refused, and its abort says whose the ends are',
  async (stage) => {
    const trial = await lab.trial({
      tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
      seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 300) AS n; ANALYZE t`,
    });
    await trial.begin();
    await trial.walk(stage);
    const before = await stateOf(trial);
    const owner = await trial.control.owner();

    const second = secondOf(trial);
    await second.begin('execution-2');
    const context = second.context();
    await expect(preflight(context)).rejects.toThrow(
      `control plane ${owner}, environment test, guards it as the source of migration ${trial.name}`,
    );
    expect(await stateOf(trial)).toEqual(before);

    // Even a run that passed preflight earlier registers nothing.
    await expect(prepare(context)).rejects.toThrow(`by control plane ${owner}, environment test`);
    expect(await stateOf(trial)).toEqual(before);

    for (let time = 0; time < 2; time += 1) {
      await revoke(second.world(), 'wrong endpoints');
      await undo(second.world());
    }
    expect(await second.control.recordOrFail(trial.name)).toMatchObject({ status: 'aborted' });
    const { evidence } = (await second.control.journal.last(trial.name, 20)).find(
      ({ event }) => event === 'aborted',
    )!;
    expect(JSON.stringify(evidence)).toMatch(
      new RegExp(`untouched.*belongs to another control plane.*of control plane ${owner}`),
    );
    expect(await stateOf(trial)).toEqual(before);
  },
);
