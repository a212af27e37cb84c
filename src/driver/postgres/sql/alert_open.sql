-- Two that look at once open one alert.
INSERT INTO @journal@schema_drift_alerts (project, detected_at, drift_type, kind, object, attribute, expected_value,
	actual_value, severity)
VALUES (CAST($1 AS pg_catalog.text), pg_catalog.clock_timestamp(), CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.text),
	CAST($4 AS pg_catalog.text), CAST($5 AS pg_catalog.text), CAST($6 AS pg_catalog.text), CAST($7 AS pg_catalog.text),
	CAST($8 AS pg_catalog.text))
ON CONFLICT DO NOTHING
