-- What GRANT and REVOKE say after ALTER DEFAULT PRIVILEGES: in a schema what is added, else what differs from the
-- server's own.
@scope@,
rules AS (
	SELECT d.oid, d.defaclrole, n.nspname, d.defaclobjtype, d.defaclacl,
	       CASE WHEN d.defaclnamespace = 0
	            THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole) END AS base,
	       CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
	                            WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS what
	FROM pg_default_acl d
	LEFT JOIN spaces n ON n.oid = d.defaclnamespace
	WHERE n.oid IS NOT NULL OR d.defaclnamespace = 0 AND $1::text[] IS NULL
), has AS (
	SELECT DISTINCT r.oid, r.what, x.grantee, x.privilege_type, x.is_grantable
	FROM rules r
	CROSS JOIN LATERAL aclexplode(r.defaclacl) x
), usual AS (
	SELECT r.oid, r.what, x.grantee, x.privilege_type, x.is_grantable
	FROM rules r
	CROSS JOIN LATERAL aclexplode(r.base) x
), lines AS (
	SELECT h.oid, true AS granted,
	       format('%s ON %s TO %s%s', string_agg(h.privilege_type, ', ' ORDER BY h.privilege_type COLLATE "C"), h.what,
	              CASE WHEN h.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(h.grantee)) END,
	              CASE WHEN h.is_grantable THEN ' WITH GRANT OPTION' END) AS line
	FROM has h
	WHERE NOT EXISTS (SELECT FROM usual u WHERE u.oid = h.oid AND u.grantee = h.grantee
	                  AND u.privilege_type = h.privilege_type AND u.is_grantable = h.is_grantable)
	GROUP BY h.oid, h.what, h.grantee, h.is_grantable
	UNION ALL
	SELECT u.oid, false,
	       format('%s ON %s FROM %s', string_agg(u.privilege_type, ', ' ORDER BY u.privilege_type COLLATE "C"), u.what,
	              CASE WHEN u.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(u.grantee)) END)
	FROM usual u
	WHERE NOT EXISTS (SELECT FROM has h WHERE h.oid = u.oid AND h.grantee = u.grantee AND h.privilege_type = u.privilege_type)
	GROUP BY u.oid, u.what, u.grantee
)
SELECT r.nspname AS schema, format('%s of %s', lower(r.what), pg_get_userbyid(r.defaclrole)) AS name, concat('826:', r.oid) AS ref,
       quote_ident(pg_get_userbyid(r.defaclrole)) AS role,
       (SELECT string_agg(l.line, chr(10) ORDER BY l.line COLLATE "C") FROM lines l WHERE l.oid = r.oid AND l.granted) AS privileges,
       (SELECT string_agg(l.line, chr(10) ORDER BY l.line COLLATE "C") FROM lines l WHERE l.oid = r.oid AND NOT l.granted) AS revoked
FROM rules r
WHERE EXISTS (SELECT FROM lines l WHERE l.oid = r.oid)
