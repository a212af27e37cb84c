-- $1: what EXPLAIN (FORMAT JSON) gave. One row for each node, a node before those below it.
WITH RECURSIVE node (path, depth, n) AS (
  SELECT ARRAY[0::bigint], 0, $1::jsonb -> 0 -> 'Plan'
  UNION ALL
  SELECT node.path || below.place, node.depth + 1, below.value
  FROM node, pg_catalog.jsonb_array_elements(node.n -> 'Plans') WITH ORDINALITY AS below (value, place)
)
SELECT depth,
       CASE n ->> 'Node Type'
         WHEN 'Aggregate' THEN CASE n ->> 'Strategy' WHEN 'Hashed' THEN 'HashAggregate' WHEN 'Sorted' THEN 'GroupAggregate'
                                                     WHEN 'Mixed' THEN 'MixedAggregate' ELSE 'Aggregate' END
         WHEN 'ModifyTable' THEN n ->> 'Operation'
         ELSE n ->> 'Node Type'
       END,
       n ->> 'Relation Name', n ->> 'Alias', n ->> 'Index Name', n ->> 'Join Type',
       (SELECT pg_catalog.string_agg(k #>> '{}', ', ')
        FROM pg_catalog.jsonb_array_elements(COALESCE(n -> 'Sort Key', n -> 'Group Key', '[]')) AS k),
       COALESCE(n ->> 'Index Cond', n ->> 'Hash Cond', n ->> 'Merge Cond', n ->> 'Join Filter', n ->> 'Recheck Cond',
                n ->> 'Filter', n ->> 'One-Time Filter'),
       n ->> 'Total Cost', n ->> 'Plan Rows',
       (n ->> 'Actual Rows')::float8 * (n ->> 'Actual Loops')::float8, n ->> 'Actual Loops',
       (n ->> 'Actual Total Time')::float8 * (n ->> 'Actual Loops')::float8,
       n ->> 'Shared Hit Blocks', n ->> 'Shared Read Blocks', n ->> 'Temp Read Blocks', n ->> 'Temp Written Blocks',
       CASE
         WHEN n ->> 'Sort Space Type' = 'Disk' THEN n ->> 'Sort Space Used'
         WHEN n ? 'Disk Usage' THEN n ->> 'Disk Usage'
         WHEN (n ->> 'Hash Batches')::bigint > 1
           THEN ((n ->> 'Peak Memory Usage')::bigint * ((n ->> 'Hash Batches')::bigint - 1))::text
         ELSE '0'
       END,
       $1::jsonb -> 0 ->> 'Planning Time', $1::jsonb -> 0 ->> 'Execution Time'
FROM node
ORDER BY path
