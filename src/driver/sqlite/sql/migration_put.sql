-- Writes one whole row. Without a list of columns, since sqlite3 prepares this anew after each migration that
-- changes the schema, and looking up names was a third of it: the order is that of journal_create.sql.
REPLACE INTO main.@journal@schema_migrations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
	whimbrel_time(?15), iif(?11 = 'running', NULL, whimbrel_time(0)), ?15, ?16, ?17, ?18, ?19, ?20, ?25, ?23, ?24, ?21, ?22)
