-- $1 name -> 1
SELECT 1 FROM pg_tablespace WHERE spcname = $1::text
