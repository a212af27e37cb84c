-- Without what only a superuser may read: the connection, which may hold a password. Whether it is enabled is a state.
-- From version 14 on, which lets everybody read the rest.
SELECT s.subname AS name, (SELECT string_agg(quote_ident(p), ', ' ORDER BY p COLLATE "C") FROM unnest(s.subpublications) p) AS publications,
       quote_literal(s.subslotname) AS slot_name, NULLIF(s.subsynccommit, 'off') AS synchronous_commit,
       CASE WHEN s.inbinary THEN 'true' END AS binary,
       CASE s.streaming WHEN 't' THEN 'on' WHEN 'true' THEN 'on' WHEN 'p' THEN 'parallel' END AS streaming,
       CASE WHEN s.twophase IN ('e', 'p') THEN 'true' END AS two_phase,
       CASE WHEN s.disableonerr THEN 'true' END AS disable_on_error, NULLIF(s.origin, 'any') AS origin
FROM (SELECT false AS subbinary, 'f'::text AS substream, 'd'::"char" AS subtwophasestate, false AS subdisableonerr,
             'any'::text AS suborigin) older
CROSS JOIN LATERAL (
	SELECT b.subname, b.subdbid, b.subpublications, b.subslotname, b.subsynccommit, subbinary AS inbinary,
	       substream::text AS streaming, subtwophasestate AS twophase, subdisableonerr AS disableonerr, suborigin AS origin
	FROM pg_subscription b
) s
JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
WHERE $1::text[] IS NULL
