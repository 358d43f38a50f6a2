import { quoteTable } from '../../../../core/identifier';
import { type Layout } from '../../../../core/layout';
import type { KeyRange } from '../../../../core/ports';
import { rangeCondition, type KeySide } from '../key';

/** Builds the statement that deletes the target's rows in a chunk's range, under its lease, before the chunk is copied. */
export function clearRangeSql(
  layout: Layout,
  key: KeySide,
  range: KeyRange,
): { sql: string; parameters: Record<string, string> } {
  const { condition, parameters } = rangeCondition(key, range);
  const sql = `WITH fence AS (
  UPDATE sluice.lease SET seq = :seq, cursor = NULL
  WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open AND (SELECT sluice.assert_target_session())
  RETURNING 1
), cleared AS (
  DELETE FROM ${quoteTable(layout.to)} AS t USING fence WHERE ${condition}
), forgotten AS (
  DELETE FROM sluice.skipped AS s USING fence WHERE s.scope = :scope
)
SELECT count(*) AS held FROM fence`;
  return { sql, parameters };
}
