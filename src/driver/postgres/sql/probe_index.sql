-- $1 index -> 1 when it is valid
SELECT CASE WHEN indisvalid THEN 1 ELSE 0 END FROM pg_index WHERE indexrelid = $1::int8::oid
