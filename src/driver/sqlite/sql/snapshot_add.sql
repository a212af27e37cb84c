INSERT INTO main.@journal@schema_snapshots VALUES (NULL, ?1, ?2, whimbrel_time(0), ?3, ?4, ?5, ?6, ?7, ?8)
