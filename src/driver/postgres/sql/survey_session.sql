-- What names without a schema mean, in order, and whether the session's time zone is one
-- without offset. Runs without a pinned search_path.
SELECT s.name, pg_catalog.upper(pg_catalog.current_setting('TimeZone')) OPERATOR(pg_catalog.=) ANY (
         '{UTC,GMT,UCT,ZULU,UNIVERSAL,GREENWICH,GMT0,GMT+0,GMT-0,ETC/UTC,ETC/GMT,ETC/UCT,ETC/ZULU,ETC/UNIVERSAL,ETC/GREENWICH,ETC/GMT0,ETC/GMT+0,ETC/GMT-0}'::pg_catalog.text[]) AS utc
FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) WITH ORDINALITY s(name, place)
ORDER BY s.place
