import { kindOf, typeNames, valueOf } from './catalog-types';

/** What `default` stands for, from columns of pg_database that differ between versions 14, 15 and 17. */
const DATABASE_COLLATION = `SELECT coalesce(j ->> 'datlocprovider', 'c') AS provider,
    CASE WHEN coalesce(j ->> 'datlocprovider', 'c') = 'c' THEN j ->> 'datcollate'
      ELSE coalesce(j ->> 'datlocale', j ->> 'daticulocale') END AS locale,
    j ->> 'daticurules' AS rules
  FROM (SELECT to_jsonb(d) AS j FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()) AS raw`;

/** Version 14 knows the version of the database's own collation only through a collation of the same locale. */
const COLLATION = `json_build_object(
    'name', CASE WHEN co.collprovider = 'd' THEN db.locale ELSE co.collname::text END,
    'provider', CASE CASE WHEN co.collprovider = 'd' THEN db.provider ELSE co.collprovider::text END
      WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'unknown' END,
    'locale', CASE WHEN co.collprovider = 'd' THEN concat(db.locale, ' ' || db.rules)
      ELSE concat(coalesce(to_jsonb(co) ->> 'colllocale', to_jsonb(co) ->> 'colliculocale', to_jsonb(co) ->> 'collcollate'),
        ' ' || (to_jsonb(co) ->> 'collicurules')) END,
    'deterministic', co.collisdeterministic,
    'version', coalesce(pg_collation_actual_version(co.oid), CASE WHEN co.collprovider = 'd' AND db.provider = 'c' THEN (
      SELECT max(pg_collation_actual_version(same.oid)) FROM pg_catalog.pg_collation AS same
      WHERE same.collprovider = 'c' AND same.collcollate = db.locale) END))`;

const ORDERABLE = `(vt.typtype IN ('e', 'r', 'm', 'c') OR EXISTS (
    SELECT FROM pg_catalog.pg_opclass AS oc JOIN pg_catalog.pg_am AS am ON am.oid = oc.opcmethod
    WHERE am.amname = 'btree' AND oc.opcdefault AND (oc.opcintype = vt.oid OR EXISTS (
      SELECT FROM pg_catalog.pg_cast AS cs
      WHERE cs.castsource = vt.oid AND cs.casttarget = oc.opcintype AND cs.castmethod = 'b' AND cs.castcontext = 'i'))))`;

/** The sequence that a column owns, or else one that its default draws from. */
const SEQUENCE = `LEFT JOIN LATERAL (
  SELECT s.oid, quote_ident(sn.nspname) || '.' || quote_ident(s.relname) AS name
  FROM (
    SELECT d.objid, 0 AS rank FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
    UNION ALL
    SELECT d.refobjid, 1 FROM pg_catalog.pg_attrdef AS ad
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = ad.oid
      AND d.refclassid = 'pg_catalog.pg_class'::regclass
    WHERE ad.adrelid = a.attrelid AND ad.adnum = a.attnum
  ) AS found
  JOIN pg_catalog.pg_class AS s ON s.oid = found.objid AND s.relkind = 'S'
  JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.relnamespace
  ORDER BY found.rank, s.oid LIMIT 1
) AS sq ON true`;

/** Rows (oid, kind, facts) of the columns of the tables in `wanted`, in the tables' order. */
export const COLUMN_ROWS = `SELECT wanted.oid, 'column' AS kind, a.attnum::int8 AS position, json_build_object(
  'name', a.attname,
  'type', own.full_name,
  'plainType', own.plain_name,
  'kind', ${kindOf('t')},
  'baseType', base.plain_name,
  'isArray', v.array_levels > 0,
  'hasArrayType', t.typarray <> 0,
  'delimiter', t.typdelim::text,
  'notNull', a.attnotnull AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS nn
    WHERE nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum] AND NOT nn.convalidated),
  'refusesNull', a.attnotnull OR v.refuses_null,
  'hasDefault', (a.atthasdef AND a.attgenerated = '') OR v.has_default,
  'generated', a.attgenerated <> '',
  'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
  'collation', CASE WHEN co.oid IS NOT NULL THEN ${COLLATION} END,
  'sequence', sq.name,
  'maySetSequence', sq.oid IS NULL OR (has_sequence_privilege(sq.oid, 'SELECT') AND has_sequence_privilege(sq.oid, 'UPDATE')),
  'value', json_build_object(
    'oid', vt.oid::text,
    'type', value.plain_name,
    'typeName', vt.typname,
    'modifier', v.modifier,
    'arrayLevels', v.array_levels,
    'kind', ${kindOf('vt')},
    'attributes', CASE WHEN vt.typtype = 'c' THEN (
      SELECT json_agg(quote_ident(ca.attname) || ' ' || attribute.full_name ORDER BY ca.attnum)
      FROM pg_catalog.pg_attribute AS ca ${typeNames('attribute', 'ca.atttypid', 'ca.atttypmod')}
      WHERE ca.attrelid = vt.typrelid AND ca.attnum > 0 AND NOT ca.attisdropped) END,
    'extension', (
      SELECT x.extname FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS x ON x.oid = d.refobjid
      WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = vt.oid
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e' LIMIT 1),
    'orderable', ${ORDERABLE})
)::text AS facts
FROM wanted
CROSS JOIN (${DATABASE_COLLATION}) AS db
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = wanted.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = a.attcollation
${valueOf('v', 't.oid', 'a.atttypmod')}
JOIN pg_catalog.pg_type AS vt ON vt.oid = v.oid
${typeNames('own', 't.oid', 'a.atttypmod')}
${typeNames('base', 'v.base_oid', '-1')}
${typeNames('value', 'v.oid', '-1')}
${SEQUENCE}`;

/** Labels of the enums of these columns, some hundred a row: an enum may have more than one row may carry. */
export const LABEL_ROWS = `SELECT labels.enumtypid, 'labels', labels.part, json_agg(labels.enumlabel ORDER BY labels.enumsortorder)::text
FROM (
  SELECT e.enumtypid, e.enumlabel, e.enumsortorder,
    (row_number() OVER (PARTITION BY e.enumtypid ORDER BY e.enumsortorder) - 1) / 400 AS part
  FROM pg_catalog.pg_enum AS e
  WHERE e.enumtypid IN (
    SELECT v.oid FROM wanted
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = wanted.oid AND a.attnum > 0 AND NOT a.attisdropped
    ${valueOf('v', 'a.atttypid', 'a.atttypmod')})
) AS labels
GROUP BY labels.enumtypid, labels.part`;
