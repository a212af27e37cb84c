@scope@
SELECT n.nspname AS schema, concat(p.proname, '(', g.arguments, ')') AS name, concat('1255:', p.oid) AS ref,
       format('%I.%I(%s)', n.nspname, p.proname, g.arguments) AS sql_name,
       concat_ws(concat(',', chr(10), chr(9)),
           'SFUNC = ' || a.aggtransfn::text, 'STYPE = ' || format_type(a.aggtranstype, NULL),
           'SSPACE = ' || NULLIF(a.aggtransspace, 0), 'FINALFUNC = ' || NULLIF(a.aggfinalfn::text, '-'),
           CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
           'FINALFUNC_MODIFY = ' || CASE WHEN a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN
               CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
           'COMBINEFUNC = ' || NULLIF(a.aggcombinefn::text, '-'), 'SERIALFUNC = ' || NULLIF(a.aggserialfn::text, '-'),
           'DESERIALFUNC = ' || NULLIF(a.aggdeserialfn::text, '-'), 'INITCOND = ' || quote_literal(a.agginitval),
           'MSFUNC = ' || NULLIF(a.aggmtransfn::text, '-'), 'MINVFUNC = ' || NULLIF(a.aggminvtransfn::text, '-'),
           'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
           'MSSPACE = ' || NULLIF(a.aggmtransspace, 0), 'MFINALFUNC = ' || NULLIF(a.aggmfinalfn::text, '-'),
           CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
           'MFINALFUNC_MODIFY = ' || CASE WHEN a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
                                           AND a.aggmtransfn::oid <> 0 THEN
               CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
           'MINITCOND = ' || quote_literal(a.aggminitval),
           'SORTOP = ' || CASE WHEN a.aggsortop <> 0 THEN format('OPERATOR(%I.%s)', os.nspname, o.oprname) END,
           'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
           CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END) AS definition
FROM pg_proc p
JOIN spaces n ON n.oid = p.pronamespace
JOIN pg_aggregate a ON a.aggfnoid = p.oid
CROSS JOIN LATERAL (
	SELECT COALESCE(NULLIF(pg_get_function_identity_arguments(p.oid), ''), '*') AS arguments
) g
LEFT JOIN pg_operator o ON o.oid = a.aggsortop
LEFT JOIN pg_namespace os ON os.oid = o.oprnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
