SELECT id, drift_type, kind, object, attribute FROM main.@journal@schema_drift_alerts
WHERE project = ?1 AND resolved_at IS NULL ORDER BY id
