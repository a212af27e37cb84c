-- $1 database -> the sessions in it, for people
SELECT format('process %s (%s%s, %s)', pid, usename, ', ' || NULLIF(application_name, ''), coalesce(state, 'unknown'))
FROM pg_stat_activity
WHERE datname = $1::text AND pid <> pg_backend_pid()
ORDER BY pid
LIMIT 10
