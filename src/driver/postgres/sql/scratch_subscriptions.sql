-- A database with a subscription cannot be dropped. One of a scratch database has never been anybody's: it lets go of a
-- slot without asking for it.
DO $$
DECLARE s pg_catalog.name;
BEGIN
	FOR s IN SELECT x.subname FROM pg_catalog.pg_subscription x
	         JOIN pg_catalog.pg_database d ON d.oid = x.subdbid WHERE d.datname = pg_catalog.current_database()
	LOOP
		EXECUTE pg_catalog.format('ALTER SUBSCRIPTION %I DISABLE', s);
		EXECUTE pg_catalog.format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', s);
		EXECUTE pg_catalog.format('DROP SUBSCRIPTION %I', s);
	END LOOP;
END $$
