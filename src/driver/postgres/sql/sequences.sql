-- Columns that are filled from a sequence: it belongs to them, or their default names it. The texts that come back are
-- queries: what a sequence gives next only the sequence itself knows.
SELECT n.nspname, t.relname, a.attname, CAST(CAST(s.oid AS pg_catalog.regclass) AS pg_catalog.text),
       pg_catalog.format('SELECT CASE WHEN is_called THEN last_value + %s ELSE last_value END FROM %I.%I',
                         q.seqincrement, sn.nspname, s.relname)
FROM (SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number
      FROM pg_catalog.pg_depend d
      WHERE d.classid = CAST('pg_catalog.pg_class' AS pg_catalog.regclass)
        AND d.refclassid = CAST('pg_catalog.pg_class' AS pg_catalog.regclass)
        AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
      UNION
      SELECT d.refobjid, f.adrelid, f.adnum
      FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid
      WHERE d.classid = CAST('pg_catalog.pg_attrdef' AS pg_catalog.regclass)
        AND d.refclassid = CAST('pg_catalog.pg_class' AS pg_catalog.regclass)) u
JOIN pg_catalog.pg_class s ON s.oid = u.sequence AND s.relkind = 'S'
JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0
JOIN pg_catalog.pg_class t ON t.oid = u.relation AND t.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.number
WHERE n.nspname <> @schema_literal@
ORDER BY n.nspname, t.relname, a.attname, s.relname
