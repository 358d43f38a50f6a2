-- Closes every lease under a prefix, in the order in which a revocation locks them. It raises their tokens, so that
-- no write in flight can take effect.
WITH locked AS (
  SELECT scope FROM sluice.lease WHERE starts_with(scope, :prefix) ORDER BY scope FOR UPDATE
)
UPDATE sluice.lease AS l SET token = l.token + 1, open = false FROM locked WHERE l.scope = locked.scope
