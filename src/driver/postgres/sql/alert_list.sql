SELECT id, drift_type, kind, object, attribute
FROM @journal@schema_drift_alerts
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND resolved_at IS NULL
ORDER BY id
