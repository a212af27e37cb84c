-- Removes every table of a scratch database that could not be filled.
DO $empty$
DECLARE
	one pg_catalog.text;
BEGIN
	PERFORM set_config('lock_timeout', '1s', true);
	FOR one IN
		SELECT format('%I.%I', n.nspname, c.relname)
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname::text, 'pg_')
	LOOP
		EXECUTE 'DROP TABLE IF EXISTS ' || one || ' CASCADE';
	END LOOP;
END
$empty$
