-- One line of the audit; as migration_put.sql, in the order of journal_create.sql.
INSERT INTO main.@journal@migration_history VALUES (NULL, whimbrel_time(0), ?1, ?2, ?3, ?4, ?5, ?6, ?7,
	?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
