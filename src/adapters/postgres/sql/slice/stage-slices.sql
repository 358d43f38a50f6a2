-- Stages parts of one value in the target database. It checks the lease without consuming a number, because staging
-- the same part twice has no further effect.
WITH fence AS (
  SELECT 1 FROM sluice.lease WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open FOR SHARE
), staged AS (
  INSERT INTO sluice.slice (scope, attribute, part, data)
  SELECT :scope, :attribute, CAST(:from AS integer) + e.n - 1, decode(e.data, 'base64')
  FROM fence, jsonb_array_elements_text(CAST(:parts AS jsonb)) WITH ORDINALITY AS e(data, n)
  ON CONFLICT (scope, attribute, part) DO UPDATE SET data = EXCLUDED.data
)
SELECT count(*) AS held FROM fence
