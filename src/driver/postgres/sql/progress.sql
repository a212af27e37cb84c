-- $1 server process -> done, total, unit
SELECT CASE WHEN phase LIKE 'waiting%' THEN lockers_done
            WHEN phase LIKE '%loading tuples%' THEN tuples_done ELSE blocks_done END,
       CASE WHEN phase LIKE 'waiting%' THEN lockers_total
            WHEN phase LIKE '%loading tuples%' THEN tuples_total ELSE blocks_total END,
       CASE WHEN phase LIKE 'waiting%' THEN 'sessions'
            WHEN phase LIKE '%loading tuples%' THEN 'rows' ELSE 'blocks' END
FROM pg_stat_progress_create_index WHERE pid = $1::int8
UNION ALL
SELECT heap_blks_scanned, heap_blks_total, 'blocks' FROM pg_stat_progress_vacuum WHERE pid = $1::int8
UNION ALL
SELECT heap_blks_scanned, heap_blks_total, 'blocks' FROM pg_stat_progress_cluster WHERE pid = $1::int8
