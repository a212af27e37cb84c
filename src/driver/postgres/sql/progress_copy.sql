-- $1 server process -> done, total, unit. From PostgreSQL 14; the size of what a client sends is not known.
SELECT bytes_processed, bytes_total, 'bytes' FROM pg_stat_progress_copy WHERE pid = $1::int8
