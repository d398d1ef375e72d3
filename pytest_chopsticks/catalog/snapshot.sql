-- Everything the catalog says about one schema, as one JSON document in base64 of UTF-8 (so that
-- neither client_encoding nor the connection's loaders matter).
--
-- The caller has pinned search_path to "<schema>, pg_temp": that names the schema, and makes the
-- deparsing functions leave its own objects unqualified. Every list is one pass over its catalog;
-- ordering and grouping are the reader's business.
--
-- Columns that older servers lack are written unqualified inside a LATERAL subquery: where the
-- catalog has no such column, the name resolves to the default in `older`.
WITH target AS MATERIALIZED (
  SELECT oid, nspname, nspowner, nspacl
  FROM pg_catalog.pg_namespace
  WHERE format('%I, pg_temp', nspname) = current_setting('search_path')
),
extension_member AS MATERIALIZED (
  SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
),
relation AS MATERIALIZED (
  SELECT c.*
  FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = (SELECT oid FROM target)
    AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
    AND NOT EXISTS (
      SELECT FROM extension_member AS e
      WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
    )
),
type AS MATERIALIZED (
  SELECT t.*
  FROM pg_catalog.pg_type AS t
  WHERE t.typnamespace = (SELECT oid FROM target)
    AND t.typtype IN ('e', 'd')
    AND NOT EXISTS (
      SELECT FROM extension_member AS e
      WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid
    )
),
index AS MATERIALIZED (
  SELECT i.*
  FROM (SELECT false AS indnullsnotdistinct) AS older
  CROSS JOIN LATERAL (
    SELECT x.indexrelid, x.indrelid, x.indisunique, x.indisvalid, x.indisready,
           x.indnkeyatts, x.indnatts, x.indkey, x.indclass, x.indcollation, x.indoption,
           x.indpred, indnullsnotdistinct AS nulls_not_distinct
    FROM pg_catalog.pg_index AS x
    WHERE x.indrelid IN (SELECT oid FROM relation)
  ) AS i
),
attribute AS MATERIALIZED (
  SELECT a.*
  FROM pg_catalog.pg_attribute AS a
  WHERE a.attrelid IN (SELECT oid FROM relation WHERE relkind <> 'S')
    AND a.attnum > 0 AND NOT a.attisdropped
),
relations AS (
  SELECT c.oid, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence,
         c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,
         pg_get_userbyid(c.relowner) AS owner, c.relacl::text[] AS acl,
         CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
         pg_get_expr(c.relpartbound, c.oid) AS partition_bound,
         CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END AS definition
  FROM relation AS c
  WHERE c.relkind <> 'S'
),
parents AS (
  SELECT h.inhrelid AS relation, h.inhseqno AS position, h.inhparent::regclass::text AS name
  FROM pg_catalog.pg_inherits AS h
  WHERE h.inhrelid IN (SELECT oid FROM relation)
),
columns AS (
  SELECT a.attrelid AS relation, a.attname AS name, a.attnum AS position,
         format_type(a.atttypid, a.atttypmod) AS type,
         CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS base_type,
         a.attnotnull AS not_null, a.attgenerated AS generated, a.attidentity AS identity,
         pg_get_expr(d.adbin, d.adrelid) AS expression,
         CASE WHEN a.attcollation <> t.typcollation
              THEN a.attcollation::regcollation::text END AS collation,
         a.attacl::text[] AS acl
  FROM attribute AS a
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
),
constraints AS (
  SELECT c.conrelid AS relation, c.contype AS type, c.conname AS name, c.conkey AS columns,
         c.conindid AS index, c.condeferrable AS deferrable, c.condeferred AS deferred,
         c.convalidated AS validated, c.connoinherit AS no_inherit, c.enforced, c.period,
         c.confupdtype AS on_update, c.confdeltype AS on_delete, c.confmatchtype AS match,
         c.delete_columns,
         pg_get_expr(c.conbin, c.conrelid) AS expression,
         CASE WHEN c.contype = 'x' THEN pg_get_constraintdef(c.oid) END AS definition,
         CASE WHEN c.contype = 'f' THEN c.confrelid::regclass::text END AS referenced,
         CASE WHEN c.contype = 'f' THEN ARRAY(
           SELECT a.attname::text
           FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, position)
           JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.attnum
           ORDER BY k.position
         ) END AS referenced_columns
  FROM (
    SELECT true AS conenforced, false AS conperiod, NULL::int2[] AS confdelsetcols
  ) AS older
  CROSS JOIN LATERAL (
    SELECT x.*, conenforced AS enforced, conperiod AS period, confdelsetcols AS delete_columns
    FROM pg_catalog.pg_constraint AS x
    WHERE x.conrelid IN (SELECT oid FROM relation) AND x.contype IN ('p', 'u', 'c', 'f', 'x')
  ) AS c
  -- A foreign key to a partitioned table has one more row for each partition it refers to.
  WHERE c.conparentid = 0 OR c.conrelid <> (
    SELECT parent.conrelid FROM pg_catalog.pg_constraint AS parent WHERE parent.oid = c.conparentid
  )
),
indexes AS (
  SELECT i.indexrelid AS oid, i.indrelid AS relation, c.relname AS name, m.amname AS method,
         i.indisunique AS unique, i.indisvalid AS valid, i.indisready AS ready,
         i.nulls_not_distinct, i.indnkeyatts AS key_count,
         pg_get_expr(i.indpred, i.indrelid) AS predicate
  FROM index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
),
index_keys AS (
  SELECT i.indexrelid AS index, k.position, a.attname AS column,
         CASE WHEN a.attname IS NULL
              THEN pg_get_indexdef(i.indexrelid, k.position, false) END AS expression,
         i.indoption[k.position - 1] & 1 = 1 AS descending,
         i.indoption[k.position - 1] & 2 = 2 AS nulls_first,
         CASE WHEN NOT o.opcdefault THEN o.opcname END AS opclass,
         -- 0 is no collation, 100 the database's own.
         CASE WHEN i.indcollation[k.position - 1] NOT IN (0, coalesce(a.attcollation, 100))
              THEN i.indcollation[k.position - 1]::regcollation::text END AS collation
  FROM index AS i
  CROSS JOIN LATERAL generate_series(1, i.indnatts) AS k (position)
  LEFT JOIN attribute AS a
    ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.position - 1]
  LEFT JOIN pg_catalog.pg_opclass AS o ON o.oid = i.indclass[k.position - 1]
),
triggers AS (
  SELECT t.tgrelid AS relation, t.tgname AS name, t.tgtype AS type, t.tgenabled AS enabled,
         pg_get_triggerdef(t.oid, true) AS definition,
         CASE WHEN p.pronamespace = (SELECT oid FROM target) THEN p.proname::text
              ELSE p.pronamespace::regnamespace || '.' || p.proname END AS function,
         l.lanname AS language, p.prosrc AS source, p.prosecdef AS security_definer,
         p.proconfig AS settings
  FROM pg_catalog.pg_trigger AS t
  JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
  WHERE t.tgrelid IN (SELECT oid FROM relation) AND NOT t.tgisinternal AND t.tgparentid = 0
),
rules AS (
  SELECT r.ev_class AS relation, r.rulename AS name, r.ev_enabled AS enabled,
         pg_get_ruledef(r.oid, true) AS definition
  FROM pg_catalog.pg_rewrite AS r
  WHERE r.ev_class IN (SELECT oid FROM relation) AND r.rulename <> '_RETURN'
),
policies AS (
  SELECT p.polrelid AS relation, p.polname AS name, p.polcmd AS command,
         p.polpermissive AS permissive,
         ARRAY(
           SELECT CASE u.role WHEN 0 THEN 'public' WHEN c.relowner THEN 'owner'
                  ELSE pg_get_userbyid(u.role)::text END
           FROM unnest(p.polroles) AS u (role)
         ) AS roles,
         pg_get_expr(p.polqual, p.polrelid) AS using,
         pg_get_expr(p.polwithcheck, p.polrelid) AS with_check
  FROM pg_catalog.pg_policy AS p
  JOIN relation AS c ON c.oid = p.polrelid
),
sequences AS (
  SELECT c.oid, c.relname AS name, c.oid::regclass::text AS reference,
         pg_get_userbyid(c.relowner) AS owner, c.relacl::text[] AS acl,
         format_type(s.seqtypid, NULL) AS type, s.seqstart AS start,
         s.seqincrement AS increment, s.seqmin AS minimum, s.seqmax AS maximum,
         s.seqcache AS cache, s.seqcycle AS cycle,
         d.refobjid AS owner_relation, d.refobjsubid AS owner_column
  FROM relation AS c
  JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = c.oid
  LEFT JOIN pg_catalog.pg_depend AS d
    ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
   AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
   AND d.deptype IN ('a', 'i')
),
enums AS (
  SELECT t.typname AS name, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
  FROM type AS t
  JOIN pg_catalog.pg_enum AS e ON e.enumtypid = t.oid
  GROUP BY t.typname
),
domains AS (
  SELECT t.oid, t.typname AS name, format_type(t.typbasetype, t.typtypmod) AS type,
         t.typnotnull AS not_null, pg_get_expr(t.typdefaultbin, 0) AS default,
         CASE WHEN t.typcollation <> b.typcollation
              THEN t.typcollation::regcollation::text END AS collation
  FROM type AS t
  JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
  WHERE t.typtype = 'd'
),
domain_checks AS (
  SELECT x.contypid AS domain, x.conname AS name, x.convalidated AS validated,
         pg_get_expr(x.conbin, 0) AS expression
  FROM pg_catalog.pg_constraint AS x
  WHERE x.contypid IN (SELECT oid FROM type) AND x.contype = 'c'
)
SELECT encode(convert_to(json_build_object(
  'schema', (SELECT nspname FROM target),
  'owner', (SELECT pg_get_userbyid(nspowner) FROM target),
  'acl', (SELECT nspacl::text[] FROM target),
  'relations', (SELECT json_agg(r) FROM relations AS r),
  'parents', (SELECT json_agg(r) FROM parents AS r),
  'columns', (SELECT json_agg(r) FROM columns AS r),
  'constraints', (SELECT json_agg(r) FROM constraints AS r),
  'indexes', (SELECT json_agg(r) FROM indexes AS r),
  'index_keys', (SELECT json_agg(r) FROM index_keys AS r),
  'triggers', (SELECT json_agg(r) FROM triggers AS r),
  'rules', (SELECT json_agg(r) FROM rules AS r),
  'policies', (SELECT json_agg(r) FROM policies AS r),
  'sequences', (SELECT json_agg(r) FROM sequences AS r),
  'enums', (SELECT json_agg(r) FROM enums AS r),
  'domains', (SELECT json_agg(r) FROM domains AS r),
  'domain_checks', (SELECT json_agg(r) FROM domain_checks AS r)
)::text, 'UTF8'), 'base64') AS document
