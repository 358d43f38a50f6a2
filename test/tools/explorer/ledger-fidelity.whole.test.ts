/** The model of the control table replies as DynamoDB does: the real adapter makes the same random calls over both. */
import fc from 'fast-check';
import { ControlTable } from '../../../src/adapters/dynamodb/control-table';
import type { Stage } from '../../../src/contract/lifecycle';
import type { Writes } from '../../../src/contract/writes';
import type { Status } from '../../../src/core/ledger';
import type { Control } from '../../../src/core/world';
import { execute } from '../../../tools/explorer/memory/execute';
import { definitionOf, LAYOUT } from '../../../tools/explorer/memory/scene';
import { EMPTY, type Request } from '../../../tools/explorer/memory/state';
import { errorOf, worldOf } from '../../../tools/explorer/memory/world';
import { generationStart } from '../../support/generation-start';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../../support/control-table';

let table: TestControlTable;
beforeAll(async () => {
  table = await startControlTable();
});
afterAll(() => table.stop());

function modelled(): Control {
  let state = EMPTY;
  const send = async (request: Request): Promise<unknown> => {
    const effect = execute(state, request)!;
    state = effect.state;
    if ('failure' in effect.reply) throw errorOf(effect.reply.failure);
    return effect.reply.value;
  };
  const clock = { now: Date.now, sleep: async () => undefined };
  return worldOf({ definition: definitionOf('cdc'), send, clock, cuts: 1, isRunning: () => false }).control;
}

const owner = fc.constantFrom('execution-1', 'execution-2');
const writes = fc.constantFrom<Writes>('source', 'source→target#1', 'target', 'source, aborting');
const statuses = fc.uniqueArray(fc.constantFrom<Status>('running', 'held', 'aborting'), { minLength: 1 });
const stage = fc.constantFrom<Stage>('preflight', 'plan', 'backfill', 'fence', 'seal');
const chunk = fc.nat(2);
const token = fc.integer({ min: 1, max: 3 });

const PROGRESS = { pages: 1, rows: 2, bytes: 3, skipped: 0 };
const SUM = { rows: 1, checksum: '1:2' };
const PASS = {
  passedAt: '2030-01-01T00:00:00.000Z',
  lagMs: 1,
  pending: 0,
  applied: 1,
  retries: 0,
  refused: 0,
};

type Call = (control: Control, migration: string) => Promise<unknown>;
const id = (migration: string, number: number) => ({
  migration,
  generation: 1,
  table: 'shop.t',
  chunk: number,
});
const partition = (migration: string) => ({ migration, generation: 1, table: 'shop.t', partition: 0 });
const named = (name: string, call: Call) => ({ name, call });

