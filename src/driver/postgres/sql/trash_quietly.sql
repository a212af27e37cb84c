$f$
DECLARE again pg_catalog.text[]; one pg_catalog.text; was pg_catalog.text := pg_catalog.current_setting('row_security');
BEGIN
	PERFORM pg_catalog.set_config('row_security', 'off', true);
	SET CONSTRAINTS ALL IMMEDIATE;
	SELECT pg_catalog.array_agg(pg_catalog.format('ALTER TABLE %%s ENABLE %%s TRIGGER %%I', tgrelid::pg_catalog.regclass,
		CASE tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, tgname)) INTO again
	FROM pg_catalog.pg_trigger
	WHERE tgrelid = %2$L::pg_catalog.regclass AND NOT tgisinternal AND tgenabled <> 'D';
	ALTER TABLE %2$s DISABLE TRIGGER USER;
	%1$s;
	SET CONSTRAINTS ALL IMMEDIATE;
	FOREACH one IN ARRAY coalesce(again, '{}') LOOP
		EXECUTE one;
	END LOOP;
	PERFORM pg_catalog.set_config('row_security', was, true);
END $f$
