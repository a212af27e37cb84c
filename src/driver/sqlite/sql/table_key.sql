-- The columns of the primary key.
SELECT i.name FROM pragma_table_info(?2) i WHERE i.pk > 0 AND ?1 IS NOT NULL ORDER BY i.pk
