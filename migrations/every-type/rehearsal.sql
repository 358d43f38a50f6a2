-- Every built-in type that a column can have, their arrays, and types made from them, at their extremes.
-- `sluice.rows` / 100 rows (at least 64) in each table; `large` always holds the same few. The same rows and seed make the same
-- data. Needs PostgreSQL 14; values that later versions introduced are left out on older servers.

SET LOCAL client_min_messages = warning;
CREATE SCHEMA samples;
CREATE SCHEMA kinds;

CREATE TYPE kinds.mood AS ENUM ('sad', 'ok', 'happy', 'it''s "complicated", {really}', '');
CREATE DOMAIN kinds.cents AS bigint CHECK (VALUE >= -1000000000000);
CREATE DOMAIN kinds.small_list AS integer[] CHECK (cardinality(VALUE) <= 10);
CREATE DOMAIN kinds.short_code AS character varying(12) COLLATE "C";
CREATE TYPE kinds.word_range AS RANGE (subtype = text, collation = "C", multirange_type_name = kinds.word_multirange);
CREATE TYPE kinds.place AS (street text, "house number" integer, tags text[], feeling kinds.mood, at point);
CREATE TYPE kinds.visit AS (place kinds.place, during tstzrange, price kinds.cents, moods kinds.mood[]);

CREATE TABLE samples.scalars (
  id bigint PRIMARY KEY,
  v_bool boolean,
  v_smallint smallint,
  v_integer integer,
  v_bigint bigint,
  v_numeric numeric,
  v_numeric_scaled numeric(20, 6),
  v_real real,
  v_double double precision,
  v_money money,
  v_char_internal "char",
  v_name name,
  v_text text,
  v_varchar character varying,
  v_varchar_20 character varying(20),
  v_bpchar bpchar,
  v_char_5 character(5),
  v_bytea bytea,
  v_bit bit,
  v_bit_5 bit(5),
  v_varbit bit varying,
  v_varbit_20 bit varying(20),
  v_date date,
  v_time time,
  v_time_3 time(3),
  v_timetz time with time zone,
  v_timestamp timestamp,
  v_timestamp_0 timestamp(0),
  v_timestamptz timestamp with time zone,
  v_interval interval,
  v_interval_months interval year to month,
  v_uuid uuid,
  v_json json,
  v_jsonb jsonb,
  v_jsonpath jsonpath,
  v_xml xml,
  v_inet inet,
  v_cidr cidr,
  v_macaddr macaddr,
  v_macaddr8 macaddr8,
  v_point point,
  v_line line,
  v_lseg lseg,
  v_box box,
  v_path path,
  v_polygon polygon,
  v_circle circle,
  v_tsvector tsvector,
  v_tsquery tsquery,
  v_int4range int4range,
  v_int8range int8range,
  v_numrange numrange,
  v_daterange daterange,
  v_tsrange tsrange,
  v_tstzrange tstzrange,
  v_int4multirange int4multirange,
  v_int8multirange int8multirange,
  v_nummultirange nummultirange,
  v_datemultirange datemultirange,
  v_tsmultirange tsmultirange,
  v_tstzmultirange tstzmultirange,
  v_oid oid,
  v_xid xid,
  v_xid8 xid8,
  v_cid cid,
  v_tid tid,
  v_pg_lsn pg_lsn,
  v_pg_snapshot pg_snapshot,
  v_txid_snapshot txid_snapshot,
  v_regproc regproc,
  v_regprocedure regprocedure,
  v_regoper regoper,
  v_regoperator regoperator,
  v_regclass regclass,
  v_regtype regtype,
  v_regrole regrole,
  v_regnamespace regnamespace,
  v_regcollation regcollation,
  v_regconfig regconfig,
  v_regdictionary regdictionary,
  v_int2vector int2vector,
  v_oidvector oidvector,
  v_refcursor refcursor,
  v_aclitem aclitem
);

