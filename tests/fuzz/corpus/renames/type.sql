CREATE TYPE t AS (x int, -- renamed from: y
 z int);
SELECT 1; -- renamed from: [a]