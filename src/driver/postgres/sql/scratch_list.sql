-- Databases that runs built to restore into -> name
SELECT datname FROM pg_database WHERE starts_with(datname::text, 'whimbrel_restore_') ORDER BY datname
