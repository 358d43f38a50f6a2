import { type Layout } from '../../../../core/layout';
import { VERDICTS, placed } from './fragments';

/** Builds the query for the verdict on each key, without a write. `:keys` is a JSON array of keys. */
export const placeKeysSql = (layout: Layout): string => `WITH given AS MATERIALIZED (
  SELECT e.n, CAST(e.v AS text[]) AS key
  FROM jsonb_array_elements_text(CAST(:keys AS jsonb)) WITH ORDINALITY AS e(v, n)
  WHERE (SELECT sluice.assert_target_session())
), ${placed(layout)}
SELECT ${VERDICTS}`;