const step = fc.oneof(
  owner.map((of) => named(`create ${of}`, (control, m) => control.create(m, of, generationStart('cdc')))),
  fc.constant(named('record', (control, m) => control.record(m))),
  owner.map((of) =>
    named(`take over ${of}`, async (control, m) => control.takeOver(await control.recordOrFail(m), of)),
  ),
  fc
    .tuple(stage, fc.option(writes))
    .map(([name, at]) =>
      named(`finish ${name} ${at}`, (control, m) => control.finishStage(m, 1, name, at ?? undefined)),
    ),
  fc.constant(named('epoch', (control, m) => control.nextEpoch(m))),
  fc.integer({ min: 0, max: 2 }).map((late) =>
    named(`intend ${late}`, async (control, m) => {
      const seen = await control.recordOrFail(m);
      return control.intendCutover({ ...seen, epoch: seen.epoch - late });
    }),
  ),
  fc.integer({ min: 0, max: 2 }).map((late) =>
    named(`abort ${late}`, async (control, m) => {
      const seen = await control.recordOrFail(m);
      return control.decideAbort({ ...seen, epoch: seen.epoch - late }, 'why');
    }),
  ),
  fc
    .integer({ min: 1, max: 9 })
    .map((epoch) => named(`aborted ${epoch}`, (control, m) => control.setAborted(m, 1, epoch))),
  fc.constant(named('wave', (control, m) => control.recordWave(m, 'copy 1'))),
  fc.constant(named('round', (control, m) => control.recordRound(m))),
  fc
    .tuple(writes, writes, statuses)
    .map(([from, to, during]) =>
      named(`writes ${from} ${to} ${during.join()}`, (control, m) =>
        control.setWrites({ migration: m, generation: 1, writes: from }, to, during),
      ),
    ),
  fc
    .tuple(owner, fc.constantFrom<Status>('held', 'running'))
    .map(([of, to]) => named(`release ${of}`, (control, m) => control.release(m, of, to, 'why'))),
  owner.map((of) =>
    named(`sync ${of}`, async (control, m) =>
      control.claimSync({ ...(await control.recordOrFail(m)), sync: null }, of),
    ),
  ),
  fc.constant(named('lose', (control, m) => control.recordCaptureLoss(m, 1, 'forward', 'why'))),
  fc
    .integer({ min: 1, max: 5 })
    .map((epoch) => named(`route ${epoch}`, (control, m) => control.setRoute(m, 'source', epoch))),
  fc.constant(
    named('plan', (control, m) =>
      control.chunks.plan(m, 1, { table: 'shop.t', chunks: 3, rowsEstimated: 3, layout: LAYOUT }, [2]),
    ),
  ),
  fc.constant(named('list', (control, m) => control.chunks.list(m, 1))),
  fc.constant(named('tables', (control, m) => control.chunks.tables(m, 1))),
  chunk.map((of) => named(`claim ${of}`, (control, m) => control.chunks.claim(id(m, of)))),
  fc
    .tuple(chunk, token)
    .map(([of, t]) =>
      named(`checkpoint ${of} ${t}`, (control, m) =>
        control.chunks.checkpoint({ ...id(m, of), token: t }, PROGRESS),
      ),
    ),
  fc
    .tuple(chunk, token)
    .map(([of, t]) =>
      named(`close ${of} ${t}`, (control, m) => control.chunks.close({ ...id(m, of), token: t }, PROGRESS)),
    ),
  fc
    .tuple(chunk, token)
    .map(([of, t]) =>
      named(`fail ${of} ${t}`, (control, m) => control.chunks.fail({ ...id(m, of), token: t }, 'why')),
    ),
  fc.tuple(chunk, token).map(([of, t]) =>
    named(`report ${of}`, (control, m) =>
      control.chunks.reportRow({ ...id(m, of), token: t }, 'hash', {
        kind: 'duplicate',
        sqlState: '23505',
        constraint: null,
      }),
    ),
  ),
  chunk.map((of) => named(`compare ${of}`, (control, m) => control.chunks.startComparison(id(m, of)))),
  chunk.map((of) =>
    named(`compared ${of}`, (control, m) =>
      control.chunks.compared(id(m, of), 'equal', { source: SUM, target: SUM }, 0, 1),
    ),
  ),
  chunk.map((of) => named(`again ${of}`, (control, m) => control.chunks.compareAgain(id(m, of)))),
  fc
    .tuple(chunk, token)
    .map(([of, attempt]) =>
      named(`reopen ${of} ${attempt}`, (control, m) =>
        control.chunks.reopen(id(m, of), { reopened: attempt, recopied: true }),
      ),
    ),
  chunk.map((of) => named(`forgive ${of}`, (control, m) => control.chunks.forgive(id(m, of)))),
  fc.constant(named('claim partition', (control, m) => control.partitions.claim(partition(m)))),
  token.map((t) => named(`passed ${t}`, (control, m) => control.partitions.passed(partition(m), t, PASS))),
  fc.constant(named('partitions', (control, m) => control.partitions.list(m, 1))),
);

/** The part of a reply that the rules see: random values and the migration's name are not compared. */
async function heard(call: () => Promise<unknown>): Promise<unknown> {
  try {
    const text = JSON.stringify(await call(), (name, value: unknown) =>
      ['salt', 'owner', 'decision', 'captureLostMark', 'migration', 'pk'].includes(name)
        ? undefined
        : sorted(value),
    );
    return text ?? 'nothing';
  } catch (error) {
    return (error as Error).name;
  }
}

const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));

test.each([2])('a random walk gets the same results from both (seed %i)', async (seed) => {
  const real = new ControlTable(table.client, TABLE_NAME) as Control;
  const model = modelled();
  const steps = fc.sample(step, { seed, numRuns: 400 });
  const trace: string[] = [];
  for (const { name, call } of steps) {
    const reply = await heard(() => call(real, `walk-${seed}`));
    const modelReply = await heard(() => call(model, `walk-${seed}`));
    trace.push(`${name} → ${String(reply)}`);
    expect([trace.slice(-6).join('\n'), modelReply]).toEqual([trace.slice(-6).join('\n'), reply]);
  }
  // Some conditions held and some failed.
  expect(trace.some((line) => /^(checkpoint|close).*nothing$/.test(line))).toBe(true);
  expect(trace.some((line) => line.endsWith('FencedOut'))).toBe(true);
});
