-- One row when the table is there.
SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = '@journal@statement_timings'
