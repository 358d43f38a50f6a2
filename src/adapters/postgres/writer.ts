import { FencedOut } from '../../core/errors';
import { type Layout, sentColumns } from '../../core/layout';
import type { Applied, Change, Group, Key, KeyRange, Refusal, Ticket, Writer } from '../../core/ports';
import { joinLiterals } from './array-literal';
import type { Database, Parameters, Value } from './database';
import { refusal } from './refusal';
import { applyEachArguments } from './sql/apply/apply-each-arguments';
import { applyEachSql } from './sql/apply/apply-each';
import { applyRowsSql } from './sql/apply/apply-rows';
import { applyStagedSql } from './sql/apply/apply-staged';
import { parkRowSql } from './sql/apply/park-row';
import { placeKeysSql } from './sql/apply/place-keys';
import { toKey } from './sql/key';
import { SKIP_TO_APPLIER, SKIP_ROW, DROP_SLICES, STAGE_SLICES } from './sql/statements';
import { clearRangeSql } from './sql/page/clear-range';
import { writePageSql } from './sql/page/write-page';
import { moveStagedSql } from './sql/slice/move-staged';
import { writeAbsentRowsSql } from './sql/page/write-absent-rows';

const VERDICTS = { d: 'dropped', l: 'left', a: 'applied' } as const;

/** Writes the tables of one database, with the worker's login. Every write is one statement under a lease. */
export class DatabaseWriter implements Writer {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  async clearRange(layout: Layout, range: KeyRange, ticket: Ticket): Promise<boolean> {
    const { sql, parameters } = clearRangeSql(layout, toKey(layout), range);
    return this.held(sql, { ...parameters, ...ticket });
  }

  async writePage(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean> {
    return this.held(writePageSql(layout), pageParameters(layout, ticket, groups));
  }

  async writePageConcurrently(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean> {
    return this.held(writeAbsentRowsSql(layout), pageParameters(layout, ticket, groups));
  }

  async skipToApplier(ticket: Ticket, last: Key): Promise<boolean> {
    return this.held(SKIP_TO_APPLIER, { ...ticket, last });
  }

  async skipRow(ticket: Ticket, last: Key): Promise<boolean> {
    const rows = await this.database.query(SKIP_ROW, { ...ticket, last });
    return rows.length === 1;
  }

  async dropSlices(ticket: Ticket): Promise<boolean> {
    return this.held(DROP_SLICES, { ...ticket });
  }

  async stageSlices(
    ticket: Ticket,
    attribute: number,
    from: number,
    parts: readonly string[],
  ): Promise<boolean> {
    return this.held(STAGE_SLICES, { ...ticket, attribute, from, parts: JSON.stringify(parts) });
  }

  async moveStaged(layout: Layout, ticket: Ticket, last: Key): Promise<boolean> {
    return this.held(moveStagedSql(layout), { ...ticket, last });
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
      refused.map(([n, sqlState, constraint]) => [n - 1, refusal(sqlState, constraint)]),
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

  private async held(sql: string, parameters: Parameters): Promise<boolean> {
    const [row] = await this.database.query(sql, parameters);
    if (!row) throw new FencedOut('a fenced statement returned no row');
    return Number(row.held) === 1;
  }
}

const pageParameters = (layout: Layout, ticket: Ticket, groups: readonly Group[]): Parameters => ({
  ...ticket,
  last: groups.at(-1)!.last,
  ...Object.fromEntries(sentColumns(layout).map((_, index) => [`c${index}`, joinLiterals(groups, index)])),
});

const parametersOf = (prefix: string, ticket: Ticket, changes: readonly Change[]): Parameters => ({
  ...ticket,
  prefix,
  changes: JSON.stringify(changes.map(({ key, row }) => [key, row])),
});

const verdictsOf = (letters: Value | undefined) =>
  [...String(letters ?? '')].map((letter) => VERDICTS[letter as keyof typeof VERDICTS]);
