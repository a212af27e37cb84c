-- $1 name -> 1 when it is usable, 0 when an interrupted DROP DATABASE left it behind
SELECT CASE WHEN datconnlimit = -2 THEN 0 ELSE 1 END FROM pg_database WHERE datname = $1::text
