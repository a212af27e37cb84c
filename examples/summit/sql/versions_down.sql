-- Takes away what versions.sql made: views, functions, and the two tables with what was logged and locked in them. The
-- journal, which has the history itself, stays as it is.
\set ON_ERROR_STOP on
DROP SCHEMA IF EXISTS summit CASCADE;
