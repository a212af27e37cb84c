-- -> check, level, message. One row or more for each check; catalogs that every role may read.
SELECT 'server', 'ok', format('PostgreSQL %s, %s, up since %s', current_setting('server_version'),
       CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END,
       to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
UNION ALL
SELECT 'writable', CASE WHEN pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'
                        THEN 'degraded' ELSE 'ok' END,
       CASE WHEN pg_is_in_recovery() THEN 'this is a standby: it can be read, not migrated'
            WHEN current_setting('default_transaction_read_only') = 'on'
            THEN 'default_transaction_read_only is on for this session'
            ELSE 'transactions can write' END
UNION ALL
SELECT 'privileges', CASE WHEN can THEN 'ok' ELSE 'degraded' END,
       format('role %s %s create schemas in database %s', current_user, CASE WHEN can THEN 'may' ELSE 'may not' END,
              current_database())
FROM (SELECT has_database_privilege(current_database(), 'CREATE') AS can) p
UNION ALL
SELECT 'journal_privileges',
       CASE WHEN has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE') THEN 'ok' ELSE 'degraded' END,
       format('role %s %s in schema %s', current_user,
              CASE WHEN has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE')
                   THEN 'may create' ELSE 'lacks USAGE or CREATE' END, n.nspname)
FROM pg_namespace n WHERE n.nspname = CAST(@schema_literal@ AS name)
UNION ALL
SELECT 'invalid_indexes', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'degraded' END,
       CASE WHEN count(*) = 0 THEN 'no index is invalid'
            ELSE format('%s invalid: %s', count(*), left(string_agg(i.indexrelid::regclass::text, ', '), 400)) END
FROM pg_index i
WHERE NOT i.indisvalid
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
  AND (SELECT relkind FROM pg_class WHERE oid = i.indexrelid) = 'i'
UNION ALL
SELECT 'wraparound', CASE WHEN a.age > 1500000000 THEN 'failed' WHEN a.age > 2 * a.freeze THEN 'degraded' ELSE 'ok' END,
       format('oldest transaction id is %s old; autovacuum acts at %s', a.age, a.freeze)
FROM (SELECT age(datfrozenxid) AS age, current_setting('autovacuum_freeze_max_age')::int8 AS freeze
      FROM pg_database WHERE datname = current_database()) a
UNION ALL
SELECT 'long_transactions', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'degraded' END,
       CASE WHEN count(*) = 0 THEN 'no transaction is older than 5 minutes'
            ELSE format('%s older than 5 minutes; process %s began %s s ago', count(*),
                        (array_agg(pid ORDER BY xact_start))[1],
                        round(extract(epoch FROM clock_timestamp() - min(xact_start)))) END
FROM pg_stat_activity
WHERE datname = current_database() AND xact_start < clock_timestamp() - interval '5 minutes' AND pid <> pg_backend_pid()
UNION ALL
SELECT 'idle_in_transaction', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'degraded' END,
       CASE WHEN count(*) = 0 THEN 'no session holds a transaction open without working'
            ELSE format('%s idle in transaction for more than a minute: processes %s', count(*),
                        left(string_agg(pid::text, ', ' ORDER BY pid), 200)) END
FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%'
  AND state_change < clock_timestamp() - interval '1 minute' AND pid <> pg_backend_pid()
UNION ALL
SELECT 'prepared_transactions', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'degraded' END,
       CASE WHEN count(*) = 0 THEN 'none is waiting' ELSE format('%s prepared and not ended', count(*)) END
FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL
SELECT 'dead_client_check', CASE WHEN s.v IS NULL OR s.v = '0' THEN 'degraded' ELSE 'ok' END,
       CASE WHEN s.v IS NULL THEN 'this server cannot notice that a client has died while a statement runs (PostgreSQL 14 can)'
            WHEN s.v = '0' THEN 'client_connection_check_interval is off in this session'
            ELSE format('the server looks every %s whether its client lives', s.v) END
FROM (SELECT current_setting('client_connection_check_interval', true) AS v) s
UNION ALL
SELECT 'connections', CASE WHEN used * 10 >= max * 9 THEN 'degraded' ELSE 'ok' END,
       format('%s of %s in use', used, max)
FROM (SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL) AS used,
             current_setting('max_connections')::int8 AS max) c
