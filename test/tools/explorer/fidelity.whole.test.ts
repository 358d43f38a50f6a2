/** The model replies as the real databases do: the same random calls go to both. */
import fc from 'fast-check';
import type { Layout } from '../../../src/core/layout';
import { applierScope, scopePrefix, type GenerationName } from '../../../src/core/ledger';
import type { GuardChange } from '../../../src/core/guard-ports';
import type { Authority } from '../../../src/core/ports';
import type { Side } from '../../../src/contract/sides';
import type { World } from '../../../src/core/world';
import { LAYOUT, MIGRATION, OWNER } from '../../../tools/explorer/memory/scene';
import type { State } from '../../../tools/explorer/memory/state';
import { heard, Model } from './fidelity-model';
import { ONLY_AT, OWN, step, type By, type Controlling, type Step } from './fidelity-steps';
import { startLab, type Lab } from '../../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const SIZE = { rowsMax: 1, groupRows: 1, groupBytesMax: 60_000, bytesMax: 900_000 };
const DIRTY = { entriesMax: 2, rowBytesMax: 60_000, bytesMax: 900_000 };

/** Replaces offsets by actual tokens and sequence numbers. */
function resolved(one: Step, { target }: State, scopeOf: (chunk: string) => string): Step {
  const lease = (of: string) => target.leases[scopeOf(of)] ?? { token: 0, seq: 0 };
  if ('ticket' in one) {
    const { chunk: of, token, seq } = one.ticket;
    const now = lease(of);
    return { ...one, ticket: { chunk: of, token: now.token + token, seq: now.seq + 1 + seq } };
  }
  return 'token' in one ? { ...one, token: lease(one.chunk).token + one.token } : one;
}

/** One side of the comparison: turns a step into calls of its ports. */
class Hand {
  after: string | null = null;

  constructor(
    private readonly world: World,
    private readonly of: GenerationName,
    private readonly epochOf: (side: Side) => number,
    private readonly layout: Layout,
    private readonly capture: string,
    private readonly write: (id: number, v: number | null) => Promise<unknown>,
  ) {}

  private get prefix() {
    return scopePrefix(this.of, 'target', 'shop.t');
  }

  scope = (of: string) =>
    of === 'applier' ? applierScope(this.of, 'target', 'shop.t', 0) : this.prefix + of;

  /** The authority relative to the guard of a side. */
  private authority(side: Side, { owner, generation, epoch }: By = OWN): Authority {
    return {
      ...this.of,
      owner: owner === 'own' ? this.of.owner : owner,
      generation: this.of.generation + generation,
      epoch: this.epochOf(side) + epoch,
    };
  }

  async begin(): Promise<unknown> {
    const { leases } = this.world.ends.target;
    const authority = this.authority('target');
    await leases.planPartition(authority, this.scope('applier'));
    return leases.plan(authority, this.layout, this.prefix, ['{3}', '{5}', '{6}'], '{5}');
  }

  do(step: Step): Promise<unknown> {
    return heard(() => this.call(step));
  }

  private async call(step: Step): Promise<unknown> {
    const { reader, log } = this.world.ends.source;
    const { writer, leases } = this.world.ends.target;
    const { layout, prefix, capture } = this;
    const held = 'ticket' in step ? { ...step.ticket, scope: this.scope(step.ticket.chunk) } : null!;
    switch (step.op) {
      case 'installLease':
        return leases.install(
          this.authority('target', step.by),
          this.scope(step.chunk),
          step.token,
          step.attempt,
        );
      case 'readLease':
        return leases.read(this.scope(step.chunk));
      case 'closeLease':
        return leases.close(this.scope(step.chunk), step.token);
      case 'writePage':
        return step.onlyAbsent
          ? writer.writePageConcurrently(layout, held, step.groups)
          : writer.writePage(layout, held, step.groups);
      case 'clearRange':
        return writer.clearRange(layout, step.range, held);
      case 'skip':
        return step.leave ? writer.skipToApplier(held, step.key) : writer.skipRow(held, step.key);
      case 'apply':
        return step.each
          ? writer.applyEach(layout, prefix, held, step.changes)
          : writer.applyRows(layout, prefix, held, step.changes);
      case 'place':
        return writer.placeKeys(layout, prefix, step.keys);
      case 'app':
        return this.write(step.id, step.v);
      case 'readPage':
        return reader
          .readPage(layout, step.range, step.after, SIZE)
          .then((page) => page.map((group) => ({ ...group, bytes: 0 })));
      case 'readDirty': {
        const page = await log.readDirty(layout, capture, 0, this.after, DIRTY);
        this.after = page.next;
        if (step.forget)
          await log.forget(
            capture,
            0,
            page.rows.flatMap(({ entries }) => entries),
          );
        // Entry ids and ages differ between the two.
        return [page.next === null, page.rows.map((row) => [row.key, row.row, row.entries.length])];
      }
      case 'enqueue':
        return log.enqueue(layout, capture, [step.key]);
      case 'guard':
        return this.guard(step);
      case 'closeLeases':
      case 'digest':
      case 'lastKey':
      case 'readGuard':
      case 'revoke':
      case 'skipped':
      case 'touches':
        return this.read(step.op, step.by);
      case 'refused':
        return this.control(step.call, step.side, step.by);
    }
  }