CREATE TABLE samples.arrays (
  kind text,
  id integer,
  PRIMARY KEY (kind, id),
  a_bool boolean[],
  a_smallint smallint[],
  a_integer integer[],
  a_bigint bigint[],
  a_numeric numeric[],
  a_numeric_scaled numeric(20, 6)[],
  a_real real[],
  a_double double precision[],
  a_money money[],
  a_char_internal "char"[],
  a_name name[],
  a_text text[],
  a_varchar character varying[],
  a_varchar_20 character varying(20)[],
  a_bpchar bpchar[],
  a_char_5 character(5)[],
  a_bytea bytea[],
  a_bit bit[],
  a_bit_5 bit(5)[],
  a_varbit bit varying[],
  a_varbit_20 bit varying(20)[],
  a_date date[],
  a_time time[],
  a_time_3 time(3)[],
  a_timetz time with time zone[],
  a_timestamp timestamp[],
  a_timestamp_0 timestamp(0)[],
  a_timestamptz timestamp with time zone[],
  a_interval interval[],
  a_interval_months interval year to month[],
  a_uuid uuid[],
  a_json json[],
  a_jsonb jsonb[],
  a_jsonpath jsonpath[],
  a_xml xml[],
  a_inet inet[],
  a_cidr cidr[],
  a_macaddr macaddr[],
  a_macaddr8 macaddr8[],
  a_point point[],
  a_line line[],
  a_lseg lseg[],
  a_box box[],
  a_path path[],
  a_polygon polygon[],
  a_circle circle[],
  a_tsvector tsvector[],
  a_tsquery tsquery[],
  a_int4range int4range[],
  a_int8range int8range[],
  a_numrange numrange[],
  a_daterange daterange[],
  a_tsrange tsrange[],
  a_tstzrange tstzrange[],
  a_int4multirange int4multirange[],
  a_int8multirange int8multirange[],
  a_nummultirange nummultirange[],
  a_datemultirange datemultirange[],
  a_tsmultirange tsmultirange[],
  a_tstzmultirange tstzmultirange[],
  a_oid oid[],
  a_xid xid[],
  a_xid8 xid8[],
  a_cid cid[],
  a_tid tid[],
  a_pg_lsn pg_lsn[],
  a_pg_snapshot pg_snapshot[],
  a_txid_snapshot txid_snapshot[],
  a_regproc regproc[],
  a_regprocedure regprocedure[],
  a_regoper regoper[],
  a_regoperator regoperator[],
  a_regclass regclass[],
  a_regtype regtype[],
  a_regrole regrole[],
  a_regnamespace regnamespace[],
  a_regcollation regcollation[],
  a_regconfig regconfig[],
  a_regdictionary regdictionary[],
  a_int2vector int2vector[],
  a_oidvector oidvector[],
  a_refcursor refcursor[],
  a_aclitem aclitem[]
);

CREATE TABLE samples.made (
  id uuid PRIMARY KEY,
  mood kinds.mood,
  moods kinds.mood[],
  cents kinds.cents,
  cents_list kinds.cents[],
  small_list kinds.small_list,
  small_lists kinds.small_list[],
  short_code kinds.short_code,
  word_range kinds.word_range,
  word_multirange kinds.word_multirange,
  word_ranges kinds.word_range[],
  place kinds.place,
  places kinds.place[],
  visit kinds.visit,
  visits kinds.visit[]
);

CREATE TABLE samples."Odd ""Names"", quoted" (
  "select" integer,
  "From" text COLLATE "C",
  "with space" text,
  "Ünï cödé 🦊" text,
  "a.b" integer,
  "say ""x""" boolean,
  PRIMARY KEY ("select", "From")
);

CREATE TABLE samples.large (
  id integer PRIMARY KEY,
  body text,
  bytes bytea,
  number numeric,
  document json,
  list text[]
);

-- Values by column, as text; each becomes a value of the column's type. NULL is added to all.
CREATE TEMP TABLE pool (position serial, name text, since integer, value text) ON COMMIT DROP;

CREATE FUNCTION pg_temp.pool(names text[], texts text[], since integer DEFAULT 14) RETURNS void LANGUAGE sql AS $$
  INSERT INTO pool (name, since, value) SELECT name, since, value FROM unnest(names) AS name, unnest(texts) AS value;
$$;

