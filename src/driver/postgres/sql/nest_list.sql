-- $1 start of the name -> databases on which things are tried out
SELECT datname FROM pg_database WHERE starts_with(datname::text, $1::text) ORDER BY datname
