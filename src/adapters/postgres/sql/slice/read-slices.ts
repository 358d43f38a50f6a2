import { type Layout, sentColumns } from '../../../../core/layout';
import { fromKey, keyCompare } from '../key';
import { fromFilter, fromText } from '../projection';

/**
 * Builds the query for parts `:from` up to, without, `:to` of one column's text, as base64 of its UTF-8 bytes. OFFSET 0 makes
 * the server convert the text once, not per part.
 */
export function readSlicesSql(layout: Layout, attribute: number): string {
  const key = fromKey(layout);
  const text = fromText(sentColumns(layout)[attribute]!);
  return `SELECT s.part, translate(encode(substring(v.bytes FROM s.part * CAST(:partBytes AS integer) + 1
    FOR CAST(:partBytes AS integer)), 'base64'), E'\\n', '') AS data
FROM (SELECT convert_to(${text}, 'UTF8') AS bytes FROM ${key.table} AS t
  WHERE (SELECT sluice.assert_source_session()) AND ${keyCompare(key, '=', 'key')} AND ${fromFilter(layout)}
  OFFSET 0) AS v,
  generate_series(CAST(:from AS integer), CAST(:to AS integer) - 1) AS s(part)
ORDER BY s.part`;
}
