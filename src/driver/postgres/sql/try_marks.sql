-- What shows that the temporary table $1 was written anew, read, or indexed anew since this was asked last.
SELECT pg_relation_filenode(c.oid) AS file,
       CASE WHEN current_setting('track_counts')::boolean THEN pg_stat_get_xact_numscans(c.oid) END AS scans,
       (SELECT string_agg(concat(x.indexrelid, ':', pg_relation_filenode(x.indexrelid)), ' ' ORDER BY x.indexrelid)
        FROM pg_index x WHERE x.indrelid = c.oid) AS indexes
FROM pg_class c
WHERE c.relname = $1 AND c.relnamespace = pg_my_temp_schema()
