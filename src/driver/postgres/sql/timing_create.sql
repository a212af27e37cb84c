CREATE TABLE IF NOT EXISTS @journal@statement_timings (
	id pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project pg_catalog.text NOT NULL,
	at pg_catalog.timestamptz NOT NULL,
	version pg_catalog.text NOT NULL,
	statement pg_catalog.int8 NOT NULL,
	operation pg_catalog.text NOT NULL,
	work pg_catalog.text NOT NULL CHECK (work IN ('scan', 'rewrite', 'index')),
	bytes pg_catalog.int8 NOT NULL,
	estimate_ms pg_catalog.int8 NOT NULL,
	actual_ms pg_catalog.int8 NOT NULL
);
COMMENT ON TABLE @journal@statement_timings IS 'How long work on whole tables took, beside what was expected: estimates learn from it'