CREATE FUNCTION pg_temp.fill_pool() RETURNS void LANGUAGE plpgsql AS $fill$
DECLARE
  texts text[] = ARRAY[
    '', ' ', 'plain', 'NULL', 'null', '\N', '\', '\\', '"', '''', 'it''s "so"', '{a,b}', '{NULL}', '(1,"x")', '[1,2)', ',', ';', E'a\nb',
    E'\r\n', E'\t', E'\x01\x7f', 'é', U&'e\0301', 'ñ漢字', '🦊', '👩‍👩‍👧‍👦', '𝒳𐍈', U&'\FEFF bom', U&'\+10FFFF', '%s', ':name', '$1', '?', '--', '/*', ' padded '
  ];
BEGIN
  PERFORM pg_temp.pool('{bool}', '{t,f}');
  PERFORM pg_temp.pool('{smallint}', '{-32768,-1,0,1,32767}');
  PERFORM pg_temp.pool('{integer}', '{-2147483648,-1,0,1,2147483647}');
  PERFORM pg_temp.pool('{bigint}', '{-9223372036854775808,-9007199254740993,-1,0,1,9007199254740993,9223372036854775807}');
  PERFORM pg_temp.pool('{numeric}', ARRAY['0', '-0', '0.000', '1.10', '1.1', '-1e-100', '1e100', '123456789012345678901234567890.123456789',
    'NaN', 'Infinity', '-Infinity', '0.' || repeat('0', 200) || '1', repeat('9', 400)]);
  PERFORM pg_temp.pool('{numeric_scaled}', '{0,-0.000001,99999999999999.999999,-99999999999999.999999,NaN,1.500000}');
  PERFORM pg_temp.pool('{real}', '{0,-0,1e-45,-3.4028235e38,3.4028235e38,0.1,1.17549435e-38,16777217,NaN,Infinity,-Infinity}');
  PERFORM pg_temp.pool('{double}',
    '{0,-0,4.9e-324,-1.7976931348623157e308,1.7976931348623157e308,0.1,0.30000000000000004,9007199254740993,NaN,Infinity,-Infinity}');
  PERFORM pg_temp.pool('{money}', '{-92233720368547758.08,-0.01,0,0.01,92233720368547758.07}');
  PERFORM pg_temp.pool('{char_internal}', ARRAY['', 'a', ' ', '\', '"', '{', ',']);
  PERFORM pg_temp.pool('{char_internal}', ARRAY['\200', '\377'], 16);
  PERFORM pg_temp.pool('{name,text,varchar,varchar_20,bpchar,refcursor}', texts);
  PERFORM pg_temp.pool('{name}', ARRAY[repeat('n', 63), repeat('é', 31)]);
  PERFORM pg_temp.pool('{text,varchar}', ARRAY[repeat('abc\"{}', 200), repeat('🦊', 300)]);
  PERFORM pg_temp.pool('{varchar_20}', ARRAY[repeat('🦊', 20)]);
  PERFORM pg_temp.pool('{char_5}', ARRAY['', 'a', ' a ', 'é漢🦊', '\"{},', 'abcde', 'NULL']);
  PERFORM pg_temp.pool('{bytea}', ARRAY['', '\x00', '\x5c', '\x27', '\xff00fe', '\x5c785c78', '\x' || repeat('00ff80', 200)]);
  PERFORM pg_temp.pool('{bit}', '{0,1}');
  PERFORM pg_temp.pool('{bit_5}', '{00000,10101,11111}');
  PERFORM pg_temp.pool('{varbit,varbit_20}', ARRAY['', '0', '1', '10101010101010101']);
  PERFORM pg_temp.pool('{varbit}', ARRAY[repeat('10', 300)]);

  PERFORM pg_temp.pool('{date}', '{4713-11-24 BC,4713-01-01 BC,0001-12-31 BC,0001-01-01,1582-10-10,2000-02-29,5874897-12-31,infinity,-infinity}');
  PERFORM pg_temp.pool('{time,time_3}', '{00:00:00,23:59:59.999,24:00:00,12:00:00.001}');
  PERFORM pg_temp.pool('{time}', '{23:59:59.999999,00:00:00.000001}');
  PERFORM pg_temp.pool('{timetz}', '{00:00:00+15:59:59,24:00:00-15:59:59,12:34:56.789012+00,00:00:00.000001-03:30,23:59:59+05:45}');
  PERFORM pg_temp.pool('{timestamp,timestamptz}', '{4713-11-24 00:00:00 BC,0001-12-31 23:59:59.999999 BC,0001-01-01 00:00:00,1883-11-18 12:03:58,
    1969-12-31 23:59:59.999999,2000-01-01 00:00:00,2038-01-19 03:14:08,2024-03-31 01:30:00,294276-12-31 23:59:59.999999,infinity,-infinity}');
  PERFORM pg_temp.pool('{timestamp_0}', '{4713-11-24 00:00:00 BC,294276-12-31 23:59:59,infinity,-infinity,2016-12-31 23:59:59}');
  PERFORM pg_temp.pool('{interval}', '{0,178000000 years,-178000000 years,-1 mon +1 day -00:00:00.000001,1 day,24:00:00,30 days,1 mon,
    -2147483648 days,2562047788:00:54.775807,1 year -1 mon}');
  PERFORM pg_temp.pool('{interval}', '{infinity,-infinity}', 17);
  PERFORM pg_temp.pool('{interval_months}', '{0,1 year 2 mons,-1 mon,1000 years}');

  PERFORM pg_temp.pool('{uuid}',
    '{00000000-0000-0000-0000-000000000000,ffffffff-ffff-ffff-ffff-ffffffffffff,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}');
  PERFORM pg_temp.pool('{json,jsonb}', ARRAY['null', 'true', '0', '-0', '1.0', '1e3', '1.10', '123456789012345678901234567890.5', '""', '" "', '"\u00e9"',
    '"\ud83e\udd8a"', '"\\N \" / \n"', '{}', '[]', '[ ]', '{"a":1,"a":2}', '{ "b" : 1 , "a" :  [1,2 ,null] }', E'{\n\t"x": {"": null}\r\n}', '"🦊"', '  "spaced"  ',
    '[[[[]]]]']);
  PERFORM pg_temp.pool('{jsonpath}', ARRAY['$', '$.a[*] ? (@ > 1)', 'strict $."b c".**{2 to last}', '$[*].x.type()', '$ ? (@ like_regex "^a\\d" flag "i")', '"\""', 'lax -$.a + 1.5']);
  PERFORM pg_temp.pool('{xml}', ARRAY['', 'only text &amp; nothing', '<a/>', '<a b="1">é🦊<!-- c --><![CDATA[<x>&]]></a>', '<?xml version="1.0"?><r> </r>', '<a/><b/>', '&amp;&#10;']);

  PERFORM pg_temp.pool('{inet}', '{0.0.0.0/0,192.168.0.1/24,192.168.0.1,255.255.255.255,::,::1/128,::ffff:1.2.3.4,2001:db8::1/64}');
  PERFORM pg_temp.pool('{cidr}', '{0.0.0.0/0,10.0.0.0/8,192.168.0.1/32,::/0,2001:db8::/32}');
  PERFORM pg_temp.pool('{macaddr}', '{00:00:00:00:00:00,ff:ff:ff:ff:ff:ff,08:00:2b:01:02:03}');
  PERFORM pg_temp.pool('{macaddr8}', '{00:00:00:00:00:00:00:00,ff:ff:ff:ff:ff:ff:ff:ff,08:00:2b:01:02:03:04:05}');

  PERFORM pg_temp.pool('{point}', ARRAY['(0,0)', '(-0,-0)', '(0.1,0.30000000000000004)', '(NaN,Infinity)', '(1e-300,-1e300)']);
  PERFORM pg_temp.pool('{line}', ARRAY['{1,-1,0}', '{0,1,-0.1}', '{-1,0,1e300}']);
  PERFORM pg_temp.pool('{lseg}', ARRAY['[(0,0),(1,1)]', '[(-0.1,0.2),(NaN,Infinity)]']);
  PERFORM pg_temp.pool('{box}', ARRAY['(1,1),(0,0)', '(0.30000000000000004,1e300),(-1e300,-0.1)']);
  PERFORM pg_temp.pool('{path}', ARRAY['((0,0),(1,1),(2,0))', '[(0,0),(1,1)]', '[(0.1,0.2)]']);
  PERFORM pg_temp.pool('{polygon}', ARRAY['((0,0),(1,1),(2,0))', '((0.1,0.2))']);
  PERFORM pg_temp.pool('{circle}', ARRAY['<(0,0),0>', '<(0.1,-0.2),1e300>', '<(0,0),Infinity>']);
  PERFORM pg_temp.pool('{tsvector}', ARRAY['', '''a'':1A,2B ''b''', '''it''''s'' ''back\\slash'' ''🦊'':16383', 'fat cat']);
  PERFORM pg_temp.pool('{tsquery}', ARRAY['', '''a'' & !''b'' | ''c'':*AB', '''fat'' <2> ''cat''', '''it''''s'' <-> ''🦊''']);

  PERFORM pg_temp.pool('{int4range}', ARRAY['empty', '(,)', '[1,1]', '[-2147483648,2147483647)', '(,0)']);
  PERFORM pg_temp.pool('{int8range}', ARRAY['empty', '(,)', '[1,10)', '[-9223372036854775808,9223372036854775807)']);
  PERFORM pg_temp.pool('{numrange}', ARRAY['empty', '(,)', '(1.10,2.200]', '[-Infinity,Infinity]', '[0,NaN]']);
  PERFORM pg_temp.pool('{daterange}', ARRAY['empty', '[-infinity,infinity]', '[4713-11-24 BC,2000-01-01)', '(,2000-01-01)']);
  PERFORM pg_temp.pool('{tsrange,tstzrange}', ARRAY['empty', '(,)', '["2000-01-01 00:00:00.000001",infinity]', '("4713-11-24 00:00:00 BC","294276-12-31 23:59:59.999999"]']);
  PERFORM pg_temp.pool('{int4multirange}', ARRAY['{}', '{[1,3),[5,7)}', '{(,)}']);
  PERFORM pg_temp.pool('{int8multirange}', ARRAY['{}', '{(,-5),[0,9223372036854775807)}']);
  PERFORM pg_temp.pool('{nummultirange}', ARRAY['{}', '{[1.0,1.10],(2,3.00)}', '{[-Infinity,0)}']);
  PERFORM pg_temp.pool('{datemultirange}', ARRAY['{}', '{[2000-01-01,2000-02-01),[2001-01-01,infinity)}']);
  PERFORM pg_temp.pool('{tsmultirange,tstzmultirange}', ARRAY['{}', '{["2000-01-01 00:00:00","2000-01-02 00:00:00"),["2001-01-01 00:00:00",)}']);

  PERFORM pg_temp.pool('{oid}', '{0,1,4294967295}');
  PERFORM pg_temp.pool('{xid,cid}', '{0,3,4294967295}');
  PERFORM pg_temp.pool('{xid8}', '{0,18446744073709551615}');
  PERFORM pg_temp.pool('{tid}', ARRAY['(0,0)', '(4294967295,65535)']);
  PERFORM pg_temp.pool('{pg_lsn}', '{0/0,FFFFFFFF/FFFFFFFF,16/B374D848}');
  PERFORM pg_temp.pool('{pg_snapshot,txid_snapshot}', ARRAY['10:20:10,14,15', '1:1:', '1:9223372036854775807:3']);
  PERFORM pg_temp.pool('{regproc}', '{-,boolin,4294967295}');
  PERFORM pg_temp.pool('{regprocedure}', ARRAY['-', 'abs(integer)', 'pg_catalog."substring"(text,integer,integer)', 'now()']);
  PERFORM pg_temp.pool('{regoper}', ARRAY['0', '|/']);
  PERFORM pg_temp.pool('{regoperator}', ARRAY['0', '+(integer,integer)', '-(NONE,bigint)']);
  PERFORM pg_temp.pool('{regclass}', '{pg_catalog.pg_class,information_schema.columns}');
  PERFORM pg_temp.pool('{regtype}', ARRAY['-', 'integer', 'character varying[]', '"char"', 'timestamp with time zone']);
  PERFORM pg_temp.pool('{regrole}', '{-,app_owner,4294967295}');
  PERFORM pg_temp.pool('{regnamespace}', '{-,pg_catalog}');
  PERFORM pg_temp.pool('{regcollation}', ARRAY['-', '"C"', '"default"']);
  PERFORM pg_temp.pool('{regconfig,regdictionary}', '{-,simple}');
  PERFORM pg_temp.pool('{regconfig}', '{english}');
  PERFORM pg_temp.pool('{int2vector}', ARRAY['', '1', '-32768 0 32767']);
  PERFORM pg_temp.pool('{oidvector}', ARRAY['', '0', '1 4294967295']);
  PERFORM pg_temp.pool('{aclitem}', ARRAY['app_owner=arwd*/app_owner', '=U/app_owner']);
END $fill$;
DO 'BEGIN PERFORM pg_temp.fill_pool(); END';

-- The pool for each column of a table, where a column's name is a prefix and the name of its pool.
CREATE FUNCTION pg_temp.choices(of_table regclass, prefix text) RETURNS TABLE (number bigint, name text, type text, list text, size bigint)
LANGUAGE sql AS $$
  SELECT a.attnum, quote_ident(a.attname), rtrim(format_type(a.atttypid, a.atttypmod), '[]'),
    quote_literal((array_agg(p.value ORDER BY p.position) || NULL::text)::text), 1 + count(*)
  FROM pg_attribute AS a JOIN pool AS p ON a.attname = prefix || p.name
  WHERE a.attrelid = of_table AND p.since * 10000 <= current_setting('server_version_num')::integer
  GROUP BY a.attnum, a.attname, a.atttypid, a.atttypmod
$$;

-- SQL of a column's value in row n + ahead. The first 64 rows go through every choice, later ones draw.
CREATE FUNCTION pg_temp.pick(list text, size bigint, type text, number bigint, ahead integer) RETURNS text LANGUAGE sql AS $$
  SELECT format('((%s::text[])[1 + CASE WHEN n <= 64 THEN n + %s ELSE hashint8extended(n + %s, seed + %s) & 65535 END %% %s])::%s',
    list, ahead, ahead, number, size, type)
$$;

-- SQL of an array of four choices, by the row's kind. Its text gets explicit bounds, so that they need not start at 1.
CREATE FUNCTION pg_temp.pick_array(list text, size bigint, type text, number bigint) RETURNS text LANGUAGE sql AS $$
  SELECT format($f$CASE kind
    WHEN 'absent' THEN NULL
    WHEN 'empty' THEN '{}'
    WHEN 'list' THEN ARRAY[%1$s, NULL, %2$s]
    WHEN 'matrix' THEN ARRAY[[%1$s, %2$s], [NULL, %3$s]]
    WHEN 'cube' THEN ARRAY[[[%1$s], [%2$s]], [[%3$s], [%4$s]]]
    WHEN 'shifted list' THEN ('[-1:1]=' || ARRAY[%1$s, %2$s, NULL]::text)::%5$s[]
    WHEN 'shifted matrix' THEN ('[0:1][5:6]=' || ARRAY[[%1$s, %2$s], [%3$s, %4$s]]::text)::%5$s[]
  END$f$, pg_temp.pick(list, size, type, number, 0), pg_temp.pick(list, size, type, number, 1),
    pg_temp.pick(list, size, type, number, 2), pg_temp.pick(list, size, type, number, 3), type)
$$;

CREATE TEMP VIEW wanted AS
  SELECT greatest(64, current_setting('sluice.rows')::bigint / 100) AS rows, current_setting('sluice.seed')::bigint * 1000 AS seed;

DO $fill$
DECLARE
  kinds text[] = '{absent,empty,list,matrix,cube,shifted list,shifted matrix}';
BEGIN
  EXECUTE (
    SELECT format('INSERT INTO samples.scalars (id, %s) SELECT n, %s FROM wanted, generate_series(1, rows) AS n',
      string_agg(name, ', ' ORDER BY number), string_agg(pg_temp.pick(list, size, type, number, 0), ', ' ORDER BY number))
    FROM pg_temp.choices('samples.scalars', 'v_'));
  EXECUTE (
    SELECT format(
      'INSERT INTO samples.arrays (kind, id, %s) SELECT kind, n, %s
       FROM wanted, unnest(%L::text[]) AS kind, generate_series(1, 1 + rows / %s) AS n',
      string_agg(name, ', ' ORDER BY number), string_agg(pg_temp.pick_array(list, size, type, number), ', ' ORDER BY number),
      kinds, cardinality(kinds))
    FROM pg_temp.choices('samples.arrays', 'a_'));
END $fill$;

INSERT INTO samples.made
SELECT md5(n || ':' || seed)::uuid, mood,
  CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY[mood, NULL] ELSE enum_range(NULL::kinds.mood) END,
  n * 7919 - 100, ARRAY[n, NULL, -n]::kinds.cents[],
  CASE n % 3 WHEN 0 THEN '{}' WHEN 1 THEN '[0:1]={1,NULL}' ELSE '{{1,2},{3,4}}' END::kinds.small_list,
  CASE WHEN n % 3 > 0 THEN '[7:9]={"{1,NULL}",NULL,"{}"}'::kinds.small_list[] ELSE '{}' END,
  left(word, 12), words, kinds.word_multirange(words), ARRAY[words, 'empty', NULL],
  place, ARRAY[place, NULL, ROW(NULL, NULL, NULL, NULL, NULL)::kinds.place],
  visit, ARRAY[visit, visit]
FROM wanted, generate_series(1, rows) AS n,
  LATERAL (SELECT (enum_range(NULL::kinds.mood))[1 + n % 6] AS mood,
    (ARRAY['', 'a', '(', ')', '"', '\', ',', '{}', 'NULL', 'it''s', '🦊', ' '])[1 + n % 12] AS word) AS drawn,
  LATERAL (SELECT
    CASE n % 3
      WHEN 0 THEN 'empty' WHEN 1 THEN kinds.word_range(NULL, word, '(]') ELSE kinds.word_range(word, word || 'z')
    END AS words,
    CASE WHEN n % 5 > 0 THEN
      ROW(word, n, ARRAY[word, NULL, '"' || word || '\'], mood, point(0.1 * n, '-0'::float8))::kinds.place
    END AS place) AS parts,
  LATERAL (SELECT CASE WHEN n % 7 > 0 THEN
    ROW(place, tstzrange('2020-01-01Z', NULL), CASE WHEN n % 2 = 0 THEN n END, ARRAY[mood])::kinds.visit
  END AS visit) AS whole;

INSERT INTO samples."Odd ""Names"", quoted"
SELECT n % 50, 'key ' || n || (ARRAY['', '''', '"', '\', '🦊', ',', '{}', ' '])[1 + n % 8], 'space ' || n,
  repeat('🦊', (n % 3)::integer), CASE WHEN n % 6 > 0 THEN n END, n % 2 = 0
FROM wanted, generate_series(1, rows) AS n;

-- Longer than one request or response of the Data API, and not periodic, so that a misplaced slice is detected.
INSERT INTO samples.large (id, body)
SELECT id, string_agg(md5(n::text) || 'é日🦊\"', '' ORDER BY n)
FROM (VALUES (1, 24386), (2, 390168)) AS size (id, pieces), generate_series(1, pieces) AS n GROUP BY id;
INSERT INTO samples.large (id, bytes)
SELECT id, string_agg(sha256(int8send(n)), '' ORDER BY n)
FROM (VALUES (3, 32768), (4, 524288)) AS size (id, pieces), generate_series(1, pieces) AS n GROUP BY id;
INSERT INTO samples.large (id, body, bytes, number, document, list) VALUES
  (5, repeat('\"''{},', 174763), '', NULL, NULL, '{}'),
  (6, '', NULL, (repeat('9', 131072) || '.' || repeat('123', 5461))::numeric, 'null', NULL),
  (7, NULL, '\x00', ('-0.' || repeat('0', 16382) || '1')::numeric,
    ('{ "a" :' || repeat(E' \t\n', 349525) || '"🦊" , "a":1 }')::json, ARRAY[NULL, 'NULL', '']);
INSERT INTO samples.large (id, list)
SELECT 8, array_agg(CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE '"\' || n END ORDER BY n) FROM generate_series(1, 100000) AS n;

GRANT USAGE ON SCHEMA samples, kinds TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA samples TO app;
