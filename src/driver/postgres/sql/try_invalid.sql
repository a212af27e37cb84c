-- What makes the checks of the copy $2 of relation $1 as they are there: a copy takes all of them to be valid.
SELECT format('ALTER TABLE pg_temp.%I DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', $2::text, c.conname, c.conname,
              pg_get_constraintdef(c.oid)) AS sql
FROM pg_constraint c
WHERE c.conrelid = $1::regclass AND c.contype = 'c' AND NOT c.convalidated
ORDER BY c.conname
