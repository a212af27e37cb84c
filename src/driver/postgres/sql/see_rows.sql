-- A query that a policy would hide rows from is an error.
SET LOCAL row_security = off
