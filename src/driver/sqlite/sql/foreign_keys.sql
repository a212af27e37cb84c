-- Every foreign key; one that names no columns means the primary key of the other table.
SELECT NULL, m.name, NULL, f.id, f."from", NULL, f."table",
       coalesce(f."to", (SELECT i.name FROM pragma_table_info(f."table") i WHERE i.pk = f.seq + 1)), f.on_delete
FROM main.sqlite_master m JOIN pragma_foreign_key_list(m.name) f
WHERE m.type = 'table'
ORDER BY m.name, f.id, f.seq
