/** Fragments that name types the same way for every login: `format_type` alone depends on the search_path. */

/** SQL for the name of the type in alias `type`, whose schema is in alias `schema`, with the modifier in `modifier`. */
const nameOf = (
  type: string,
  schema: string,
  modifier: string,
): string => `CASE WHEN ${schema}.nspname = 'pg_catalog'
    THEN format_type(${type}.oid, ${modifier})
    ELSE quote_ident(${schema}.nspname) || '.' || quote_ident(${type}.typname)
      || substr(format_type(${type}.oid, ${modifier}), length(format_type(${type}.oid, -1)) + 1) END`;

/**
 * A lateral over the oid `oid` and the modifier `modifier`, aliased as `alias`: full_name, plain_name. Without its
 * modifier `character` would mean `character(1)`: -1 gives `bpchar`, which takes any length. Arrays that are stored plain
 * (int2vector, oidvector) have names of their own.
 */
export const typeNames = (alias: string, oid: string, modifier: string): string => `CROSS JOIN LATERAL (
  SELECT named.full_name || named.suffix AS full_name, named.plain_name || named.suffix AS plain_name
  FROM (
    SELECT ${nameOf('y', 'yn', modifier)} AS full_name, ${nameOf('y', 'yn', '-1')} AS plain_name,
      CASE WHEN y.oid = x.oid THEN '' ELSE '[]' END AS suffix
    FROM pg_catalog.pg_type AS x
    JOIN pg_catalog.pg_type AS y ON y.oid = CASE WHEN ${isArray('x')} AND x.typstorage <> 'p' THEN x.typelem ELSE x.oid END
    JOIN pg_catalog.pg_namespace AS yn ON yn.oid = y.typnamespace
    WHERE x.oid = ${oid}
  ) AS named
) AS ${alias}`;

/** SQL for whether the type in an alias is an array, as the server itself decides it. */
export const isArray = (type: string): string =>
  `(${type}.typelem <> 0 AND ${type}.typsubscript = 'pg_catalog.array_subscript_handler'::regproc)`;

/** SQL for `pg_type.typtype` of the type in an alias, in words. */
export const kindOf = (type: string): string =>
  `CASE ${type}.typtype WHEN 'b' THEN 'base' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum'
    WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' ELSE 'pseudo' END`;

/**
 * A lateral over the type `oid` with the modifier `modifier`, aliased as `alias`: one row per level of domains and arrays
 * is walked down to what the values are made of: the last level's oid, modifier and array_levels; of the domains on the
 * way, base_oid (the first that is no domain), refuses_null and has_default.
 */
export const valueOf = (alias: string, oid: string, modifier: string): string => `CROSS JOIN LATERAL (
  WITH RECURSIVE level AS (
    SELECT 0 AS depth, y.oid, ${modifier} AS modifier, 0 AS array_levels, y.typtype = 'd' AS is_domain,
      ${isArray('y')} AS is_array, y.typbasetype, y.typelem, y.typtypmod, y.typtype = 'd' AND y.typnotnull AS refuses_null,
      y.typtype = 'd' AND y.typdefault IS NOT NULL AS has_default
    FROM pg_catalog.pg_type AS y WHERE y.oid = ${oid}
    UNION ALL
    SELECT l.depth + 1, y.oid, CASE WHEN l.is_domain THEN l.typtypmod ELSE l.modifier END,
      l.array_levels + CASE WHEN l.is_array THEN 1 ELSE 0 END, y.typtype = 'd', ${isArray('y')}, y.typbasetype, y.typelem,
      y.typtypmod,
      l.array_levels = 0 AND NOT l.is_array AND y.typtype = 'd' AND y.typnotnull,
      l.array_levels = 0 AND NOT l.is_array AND y.typtype = 'd' AND y.typdefault IS NOT NULL
    FROM level AS l
    JOIN pg_catalog.pg_type AS y
      ON y.oid = CASE WHEN l.is_domain THEN l.typbasetype WHEN l.is_array THEN l.typelem END
  )
  SELECT
    (array_agg(level.oid ORDER BY level.depth DESC))[1] AS oid,
    (array_agg(level.modifier ORDER BY level.depth DESC))[1] AS modifier,
    max(level.array_levels) AS array_levels,
    (array_agg(level.oid ORDER BY level.depth) FILTER (WHERE NOT level.is_domain))[1] AS base_oid,
    bool_or(level.refuses_null) AS refuses_null,
    bool_or(level.has_default) AS has_default
  FROM level
) AS ${alias}`;
