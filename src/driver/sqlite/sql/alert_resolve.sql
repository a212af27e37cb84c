UPDATE main.@journal@schema_drift_alerts SET resolved_at = whimbrel_time(0), resolution_notes = ?2
WHERE id = ?1 AND resolved_at IS NULL
