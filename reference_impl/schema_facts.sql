-- The facts of the current schema, one JSON array each. search_path holds that schema.
--
-- A column is named as it is, not quoted: which names are keywords depends on the server. to_jsonb
-- reads what older servers lack (indnullsnotdistinct came with 15, conperiod with 18).
WITH tables AS (
  SELECT c.oid, c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND NOT EXISTS (
      SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
),
index_columns AS (
  SELECT i.indexrelid AS index_oid, n, n <= i.indnkeyatts AS is_key,
         coalesce(a.attname, pg_get_indexdef(i.indexrelid, n, false)) AS name,
         coalesce(' COLLATE "' || coll.collname || '"', '')
         || coalesce(' ' || opc.opcname, '')
         || CASE i.indoption[n - 1] WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST'
                                    WHEN 3 THEN ' DESC' ELSE '' END AS options
  FROM tables
  JOIN pg_index i ON i.indrelid = tables.oid
  CROSS JOIN generate_series(1, i.indnatts) n
  JOIN pg_attribute own ON own.attrelid = i.indexrelid AND own.attnum = n
  JOIN pg_type t ON t.oid = own.atttypid
  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1]
  LEFT JOIN pg_opclass opc ON opc.oid = i.indclass[n - 1] AND NOT opc.opcdefault
  LEFT JOIN pg_collation coll ON coll.oid = i.indcollation[n - 1]
                             AND coll.oid <> coalesce(a.attcollation, t.typcollation)
),
index_keys AS (
  SELECT index_oid,
         json_agg(name ORDER BY n) FILTER (WHERE is_key) AS columns,
         json_agg(name || options ORDER BY n) FILTER (WHERE is_key) AS keys,
         json_agg(name ORDER BY name COLLATE "C") FILTER (WHERE NOT is_key) AS include
  FROM index_columns GROUP BY index_oid
),
indexes AS (
  SELECT i.indrelid AS table_oid, am.amname AS method, k.columns, k.keys, con.contype,
         json_strip_nulls(json_build_object(
           'unique', nullif(i.indisunique AND con.oid IS NULL, false),
           'where', pg_get_expr(i.indpred, i.indrelid),
           'include', k.include,
           'nulls_not_distinct',
             nullif((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
           'without_overlaps', nullif((to_jsonb(con) ->> 'conperiod')::boolean, false),
           'deferrable', nullif(con.condeferrable, false),
           'initially_deferred', nullif(con.condeferred, false),
           'invalid', nullif(NOT (i.indisvalid AND i.indisready), false)
         )) AS flags
  FROM index_keys k
  JOIN pg_index i ON i.indexrelid = k.index_oid
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
)
SELECT json_build_array('table', name) FROM tables
UNION ALL
SELECT json_build_array('column', t.name, a.attname, format_type(a.atttypid, a.atttypmod))
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
WHERE a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT CASE i.contype
         WHEN 'p' THEN json_build_array('primary key', t.name, i.columns)
         WHEN 'u' THEN json_build_array('unique', t.name, i.columns, i.flags)
         ELSE json_build_array('index', t.name, i.method, i.keys, i.flags)
       END
FROM tables t JOIN indexes i ON i.table_oid = t.oid
WHERE i.contype IS DISTINCT FROM 'x'
