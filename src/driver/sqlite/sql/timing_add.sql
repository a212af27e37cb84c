INSERT INTO main.@journal@statement_timings VALUES (NULL, ?1, whimbrel_time(0), ?2, ?3, ?4, ?5, ?6, ?7, ?8)
