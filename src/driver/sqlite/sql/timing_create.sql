CREATE TABLE IF NOT EXISTS main.@journal@statement_timings (
	id INTEGER PRIMARY KEY,
	project TEXT NOT NULL,
	at TEXT NOT NULL,
	version TEXT NOT NULL,
	statement INTEGER NOT NULL,
	operation TEXT NOT NULL,
	work TEXT NOT NULL CHECK (work IN ('scan', 'rewrite', 'index')),
	bytes INTEGER NOT NULL,
	estimate_ms INTEGER NOT NULL,
	actual_ms INTEGER NOT NULL
)
