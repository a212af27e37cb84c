@scope@,
mappings AS (
	SELECT m.mapcfg, m.maptokentype, string_agg(format('%I.%I', s.nspname, d.dictname), ', ' ORDER BY m.mapseqno) AS dictionaries
	FROM pg_ts_config_map m
	JOIN pg_ts_dict d ON d.oid = m.mapdict
	JOIN pg_namespace s ON s.oid = d.dictnamespace
	GROUP BY m.mapcfg, m.maptokentype
)
SELECT n.nspname AS schema, c.cfgname AS name, concat('3602:', c.oid) AS ref, format('%I.%I', ps.nspname, p.prsname) AS parser,
       (SELECT string_agg(format('%I WITH %s', t.alias, m.dictionaries), chr(10) ORDER BY t.alias COLLATE "C")
        FROM ts_token_type(c.cfgparser) t
        JOIN mappings m ON m.mapcfg = c.oid AND m.maptokentype = t.tokid) AS mappings
FROM pg_ts_config c
JOIN spaces n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace ps ON ps.oid = p.prsnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_config'::regclass AND m.objid = c.oid)
