-- $1 server process -> its application name
SELECT coalesce(application_name, '') FROM pg_stat_activity WHERE pid = $1::int8
