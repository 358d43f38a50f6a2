import type { Layout } from '../../core/layout';
import type { Applied, AppliedTable, Change, Key, Refusal, Ticket } from '../../core/ports';
import type { Parameters, Value } from './database';
import { DatabaseGuard } from './guard';
import {
  applyEachArguments,
  applyEachSql,
  applyRowsSql,
  applyStagedSql,
  parkRowSql,
  PLAN_PARTITION,
  placeKeysSql,
  READ_SKIPPED,
  READ_TOUCHES,
} from './sql/apply';

const VERDICTS = { d: 'dropped', l: 'left', a: 'applied' } as const;

/** The side that rows are written to, as appliers write to it. */
export class AppliedDatabase extends DatabaseGuard implements AppliedTable {
  async planPartition(scope: string): Promise<void> {
    await this.database.query(PLAN_PARTITION, { scope });
  }

  async placeKeys(
    layout: Layout,
    prefix: string,
    keys: readonly Key[],
  ): Promise<readonly ('dropped' | 'left' | 'closed')[]> {
    const [row] = await this.database.query(placeKeysSql(layout), { prefix, keys: JSON.stringify(keys) });
    return verdictsOf(row!.verdicts).map((verdict) => (verdict === 'applied' ? 'closed' : verdict));
  }

  async applyRows(
    layout: Layout,
    prefix: string,
    ticket: Ticket,
    changes: readonly Change[],
  ): Promise<readonly Applied[] | null> {
    const [row] = await this.database.query(applyRowsSql(layout), parametersOf(prefix, ticket, changes));
    return Number(row!.held) === 1 ? verdictsOf(row!.verdicts) : null;
  }

  async applyEach(
    layout: Layout,
    prefix: string,
    ticket: Ticket,
    changes: readonly Change[],
  ): Promise<readonly Applied[] | null> {
    const [row] = await this.database.query(applyEachSql(layout), {
      ...parametersOf(prefix, ticket, changes),
      ...applyEachArguments(layout),
    });
    if (Number(row!.held) !== 1) return null;
    const refused = JSON.parse(String(row!.refused ?? '[]')) as [number, string, string | null][];
    const refusals = new Map<number, Refusal>(
      refused.map(([n, sqlState, constraint]) => [n - 1, { sqlState, constraint }]),
    );
    return verdictsOf(row!.verdicts).map((verdict, index) => refusals.get(index) ?? verdict);
  }

  async applyStaged(layout: Layout, prefix: string, ticket: Ticket, key: Key): Promise<Applied | null> {
    const [row] = await this.database.query(applyStagedSql(layout), { ...ticket, prefix, key });
    return Number(row!.held) === 1 ? verdictsOf(row!.verdicts)[0]! : null;
  }

  async parkRow(layout: Layout, prefix: string, ticket: Ticket, key: Key): Promise<Applied | null> {
    const { table, identity, settable, park } = applyEachArguments(layout);
    const parameters = {
      ...ticket,
      prefix,
      key,
      table: table!,
      identity: identity!,
      settable: settable!,
      park: park!,
    };
    const [row] = await this.database.query(parkRowSql(layout), parameters);
    return Number(row!.held) === 1 ? verdictsOf(row!.verdicts)[0]! : null;
  }

  async readSkipped(scope: string): Promise<readonly Key[]> {
    const keys: Key[] = [];
    for (let after = '0'; ;) {
      const rows = await this.database.query(READ_SKIPPED, { scope, after });
      if (rows.length === 0) return keys;
      keys.push(...rows.map((row) => String(row.key)));
      after = String(rows.at(-1)!.id);
    }
  }

  async touches(prefix: string): Promise<ReadonlyMap<number, number>> {
    const rows = await this.database.query(READ_TOUCHES, { prefix });
    return new Map(rows.map((row) => [Number(row.chunk), Number(row.times)]));
  }
}

const parametersOf = (prefix: string, ticket: Ticket, changes: readonly Change[]): Parameters => ({
  ...ticket,
  prefix,
  changes: JSON.stringify(changes.map(({ key, row }) => [key, row])),
});

const verdictsOf = (letters: Value | undefined) =>
  [...String(letters ?? '')].map((letter) => VERDICTS[letter as keyof typeof VERDICTS]);
