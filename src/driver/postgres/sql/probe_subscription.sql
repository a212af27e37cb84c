-- $1 name -> 1
SELECT 1 FROM pg_subscription
WHERE subname = $1::text AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
