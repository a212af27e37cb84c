UPDATE @journal@schema_drift_alerts
SET resolved_at = pg_catalog.clock_timestamp(), resolution_notes = CAST($2 AS pg_catalog.text)
WHERE id OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.int8) AND resolved_at IS NULL
