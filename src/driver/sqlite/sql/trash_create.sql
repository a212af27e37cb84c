CREATE TABLE IF NOT EXISTS main.@journal@migration_trash (
	id INTEGER PRIMARY KEY,
	project TEXT NOT NULL,
	version TEXT NOT NULL,
	run TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('table', 'column', 'rows')),
	object TEXT NOT NULL,
	method TEXT NOT NULL CHECK (method IN ('rename', 'rewrite', 'copy')),
	store TEXT NOT NULL,
	"rows" INTEGER,
	bytes INTEGER,
	restore_sql TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'restored', 'purged')),
	set_aside_at TEXT NOT NULL,
	ended_at TEXT
)
