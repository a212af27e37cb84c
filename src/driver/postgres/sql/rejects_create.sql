CREATE TABLE IF NOT EXISTS @table@ (
	project pg_catalog.text NOT NULL,
	rule pg_catalog.text NOT NULL,
	row_key pg_catalog.text NOT NULL,
	reason pg_catalog.text NOT NULL,
	sqlstate pg_catalog.text,
	row_data pg_catalog.text,
	run pg_catalog.text,
	at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (project, rule, row_key)
)
