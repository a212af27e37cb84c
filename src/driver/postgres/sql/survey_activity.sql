-- How often the relations $1 have been read, and how many rows of them written, since the server counts; who publishes them.
-- A standby counts its own readers alone.
WITH published AS MATERIALIZED (
	SELECT p.schemaname, p.tablename, string_agg(p.pubname, ', ' ORDER BY p.pubname) AS names
	FROM pg_publication_tables p
	GROUP BY p.schemaname, p.tablename
)
SELECT c.oid,
       CASE WHEN NOT pg_is_in_recovery() THEN
            pg_stat_get_numscans(c.oid) + coalesce((SELECT sum(pg_stat_get_numscans(x.indexrelid)) FROM pg_index x
                                                    WHERE x.indrelid = c.oid), 0)::int8 END AS reads,
       CASE WHEN NOT pg_is_in_recovery() THEN
            pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid)
            END AS writes, p.names
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN published p ON p.schemaname = n.nspname AND p.tablename = c.relname
WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p', 'm')
