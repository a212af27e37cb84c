-- $1 name -> t when no living run has this scratch database
SELECT pg_try_advisory_lock(hashtextextended($1::text, 20261121))