  /** Whether a fence has a deadline, not when. */
  private async guard(step: { epoch: number; state: GuardChange['state']; by: By }) {
    const { epoch, state, by } = step;
    const change = { state, seconds: 3_600 };
    const authority = { ...this.authority('source', by), epoch: epoch + by.epoch };
    return (await this.world.ends.source.guard.setGuard(authority, change)) !== null;
  }

  private control(call: Controlling, either: Side, by: By): Promise<unknown> {
    const { source, target } = this.world.ends;
    const side = ONLY_AT[call] ?? either;
    const authority = this.authority(side, by);
    switch (call) {
      case 'register':
        return this.world.ends[side].installer.register(authority, [this.layout.from], 'sluice_worker');
      case 'planPartition':
        return target.leases.planPartition(authority, this.scope('applier'));
      case 'planLeases':
        return target.leases.plan(authority, this.layout, this.prefix, ['{3}']);
      case 'closeLeases':
        return target.leases.closeAll(authority);
      case 'revoke':
        return this.world.ends[side].guard.revoke(authority);
      case 'startCapture':
        return source.installer.startCapture(authority, 'shop.t', this.layout, 1e9);
      case 'stopCapture':
        return source.installer.stopCapture(authority);
      case 'uninstall':
        return this.world.ends[side].installer.uninstall(authority);
    }
  }

  private async read(op: string, by: By): Promise<unknown> {
    const { source, target } = this.world.ends;
    const everything = { lower: null, upper: null };
    switch (op) {
      case 'digest': {
        const [left, right] = [
          await source.verifier.digestFrom(this.layout, everything),
          await target.verifier.digestTo(this.layout, everything),
        ];
        return [left.rows, right.rows, left.checksum === right.checksum];
      }
      case 'lastKey':
        return source.reader.lastKey(this.layout);
      case 'readGuard':
        return [await source.guard.readGuard(this.of), await target.guard.readGuard(this.of)];
      case 'touches':
        return target.verifier.touches(this.prefix);
      case 'skipped':
        return target.leases.readSkipped(this.scope('0'));
      case 'closeLeases':
        return target.leases.closeAll(this.authority('target', by));
      default:
        return target.guard.revoke(this.authority('target', by));
    }
  }
}

async function hands(): Promise<[Hand, Hand, Model]> {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, v int)',
    definition: { shape: 'cdc' },
  });
  await trial.begin();
  await trial.walk('prepare');
  const world = trial.world();
  const [described] = await world.describe('forward');
  const layout = { ...described!.layout, wide: true, partitions: 1 };
  const { installer } = world.ends.source;
  const capture = await installer.startCapture(await trial.authority(), 'shop.t', layout, 1e9);
  const app = await trial.source.session('app');
  const written = (n: number, v: number | null) =>
    app
      .query(
        v === null
          ? `DELETE FROM t WHERE id = ${n}`
          : `INSERT INTO t VALUES (${n}, ${v}) ON CONFLICT (id) DO UPDATE SET v = ${v}`,
      )
      .then(
        ({ rowCount }) => (rowCount === 0 ? 'nothing' : 'source'),
        () => 'waits',
      );
  const model = new Model({ shape: 'cdc', triggers: false });
  // The guards of both have the same epochs, because the same calls were made.
  const epochOf = (side: Side) => model.state[side].guard?.epoch ?? 0;
  const real = new Hand(world, trial.of, epochOf, layout, capture.id, written);

  await model.walk(['claim-migration', 'preflight', 'prepare', 'start-capture']);
  // A DELETE that matches no row does not fire a trigger, so the log stays empty.
  const wrote = async (n: number, v: number | null) =>
    v === null && model.state.source.rows[n] === undefined
      ? 'nothing'
      : model.send({ at: 'application', op: 'write', args: { changes: [{ id: String(n), v }] } });
  const modelled = new Hand(
    model.world,
    { owner: OWNER, migration: MIGRATION, generation: 1 },
    epochOf,
    LAYOUT,
    '1',
    wrote,
  );
  return [real, modelled, model];
}

test.each([2, 3])(
  'databases: a random walk gets the same results from both (seed %i)',
  async (seed) => {
    const [real, modelled, model] = await hands();
    expect(await modelled.begin()).toEqual(await real.begin());
    const steps = fc.sample(step, { seed, numRuns: 200 });
    const trace: string[] = [];
    const held = new Set<string>();
    for (const drawn of steps) {
      const one = resolved(drawn, model.state, modelled.scope);
      // An abort ends a walk, so it is drawn late.
      if ('op' in one && ['revoke', 'closeLeases'].includes(one.op) && trace.length < 130) continue;
      const [reply, modelReply] = [await real.do(one), await modelled.do(one)];
      if (reply === true || Array.isArray(reply)) held.add(one.op);
      trace.push(`${JSON.stringify(one)} → ${JSON.stringify(reply)}`);
      expect([trace.slice(-12).join('\n'), modelReply]).toEqual([trace.slice(-12).join('\n'), reply]);
    }
    // The walk made progress: some writes succeeded.
    expect([...held].sort()).toEqual(
      expect.arrayContaining(['apply', 'closeLease', 'readDirty', 'readPage', 'writePage']),
    );
  },
  120_000,
);
