-- bytes that this database takes
SELECT pg_database_size(current_database())
