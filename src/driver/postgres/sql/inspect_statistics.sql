-- Of tables; those of the tables of an extension are left out with them.
@scope@
SELECT n.nspname AS schema, s.stxname AS name, concat('3381:', s.oid) AS ref, pg_get_statisticsobjdef(s.oid) AS definition,
       CASE WHEN s.target >= 0 THEN s.target END AS target
FROM (SELECT NULL::integer AS stxstattarget) older
CROSS JOIN LATERAL (SELECT b.oid, b.stxname, b.stxnamespace, b.stxrelid, stxstattarget AS target FROM pg_statistic_ext b) s
JOIN spaces n ON n.oid = s.stxnamespace
JOIN relations r ON r.oid = s.stxrelid
