-- Two that look at once open one alert.
INSERT OR IGNORE INTO main.@journal@schema_drift_alerts
VALUES (NULL, ?1, whimbrel_time(0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL)
