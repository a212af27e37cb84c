-- One row when the journal is there.
SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = '@journal@meta'
