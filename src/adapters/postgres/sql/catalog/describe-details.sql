-- Describes the tables whose oids are in parameter `oids`, a JSON array of texts. Result: rows (oid, kind, facts).
-- Every column, index, foreign key and firing trigger has a separate row, so that no row exceeds the Data API's
-- limit. OFFSET 0 shortens the planning: the planner does not reorder those joins with the others.
WITH wanted AS MATERIALIZED (
  SELECT CAST(w.item AS oid) AS oid FROM json_array_elements_text(CAST(:oids AS json)) AS w(item)
)
SELECT d.oid::text AS oid, d.kind AS kind, d.facts AS facts
FROM (
SELECT wanted.oid, 'column' AS kind, a.attnum::int8 AS position, json_build_object(
  'name', a.attname,
  'type', own.full_name,
  'plainType', own.plain_name,
  'kind', CASE t.typtype WHEN 'b' THEN 'base' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum'
    WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' ELSE 'pseudo' END,
  'baseType', base.plain_name,
  'isArray', v.array_levels > 0,
  'castsFromText', (
    SELECT coalesce(json_agg(json_build_object('cast', format('CAST (text AS %s)', cs.casttarget::regtype), 'calls', cs.castfunc::regproc)), '[]')
    FROM pg_catalog.pg_cast AS cs JOIN pg_catalog.pg_proc AS cf ON cf.oid = cs.castfunc
    JOIN pg_catalog.pg_language AS cl ON cl.oid = cf.prolang
    WHERE cs.castsource = 'pg_catalog.text'::regtype AND cl.lanname NOT IN ('internal', 'c')
      AND (cs.casttarget = v.base_oid OR cs.casttarget IN (
        SELECT e.typarray FROM pg_catalog.pg_type AS e WHERE e.oid IN (v.base_oid, t.oid)))),
  'implicitCasts', (
    SELECT coalesce(json_agg(format('CAST (%s AS %s)', cs.castsource::regtype, cs.casttarget::regtype)), '[]')
    FROM pg_catalog.pg_cast AS cs WHERE cs.castsource = v.base_oid AND cs.castcontext = 'i' AND cs.castmethod <> 'b' AND cs.oid >= 16384),
  'hasArrayType', t.typarray <> 0,
  'delimiter', t.typdelim::text,
  'notNull', a.attnotnull AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS nn
    WHERE nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum] AND NOT nn.convalidated),
  'refusesNull', a.attnotnull OR v.refuses_null,
  'hasDefault', (a.atthasdef AND a.attgenerated = '') OR v.has_default,
  'generated', a.attgenerated <> '',
  'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
  'collation', CASE WHEN co.oid IS NOT NULL THEN json_build_object(
    'name', CASE WHEN co.collprovider = 'd' THEN db.locale ELSE co.collname::text END,
    'provider', CASE CASE WHEN co.collprovider = 'd' THEN db.provider ELSE co.collprovider::text END
      WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'unknown' END,
    'locale', CASE WHEN co.collprovider = 'd' THEN concat(db.locale, ' ' || db.rules)
      ELSE concat(coalesce(to_jsonb(co) ->> 'colllocale', to_jsonb(co) ->> 'colliculocale', to_jsonb(co) ->> 'collcollate'),
        ' ' || (to_jsonb(co) ->> 'collicurules')) END,
    'deterministic', co.collisdeterministic,
    'version', coalesce(pg_collation_actual_version(co.oid), CASE WHEN co.collprovider = 'd' AND db.provider = 'c' THEN (
      SELECT max(pg_collation_actual_version(same.oid)) FROM pg_catalog.pg_collation AS same
      WHERE same.collprovider = 'c' AND same.collcollate = db.locale) END)) END,
  'sequence', sq.name,
  'maySetSequence', sq.oid IS NULL OR (has_sequence_privilege(sq.oid, 'SELECT') AND has_sequence_privilege(sq.oid, 'UPDATE')),
  'value', json_build_object(
    'oid', vt.oid::text,
    'type', value.plain_name,
    'typeName', vt.typname,
    'modifier', v.modifier,
    'arrayLevels', v.array_levels,
    'kind', CASE vt.typtype WHEN 'b' THEN 'base' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum'
    WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' ELSE 'pseudo' END,
    'attributes', CASE WHEN vt.typtype = 'c' THEN (
      SELECT json_agg(quote_ident(ca.attname) || ' ' || attribute.full_name ORDER BY ca.attnum)
      FROM pg_catalog.pg_attribute AS ca CROSS JOIN LATERAL (
  SELECT named.full_name || named.suffix AS full_name, named.plain_name || named.suffix AS plain_name
  FROM (
    SELECT CASE WHEN yn.nspname = 'pg_catalog'
    THEN format_type(y.oid, ca.atttypmod)
    ELSE quote_ident(yn.nspname) || '.' || quote_ident(y.typname)
      || substr(format_type(y.oid, ca.atttypmod), length(format_type(y.oid, -1)) + 1) END AS full_name, CASE WHEN yn.nspname = 'pg_catalog'
    THEN format_type(y.oid, -1)
    ELSE quote_ident(yn.nspname) || '.' || quote_ident(y.typname)
      || substr(format_type(y.oid, -1), length(format_type(y.oid, -1)) + 1) END AS plain_name,
      CASE WHEN y.oid = x.oid THEN '' ELSE '[]' END AS suffix
    FROM pg_catalog.pg_type AS x
    JOIN pg_catalog.pg_type AS y ON y.oid = CASE WHEN (x.typelem <> 0 AND x.typsubscript = 'pg_catalog.array_subscript_handler'::regproc) AND x.typstorage <> 'p' THEN x.typelem ELSE x.oid END
    JOIN pg_catalog.pg_namespace AS yn ON yn.oid = y.typnamespace
    WHERE x.oid = ca.atttypid
    OFFSET 0
  ) AS named
) AS attribute
      WHERE ca.attrelid = vt.typrelid AND ca.attnum > 0 AND NOT ca.attisdropped) END,
    'extension', (
      SELECT x.extname FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS x ON x.oid = d.refobjid
      WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = vt.oid
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e' LIMIT 1),
    'orderable', (vt.typtype IN ('e', 'r', 'm', 'c') OR EXISTS (
    SELECT FROM pg_catalog.pg_opclass AS oc JOIN pg_catalog.pg_am AS am ON am.oid = oc.opcmethod
    WHERE am.amname = 'btree' AND oc.opcdefault AND (oc.opcintype = vt.oid OR EXISTS (
      SELECT FROM pg_catalog.pg_cast AS cs
      WHERE cs.castsource = vt.oid AND cs.casttarget = oc.opcintype AND cs.castmethod = 'b' AND cs.castcontext = 'i')))))
)::text AS facts
FROM wanted
CROSS JOIN (SELECT coalesce(j ->> 'datlocprovider', 'c') AS provider,
    CASE WHEN coalesce(j ->> 'datlocprovider', 'c') = 'c' THEN j ->> 'datcollate'
      ELSE coalesce(j ->> 'datlocale', j ->> 'daticulocale') END AS locale,
    j ->> 'daticurules' AS rules
  FROM (SELECT to_jsonb(d) AS j FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()) AS raw) AS db
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = wanted.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = a.attcollation
CROSS JOIN LATERAL (
  WITH RECURSIVE level AS (
    SELECT 0 AS depth, y.oid, a.atttypmod AS modifier, 0 AS array_levels, y.typtype = 'd' AS is_domain,
      (y.typelem <> 0 AND y.typsubscript = 'pg_catalog.array_subscript_handler'::regproc) AS is_array, y.typbasetype, y.typelem, y.typtypmod, y.typtype = 'd' AND y.typnotnull AS refuses_null,
      y.typtype = 'd' AND y.typdefault IS NOT NULL AS has_default
    FROM pg_catalog.pg_type AS y WHERE y.oid = t.oid
    UNION ALL
    SELECT l.depth + 1, y.oid, CASE WHEN l.is_domain THEN l.typtypmod ELSE l.modifier END,
      l.array_levels + CASE WHEN l.is_array THEN 1 ELSE 0 END, y.typtype = 'd', (y.typelem <> 0 AND y.typsubscript = 'pg_catalog.array_subscript_handler'::regproc), y.typbasetype, y.typelem,
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
) AS v
JOIN pg_catalog.pg_type AS vt ON vt.oid = v.oid
CROSS JOIN LATERAL (
  SELECT named.full_name || named.suffix AS full_name, named.plain_name || named.suffix AS plain_name
  FROM (
    SELECT CASE WHEN yn.nspname = 'pg_catalog'
    THEN format_type(y.oid, a.atttypmod)
    ELSE quote_ident(yn.nspname) || '.' || quote_ident(y.typname)
      || substr(format_type(y.oid, a.atttypmod), length(format_type(y.oid, -1)) + 1) END AS full_name, CASE WHEN yn.nspname = 'pg_catalog'
    THEN format_type(y.oid, -1)
    ELSE quote_ident(yn.nspname) || '.' || quote_ident(y.typname)
      || substr(format_type(y.oid, -1), length(format_type(y.oid, -1)) + 1) END AS plain_name,
      CASE WHEN y.oid = x.oid THEN '' ELSE '[]' END AS suffix
    FROM pg_catalog.pg_type AS x
    JOIN pg_catalog.pg_type AS y ON y.oid = CASE WHEN (x.typelem <> 0 AND x.typsubscript = 'pg_catalog.array_subscript_handler'::regproc) AND x.typstorage <> 'p' THEN x.typelem ELSE x.oid END
    JOIN pg_catalog.pg_namespace AS yn ON yn.oid = y.typnamespace
    WHERE x.oid = t.oid
    OFFSET 0
  ) AS named
) AS own
CROSS JOIN LATERAL (
  SELECT named.full_name || named.suffix AS full_name, named.plain_name || named.suffix AS plain_name
  FROM (
    SELECT CASE WHEN yn.nspname = 'pg_catalog'
    THEN format_type(y.oid, -1)
    ELSE quote_ident(yn.nspname) || '.' || quote_ident(y.typname)
      || substr(format_type(y.oid, -1), length(format_type(y.oid, -1)) + 1) END AS full_name, CASE WHEN yn.nspname = 'pg_catalog'
    THEN format_type(y.oid, -1)
    ELSE quote_ident(yn.nspname) || '.' || quote_ident(y.typname)
      || substr(format_type(y.oid, -1), length(format_type(y.oid, -1)) + 1) END AS plain_name,
      CASE WHEN y.oid = x.oid THEN '' ELSE '[]' END AS suffix
    FROM pg_catalog.pg_type AS x
    JOIN pg_catalog.pg_type AS y ON y.oid = CASE WHEN (x.typelem <> 0 AND x.typsubscript = 'pg_catalog.array_subscript_handler'::regproc) AND x.typstorage <> 'p' THEN x.typelem ELSE x.oid END
    JOIN pg_catalog.pg_namespace AS yn ON yn.oid = y.typnamespace
    WHERE x.oid = v.base_oid
    OFFSET 0
  ) AS named
) AS base
CROSS JOIN LATERAL (
  SELECT named.full_name || named.suffix AS full_name, named.plain_name || named.suffix AS plain_name
  FROM (
    SELECT CASE WHEN yn.nspname = 'pg_catalog'
    THEN format_type(y.oid, -1)
    ELSE quote_ident(yn.nspname) || '.' || quote_ident(y.typname)
      || substr(format_type(y.oid, -1), length(format_type(y.oid, -1)) + 1) END AS full_name, CASE WHEN yn.nspname = 'pg_catalog'
    THEN format_type(y.oid, -1)
    ELSE quote_ident(yn.nspname) || '.' || quote_ident(y.typname)
      || substr(format_type(y.oid, -1), length(format_type(y.oid, -1)) + 1) END AS plain_name,
      CASE WHEN y.oid = x.oid THEN '' ELSE '[]' END AS suffix
    FROM pg_catalog.pg_type AS x
    JOIN pg_catalog.pg_type AS y ON y.oid = CASE WHEN (x.typelem <> 0 AND x.typsubscript = 'pg_catalog.array_subscript_handler'::regproc) AND x.typstorage <> 'p' THEN x.typelem ELSE x.oid END
    JOIN pg_catalog.pg_namespace AS yn ON yn.oid = y.typnamespace
    WHERE x.oid = v.oid
    OFFSET 0
  ) AS named
) AS value
LEFT JOIN LATERAL (
  SELECT s.oid, quote_ident(sn.nspname) || '.' || quote_ident(s.relname) AS name
  FROM (
    SELECT d.objid, 1 AS rank FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
    UNION ALL
    SELECT d.refobjid, 0 FROM pg_catalog.pg_attrdef AS ad
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = ad.oid
      AND d.refclassid = 'pg_catalog.pg_class'::regclass
    WHERE ad.adrelid = a.attrelid AND ad.adnum = a.attnum
  ) AS found
  JOIN pg_catalog.pg_class AS s ON s.oid = found.objid AND s.relkind = 'S'
  JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.relnamespace
  ORDER BY found.rank, s.oid LIMIT 1
) AS sq ON true
UNION ALL
SELECT labels.enumtypid, 'labels', labels.part, json_agg(labels.enumlabel ORDER BY labels.enumsortorder)::text
FROM (
  SELECT e.enumtypid, e.enumlabel, e.enumsortorder,
    (row_number() OVER (PARTITION BY e.enumtypid ORDER BY e.enumsortorder) - 1) / 400 AS part
  FROM pg_catalog.pg_enum AS e
  WHERE e.enumtypid IN (
    SELECT v.oid FROM wanted
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = wanted.oid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL (
  WITH RECURSIVE level AS (
    SELECT 0 AS depth, y.oid, a.atttypmod AS modifier, 0 AS array_levels, y.typtype = 'd' AS is_domain,
      (y.typelem <> 0 AND y.typsubscript = 'pg_catalog.array_subscript_handler'::regproc) AS is_array, y.typbasetype, y.typelem, y.typtypmod, y.typtype = 'd' AND y.typnotnull AS refuses_null,
      y.typtype = 'd' AND y.typdefault IS NOT NULL AS has_default
    FROM pg_catalog.pg_type AS y WHERE y.oid = a.atttypid
    UNION ALL
    SELECT l.depth + 1, y.oid, CASE WHEN l.is_domain THEN l.typtypmod ELSE l.modifier END,
      l.array_levels + CASE WHEN l.is_array THEN 1 ELSE 0 END, y.typtype = 'd', (y.typelem <> 0 AND y.typsubscript = 'pg_catalog.array_subscript_handler'::regproc), y.typbasetype, y.typelem,
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
) AS v)
) AS labels
GROUP BY labels.enumtypid, labels.part
UNION ALL
SELECT wanted.oid, 'index', 0, json_build_object(
  'name', ic.relname,
  'columns', k.columns,
  'unique', i.indisunique AND NOT i.indisexclusion,
  'primary', i.indisprimary,
  'partial', i.indpred IS NOT NULL,
  'usable', am.amname = 'btree' AND i.indisvalid AND i.indisready AND i.indislive AND i.indimmediate AND k.ordered,
  'valid', i.indisvalid,
  'deferrable', NOT i.indimmediate,
  'exclusion', i.indisexclusion
)::text
FROM wanted
JOIN pg_catalog.pg_index AS i ON i.indrelid = wanted.oid
JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am AS am ON am.oid = ic.relam
CROSS JOIN LATERAL (
  SELECT json_agg(a.attname ORDER BY u.n) AS columns,
    bool_and(i.indclass[u.n - 1] IN (
        SELECT oc.oid FROM pg_catalog.pg_opclass AS oc WHERE oc.opcdefault OR oc.opcname = 'varchar_ops')
      AND (a.attname IS NULL OR i.indcollation[u.n - 1] = a.attcollation))
      AND count(DISTINCT i.indoption[u.n - 1] & 1) = 1 AS ordered
  FROM generate_series(1, i.indnkeyatts) AS u(n)
  LEFT JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = i.indrelid AND a.attnum = i.indkey[u.n - 1] AND i.indkey[u.n - 1] <> 0
) AS k
UNION ALL
SELECT wanted.oid, end_of.kind, 0, json_build_object(
  'name', con.conname,
  'from', json_build_object('schema', fn.nspname, 'name', fc.relname),
  'to', json_build_object('schema', tn.nspname, 'name', tc.relname),
  'ofPartition', (SELECT json_build_object('schema', n.nspname, 'name', c.relname)
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = con.conrelid AND c.oid <> fc.oid),
  'toPartition', (SELECT json_build_object('schema', n.nspname, 'name', c.relname)
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = con.confrelid AND c.oid <> tc.oid),
  'columns', (
    SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(con.conkey) WITH ORDINALITY AS u(attnum, n)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = u.attnum),
  'referencedColumns', (
    SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(con.confkey) WITH ORDINALITY AS u(attnum, n)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.confrelid AND a.attnum = u.attnum),
  'comparisons', (
    SELECT json_agg(json_build_object(
      'operator', format('OPERATOR(%I.%s)', opn.nspname, op.oprname),
      'collation', CASE WHEN referenced.attcollation <> own.attcollation THEN format('%I.%I', cn.nspname, co.collname) END)
      ORDER BY u.n)
    FROM unnest(con.conpfeqop, con.conkey, con.confkey) WITH ORDINALITY AS u(operator, own, referenced, n)
    JOIN pg_catalog.pg_operator AS op ON op.oid = u.operator
    JOIN pg_catalog.pg_namespace AS opn ON opn.oid = op.oprnamespace
    JOIN pg_catalog.pg_attribute AS own ON own.attrelid = con.conrelid AND own.attnum = u.own
    JOIN pg_catalog.pg_attribute AS referenced ON referenced.attrelid = con.confrelid AND referenced.attnum = u.referenced
    LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = referenced.attcollation
    LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace),
  'temporal', coalesce((to_jsonb(con) ->> 'conperiod')::boolean, false),
  'validated', con.convalidated AND coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true),
  'enforced', con.convalidated AND coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgconstraint = con.oid AND t.tgenabled NOT IN ('O', 'A')),
  'cascades', con.confdeltype IN ('c', 'n', 'd') OR con.confupdtype IN ('c', 'n', 'd'),
  'mayReadParent', has_schema_privilege(tn.oid, 'USAGE') AND has_table_privilege(tc.oid, 'SELECT')
)::text
FROM wanted
CROSS JOIN (VALUES ('foreignKey'), ('referencedBy')) AS end_of(kind)
CROSS JOIN LATERAL (SELECT wanted.oid AS oid UNION SELECT p.relid::oid FROM pg_partition_tree(wanted.oid::regclass) AS p) AS member
JOIN pg_catalog.pg_constraint AS con ON con.contype = 'f' AND con.conparentid = 0
  AND member.oid = CASE end_of.kind WHEN 'foreignKey' THEN con.conrelid ELSE con.confrelid END
