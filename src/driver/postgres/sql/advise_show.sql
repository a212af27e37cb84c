-- Shows the planner an index that is not there.
SELECT i.indexname, hypopg_relation_size(i.indexrelid)::pg_catalog.int8 FROM hypopg_create_index($1) i
