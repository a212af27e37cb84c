SELECT concat(o.class, ':', o.oid) AS ref, quote_ident(r.rolname) AS owner
FROM (
	SELECT 2615 AS class, n.oid, n.nspowner AS owner FROM pg_namespace n
	UNION ALL SELECT 1259, c.oid, c.relowner FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
	UNION ALL SELECT 1255, p.oid, p.proowner FROM pg_proc p
	UNION ALL SELECT 1247, t.oid, t.typowner FROM pg_type t
	UNION ALL SELECT 3456, c.oid, c.collowner FROM pg_collation c
	UNION ALL SELECT 2617, x.oid, x.oprowner FROM pg_operator x
	UNION ALL SELECT 2616, x.oid, x.opcowner FROM pg_opclass x
	UNION ALL SELECT 2753, x.oid, x.opfowner FROM pg_opfamily x
	UNION ALL SELECT 2607, x.oid, x.conowner FROM pg_conversion x
	UNION ALL SELECT 3600, x.oid, x.dictowner FROM pg_ts_dict x
	UNION ALL SELECT 3602, x.oid, x.cfgowner FROM pg_ts_config x
	UNION ALL SELECT 3381, x.oid, x.stxowner FROM pg_statistic_ext x
	UNION ALL SELECT 2328, x.oid, x.fdwowner FROM pg_foreign_data_wrapper x
	UNION ALL SELECT 1417, x.oid, x.srvowner FROM pg_foreign_server x
	UNION ALL SELECT 3466, x.oid, x.evtowner FROM pg_event_trigger x
	UNION ALL SELECT 6104, x.oid, x.pubowner FROM pg_publication x
) o
JOIN pg_roles r ON r.oid = o.owner
WHERE (o.oid >= 16384 OR o.class = 2615) AND ($1::text[] IS NULL OR $1::text[] IS NOT NULL)
