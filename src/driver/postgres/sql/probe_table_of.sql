-- $1 index -> its table
SELECT indrelid::int8 FROM pg_index WHERE indexrelid = $1::int8::oid
