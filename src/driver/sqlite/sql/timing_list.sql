SELECT operation, work, bytes, actual_ms FROM main.@journal@statement_timings ORDER BY id DESC LIMIT 500