JOIN pg_catalog.pg_class AS fc ON fc.oid = coalesce(pg_partition_root(con.conrelid)::oid, con.conrelid)
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
JOIN pg_catalog.pg_class AS tc ON tc.oid = coalesce(pg_partition_root(con.confrelid)::oid, con.confrelid)
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace
UNION ALL
SELECT wanted.oid, 'check', 0, json_build_object(
  'name', con.conname,
  'column', CASE WHEN con.contype = 'n' THEN (SELECT a.attname FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = con.conrelid AND a.attnum = con.conkey[1]) END,
  'expression', pg_get_expr(con.conbin, con.conrelid),
  'validated', con.convalidated,
  'enforced', coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)
)::text
FROM wanted JOIN pg_catalog.pg_constraint AS con ON con.conrelid = wanted.oid
WHERE con.contype = 'c' OR (con.contype = 'n' AND NOT con.convalidated)
UNION ALL
SELECT wanted.oid, 'trigger', 0, to_json(fires.name)::text
FROM wanted
CROSS JOIN LATERAL (
  SELECT t.tgname AS name
  FROM (SELECT wanted.oid AS oid UNION SELECT p.relid::oid FROM pg_partition_tree(wanted.oid::regclass) AS p) AS l
  JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = l.oid
  WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R') AND NOT starts_with(t.tgname, 'sluice_guard')
  UNION
  SELECT r.rulename FROM pg_catalog.pg_rewrite AS r
  WHERE r.ev_class = wanted.oid AND r.ev_enabled IN ('A', 'R')
) AS fires
) AS d
ORDER BY d.oid, d.kind, d.position, d.facts
