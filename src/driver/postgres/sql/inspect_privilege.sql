-- Who may do what, where it is not what the server gives by itself: lines that make a GRANT, and such that make a
-- REVOKE. The owner is CURRENT_USER there, since whoever makes the object is its owner.
@scope@,
objects AS (
	SELECT concat('1259:', c.oid) AS ref, c.relowner AS owner, c.relacl AS acl,
	       acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, c.relowner) AS base, NULL::text AS part,
	       format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname) AS target
	FROM pg_class c
	JOIN spaces n ON n.oid = c.relnamespace
	WHERE c.relacl IS NOT NULL
	UNION ALL
	SELECT concat('1259:', a.attrelid, ':', a.attnum), c.relowner, a.attacl, acldefault('c', c.relowner),
	       format(' (%I)', a.attname), format('TABLE %I.%I', n.nspname, c.relname)
	FROM pg_attribute a
	JOIN pg_class c ON c.oid = a.attrelid
	JOIN spaces n ON n.oid = c.relnamespace
	WHERE a.attacl IS NOT NULL
	UNION ALL
	SELECT concat('1255:', p.oid), p.proowner, p.proacl, acldefault('f', p.proowner), NULL,
	       concat(CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END, p.oid::regprocedure)
	FROM pg_proc p
	JOIN spaces n ON n.oid = p.pronamespace
	WHERE p.proacl IS NOT NULL
	UNION ALL
	SELECT concat('1247:', t.oid), t.typowner, t.typacl, acldefault('T', t.typowner), NULL,
	       format('TYPE %I.%I', n.nspname, t.typname)
	FROM pg_type t
	JOIN spaces n ON n.oid = t.typnamespace
	WHERE t.typacl IS NOT NULL
	UNION ALL
	SELECT concat('2615:', n.oid), n.nspowner, n.nspacl, COALESCE(i.initprivs, acldefault('n', n.nspowner)), NULL,
	       format('SCHEMA %I', n.nspname)
	FROM spaces n
	LEFT JOIN pg_init_privs i ON i.classoid = 'pg_namespace'::regclass AND i.objoid = n.oid
	WHERE n.nspacl IS NOT NULL
	UNION ALL
	SELECT concat('2328:', w.oid), w.fdwowner, w.fdwacl, acldefault('F', w.fdwowner), NULL,
	       format('FOREIGN DATA WRAPPER %I', w.fdwname)
	FROM pg_foreign_data_wrapper w
	WHERE w.fdwacl IS NOT NULL
	UNION ALL
	SELECT concat('1417:', s.oid), s.srvowner, s.srvacl, acldefault('S', s.srvowner), NULL,
	       format('FOREIGN SERVER %I', s.srvname)
	FROM pg_foreign_server s
	WHERE s.srvacl IS NOT NULL
), has AS (
	SELECT DISTINCT o.ref, x.grantee, x.privilege_type, x.is_grantable
	FROM objects o
	CROSS JOIN LATERAL aclexplode(o.acl) x
), usual AS (
	SELECT o.ref, x.grantee, x.privilege_type, x.is_grantable
	FROM objects o
	CROSS JOIN LATERAL aclexplode(o.base) x
), changes AS (
	SELECT h.ref, true AS granted, h.grantee, h.privilege_type, h.is_grantable
	FROM has h
	LEFT JOIN usual u USING (ref, grantee, privilege_type, is_grantable)
	WHERE u.ref IS NULL
	UNION ALL
	SELECT u.ref, false, u.grantee, u.privilege_type, false
	FROM usual u
	LEFT JOIN has h USING (ref, grantee, privilege_type)
	WHERE h.ref IS NULL
), lines AS (
	SELECT o.ref, c.granted,
	       concat(string_agg(concat(c.privilege_type, o.part), ', ' ORDER BY c.privilege_type COLLATE "C"), ' ON ', o.target,
	              CASE WHEN c.granted THEN ' TO ' ELSE ' FROM ' END,
	              CASE c.grantee WHEN 0 THEN 'PUBLIC' WHEN o.owner THEN 'CURRENT_USER'
	                             ELSE quote_ident(pg_get_userbyid(c.grantee)) END,
	              CASE WHEN c.is_grantable THEN ' WITH GRANT OPTION' END) AS line
	FROM changes c
	JOIN objects o ON o.ref = c.ref
	GROUP BY o.ref, o.target, o.owner, c.granted, c.grantee, c.is_grantable
)
SELECT l.ref, string_agg(l.line, chr(10) ORDER BY l.line COLLATE "C") FILTER (WHERE l.granted) AS privileges,
       string_agg(l.line, chr(10) ORDER BY l.line COLLATE "C") FILTER (WHERE NOT l.granted) AS revoked
FROM lines l
GROUP BY l.ref
